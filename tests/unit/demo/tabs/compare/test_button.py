"""The button of Compare shows that a question is being answered."""

from demo.session import Reader
from demo.tabs.compare.running import ReaderQuestion, RunningQuestion
from demo.tabs.compare.tab import _button
from demo.texts import texts_in


def test_the_button_shows_that_it_works_until_the_question_is_over():
    reader, texts = Reader(), texts_in("en")
    assert _button(reader)["value"] == texts("compare.button")
    reader.asking = RunningQuestion(ReaderQuestion("fine", 5, frozenset()), iter(()), reader)
    assert _button(reader)["value"] == texts("compare.asking_now")
    reader.asking.start()
    reader.asking.join()
    assert _button(reader)["value"] == texts("compare.button")

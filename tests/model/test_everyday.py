"""The shipped model on what a class types. Training does not contain these sentences."""

import pytest

from deployments.model.loading import load_classifier
from deployments.model.source import SHIPPED

POSITIVE = """
I love this movie!
I LOVE THIS MOVIE
i love this movie
An utterly charming film.
not bad
Not bad at all!
It's wonderful.
it 's wonderful
This isn't boring at all.
I can't complain, everything worked.
You won't be disappointed.
The food was delicious and the staff were kind.
My new laptop is fast and quiet.
Great lecture, thank you!
Best day of my life 😍
👍
I was wrong about this band, they're amazing.
Couldn't be happier with my purchase.
Wow, what a performance!
Who wouldn't love this place?
I laughed until I cried.
It was worth every penny.
good
Despite a slow start, the ending is superb.
""".strip().splitlines()
NEGATIVE = """
I hated every minute.
I HATED EVERY MINUTE
i hated every minute of it
not good
Not good at all!
It's terrible.
it 's terrible
This isn't funny.
I don't like it.
I wouldn't watch it again.
Don't waste your time.
The food was cold and the waiter was rude.
My new laptop broke after two days.
This was the worst lecture of the year.
Worst day of my life 😭
👎
I expected more from this band.
Never buying from this shop again.
What a waste of money!
Why would anyone watch this?
Is this supposed to be funny?
I fell asleep after ten minutes.
bad
Despite great actors, the film is a mess.
""".strip().splitlines()


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


@pytest.mark.parametrize(
    ("label", "texts"),
    [("POSITIVE", POSITIVE), ("NEGATIVE", NEGATIVE)],
    ids=["positive", "negative"],
)
def test_everyday_sentences(classifier, label: str, texts: list[str]) -> None:
    wrong = [
        text
        for text, (found, _) in zip(texts, classifier.predict(texts), strict=True)
        if found != label
    ]
    # a turn such as "I can't complain" is what so small a model may miss; its card says so
    assert len(wrong) <= 2, wrong


def test_form_does_not_change_the_label(classifier) -> None:
    for text in ("What a lovely film", "What a dreadful film"):
        forms = [text, text.upper(), text.lower(), f"{text}.", f"{text}!!!", f"  {text}  "]
        assert len({label for label, _ in classifier.predict(forms)}) == 1


def test_the_folder_is_small_enough_for_git() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) <= 32_000_000

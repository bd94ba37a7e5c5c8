from demo.tabs.compare.agreement import agreement
from demo.tabs.compare.comparison import Comparison, MethodRow
from demo.texts import texts_in
from hostlab.measure.comparison import MeasuredPrediction

EN, RU = texts_in("en"), texts_in("ru")
FAILED = "It closed the connection."


def row(method, *labels, score=0.9, error=None):
    predictions = [MeasuredPrediction(method, "a text", label, score, 10.0) for label in labels]
    return MethodRow(method, predictions, error=error)


def sentence(*rows, texts=EN):
    asked = ["a text"] * max(len(one.predictions) for one in rows)
    return agreement(Comparison(asked, 0, list(rows), "done"), texts).sentence


def test_methods_agree_or_not_on_any_labels():
    equal = "All methods predict joy. Scores are equal to four decimal places."
    assert sentence(row("in-process", "joy"), row("docker", "joy")) == equal
    apart = "All methods predict joy. Scores differ by at most 0.2000."
    assert sentence(row("in-process", "joy"), row("docker", "joy", score=0.7)) == apart
    without_score = row("api", "joy", score=None)
    assert sentence(row("in-process", "joy"), without_score) == "All methods predict joy."
    different = "≠ The methods disagree: anger, joy."
    assert sentence(row("in-process", "joy"), row("api", "anger")) == different
    alone = "In one process predicts joy. To compare, start a second method."
    assert sentence(row("in-process", "joy")) == alone


def test_a_method_that_failed_is_not_one_of_all():
    rows = row("in-process", "joy"), row("separate-process", error=FAILED), row("docker", "joy")
    assert sentence(*rows) == (
        "2 of 3 methods predict joy. Failed: In a separate process. "
        "Scores are equal to four decimal places."
    )
    assert sentence(*rows, texts=RU).startswith("2 из 3 способов дали метку joy. Ошибка: ")
    assert sentence(*rows[:2]) == "In one process predicts joy. Failed: In a separate process."
    different = row("api", "anger"), *rows[:2]
    assert sentence(*different).endswith("disagree: anger, joy. Failed: In a separate process.")


def test_a_method_that_fails_after_its_prediction_has_predicted():
    later = row("docker", "joy", error=FAILED)
    assert sentence(row("in-process", "joy"), later).startswith("All methods predict joy.")


def test_a_method_that_failed_on_the_way_is_named_for_several_texts():
    both = sentence(row("in-process", "joy", "joy"), row("docker", "joy", error=FAILED))
    assert both.startswith("The methods agree on 1 of 1 texts (100%). Failed: Docker services.")

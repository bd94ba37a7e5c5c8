"""Labels and probabilities from the output of a chat model, without a network."""

import math
from types import SimpleNamespace

import pytest

from deployments.api.labels import NoLabel, Question, label_probability, label_starting_with


def token(text: str, **likely: float) -> SimpleNamespace:
    alternatives = [
        SimpleNamespace(token=name, logprob=math.log(probability))
        for name, probability in likely.items()
    ]
    return SimpleNamespace(
        token=text, logprob=math.log(likely.get(text, 0.5)), top_logprobs=alternatives
    )


@pytest.mark.parametrize("response", ["POSITIVE", " positive\n", '"Positive".', "**positive**"])
def test_a_label_may_have_punctuation_around_it(response: str) -> None:
    assert Question("m", "?", ("POSITIVE", "NEGATIVE")).find_label(response) == "POSITIVE"


@pytest.mark.parametrize(
    "response", ["", "neutral", "positive or negative", "It is positive.", "POS", "not positive"]
)
def test_anything_else_is_no_label(response: str) -> None:
    with pytest.raises(NoLabel):
        Question("m", "?", ("POSITIVE", "NEGATIVE")).find_label(response)


def test_tokens_that_begin_a_label() -> None:
    labels = ("POSITIVE", "NEGATIVE", "NEUTRAL")
    assert [
        label_starting_with(labels, text)
        for text in ("POS", "▁positive", "Ġneg", "NE", "", "The", "positively")
    ] == ["POSITIVE", "POSITIVE", "NEGATIVE", *[None] * 4]


def test_scores() -> None:
    labels = ("POSITIVE", "NEGATIVE")
    assert label_probability(
        labels, "POSITIVE", [token("\n", x=1.0), token("POS", POS=0.5, pos=0.1, NEG=0.2, The=0.2)]
    ) == pytest.approx(0.75)
    assert label_probability(labels, "POSITIVE", [token("POSITIVE", POSITIVE=1.0)]) == 1.0
    assert (
        label_probability(("sehr gut", "sehr schlecht"), "sehr gut", [token("sehr", sehr=1.0)])
        is None
    ), "the first token does not tell them apart"
    assert (
        label_probability(labels, "POSITIVE", [token("<think>", x=1.0), token("POS", POS=1.0)])
        is None
    ), "that was not the answer's first token"
    assert label_probability(labels, "POSITIVE", [token("\n", x=1.0)]) is None

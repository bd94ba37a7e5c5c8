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


@pytest.mark.parametrize(
    ("labels", "response", "label"),
    [
        (("U.S.", "E.U."), "U.S.", "U.S."),
        (("U.S.", "E.U."), "e.u", "E.U."),
        (("U.S.", "E.U."), "**U.S.**.", "U.S."),
        ((".NET", "Java"), ".NET", ".NET"),
        ((".NET", "Java"), "`net`", ".NET"),
        (("good", "good!"), "good", "good"),
        (("good", "good!"), "good!", "good!"),
        (("a", "A"), "A", "A"),
        (("*", "**", "***"), "**", "**"),
        (("?", "!"), "!", "!"),
        (("Yes!", "No!"), "Yes。", "Yes!"),
        (("LABEL_0",), "LABEL_0", "LABEL_0"),
    ],
)
def test_a_label_may_consist_of_punctuation_and_end_in_it(
    labels: tuple[str, ...], response: str, label: str
) -> None:
    assert Question("m", "?", labels).find_label(response) == label


@pytest.mark.parametrize(
    ("labels", "response"),
    [(("good", "good!"), "good."), (("?", "!"), "."), (("*", "**"), ""), (("a", "A"), "*a*.")],
)
def test_nothing_is_guessed_between_two(labels: tuple[str, ...], response: str) -> None:
    with pytest.raises(NoLabel):
        Question("m", "?", labels).find_label(response)


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
    assert label_probability(("stars",), "stars", [token("stars", stars=0.6)]) is None, (
        "among one label, it would always be 1"
    )


@pytest.mark.parametrize(
    ("labels", "label", "tokens"),
    [
        (("U.S.", "E.U."), "U.S.", [token("U", U=0.6, E=0.2), token(".S"), token(".")]),
        ((".NET", "Java"), ".NET", [token(".", x=1.0), token("NET", NET=0.6, Java=0.2)]),
        (
            ("POSITIVE", "NEGATIVE"),
            "POSITIVE",
            [token(text) for text in ("<think>", "NEG", "</think>")]
            + [token("POS", POS=0.6, NEG=0.2), token("ITIVE"), token("</s>")],
        ),
    ],
    ids=["a mark at the end", "a mark at the start", "after a thought"],
)
def test_the_first_token_of_the_answer(
    labels: tuple[str, ...], label: str, tokens: list[SimpleNamespace]
) -> None:
    assert label_probability(labels, label, tokens) == pytest.approx(0.75)


def test_the_first_token_after_a_long_thought() -> None:
    thought = [token("word ")] * 20_000
    answer = [token("POS", POS=0.6, NEG=0.2), token("ITIVE")]
    labels = ("POSITIVE", "NEGATIVE")
    assert label_probability(labels, "POSITIVE", thought + answer) == pytest.approx(0.75)

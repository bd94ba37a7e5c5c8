"""What the local provider answers to a choice question, from the scores of its classifier."""

import pytest

from deployments.api.stand_in.api_errors import ApiError
from deployments.api.stand_in.openai_shapes import DecisionRequest, decision


def choose(scores: dict[str, float], *offered: str) -> dict:
    question = {
        "type": "choice",
        "instructions": "?",
        "choices": [{"value": value} for value in offered],
    }
    request = DecisionRequest.model_validate({"model": "m", "input": "x", "questions": [question]})
    [answer] = decision(request, scores, 3)["answers"]
    return answer


@pytest.mark.parametrize(
    ("scores", "offered", "choice", "confidence"),
    [
        ({"POSITIVE": 0.75, "NEGATIVE": 0.25}, ("negative", "positive"), "positive", 0.5),
        ({"LABEL_0": 0.6}, ("LABEL_0",), "LABEL_0", 0.6),
        ({"a": 0.25, "A": 0.75}, ("a", "A"), "A", 0.5),
    ],
    ids=["two labels", "one label", "labels that differ in case"],
)
def test_the_choice(
    scores: dict[str, float], offered: tuple[str, ...], choice: str, confidence: float
) -> None:
    answer = choose(scores, *offered)
    assert answer["choice"] == choice and answer["confidence"] == pytest.approx(confidence)
    probabilities = {one["value"]: one["probability"] for one in answer["probabilities"]}
    assert list(probabilities) == list(offered)
    assert probabilities[choice] == max(scores.values())


def test_other_choices_are_refused() -> None:
    with pytest.raises(ApiError, match="knows only these choices: POSITIVE, NEGATIVE"):
        choose({"POSITIVE": 0.75, "NEGATIVE": 0.25}, "POSITIVE", "maybe")

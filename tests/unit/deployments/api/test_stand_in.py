"""What the local provider answers to a choice question, from the scores of its classifier."""

import pytest
from fastapi.testclient import TestClient

from deployments.api.stand_in.api_errors import ApiError
from deployments.api.stand_in.behavior import Accounts
from deployments.api.stand_in.openai_shapes import DecisionRequest, decision
from deployments.api.stand_in.provider import create_provider
from deployments.services import telemetry
from deployments.services.settings import Settings


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


def test_an_unexpected_error_is_counted_and_named_as_in_the_services() -> None:
    app = create_provider(Settings.from_environment("api", 5001), Accounts([]), "")

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("on purpose")

    with TestClient(app, raise_server_exceptions=False) as client:
        counted = telemetry.REQUESTS.labels("other", 500)._value
        before = counted.get()
        response = client.get("/broken")
        assert (response.status_code, counted.get()) == (500, before + 1)
        assert response.headers["X-Request-ID"] == response.json()["request_id"]

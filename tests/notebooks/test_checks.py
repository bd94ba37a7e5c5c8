"""Each check, given an answer that is right, one that is missing, and several that are wrong: on
the live service, as in class.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from fastapi import FastAPI

from deployments.model.classifier import Classifier
from deployments.services.application import create_app
from deployments.services.batching import BatchedModel
from deployments.services.settings import Settings
from hostlab import get
from hostlab.deployment import Deployment
from notebooks.lessons.check_in_process import (
    check_labels_route,
    check_night_watch,
    check_retry,
    check_robust,
)
from notebooks.lessons.check_overview import check_p95, check_texts_at_once, check_weak_spot
from notebooks.lessons.verdict import check, require
from tests.notebooks.conftest import raising, unsolved

METHOD = "in-process"


# lesson 00


def right_p95(latencies_ms: list[float], warm_up: int) -> float:
    rest = sorted(latencies_ms[warm_up:])
    return rest[int(0.95 * len(rest))]


@pytest.mark.parametrize(
    ("answer", "expected", "hint"),
    [
        (right_p95, "[OK]", "ms"),
        (unsolved, "[--]", "p95()"),
        (raising, "[FAIL]", "ZeroDivisionError: division by zero"),
        (lambda latencies, warm_up: "12 ms", "[FAIL]", "not a number"),
        (lambda latencies, warm_up: right_p95(latencies, warm_up) / 1000, "[FAIL]", "milliseconds"),
        (lambda latencies, warm_up: right_p95(latencies, 0), "[FAIL]", "warm-up"),
        (lambda latencies, warm_up: min(latencies[warm_up:]), "[FAIL]", "It should be 95%"),
    ],
)
def test_check_p95(
    answer: Callable, expected: str, hint: str, classifier: Classifier, verdict: Callable
) -> None:
    said = verdict(check_p95, answer, classifier)
    assert said.startswith(expected) and hint in said


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "[--]"),
        (..., "[--]"),
        (1, "[FAIL]"),
        (0, "[FAIL]"),
        (65, "[FAIL]"),
        ("32", "[FAIL]"),
        (2.5, "[FAIL]"),
    ],
)
def test_check_texts_at_once_given_a_wrong_answer(
    answer: Any, expected: str, classifier: Classifier, verdict: Callable
) -> None:
    assert verdict(check_texts_at_once, answer, classifier).startswith(expected)


def test_check_weak_spot(classifier: Classifier, verdict: Callable) -> None:
    [(label, _)] = classifier.predict(["What a lovely film!"])
    other = next(one for one in classifier.labels if one != label)
    assert verdict(check_weak_spot, "What a lovely film!", other, classifier).startswith(
        "[OK]"
    )  # a person may think so
    assert verdict(check_weak_spot, "What a lovely film!", label, classifier).startswith(
        "[FAIL] The model says"
    )
    assert verdict(check_weak_spot, "What a lovely film!", "good", classifier).startswith(
        "[FAIL] truth is 'good'"
    )
    assert verdict(check_weak_spot, None, label, classifier).startswith("[--]")


# lesson 01


def application(classifier: Classifier) -> FastAPI:
    return create_app(
        BatchedModel(lambda: classifier, 256), Settings.from_environment("in-process", 5000)
    )


def with_labels(answer: Any, **route: Any) -> Callable[[Classifier], FastAPI]:
    def build(classifier: Classifier) -> FastAPI:
        app = application(classifier)

        @app.get("/labels", **route)
        def labels() -> Any:
            return answer(classifier)

        return app

    return build


def with_broken_predict(classifier: Classifier) -> FastAPI:
    app = FastAPI()
    app.get("/labels")(lambda: classifier.labels)
    return app


@pytest.mark.parametrize(
    ("build", "expected", "hint"),
    [
        (with_labels(lambda classifier: classifier.labels), "[OK]", "POSITIVE"),
        (application, "[--]", "nothing at /labels"),
        (unsolved, "[FAIL]", "return app"),
        (with_labels(lambda classifier: {"labels": classifier.labels}), "[FAIL]", "a JSON list"),
        (with_labels(lambda classifier: classifier.labels[:1]), "[FAIL]", "a JSON list"),
        (with_labels(raising), "[FAIL]", "status 500"),
        (
            with_labels(lambda classifier: classifier.labels, include_in_schema=False),
            "[FAIL]",
            "/docs",
        ),
        (with_broken_predict, "[FAIL]", "POST /predict"),
    ],
)
def test_check_labels_route(
    build: Callable, expected: str, hint: str, classifier: Classifier, verdict: Callable
) -> None:
    said = verdict(check_labels_route, build, classifier)
    assert said.startswith(expected) and hint in said


def naive(classifier: Classifier, **changed: Any) -> FastAPI:
    app = FastAPI()

    @app.post("/predict")
    def predict(body: dict) -> Any:
        if "answer" in changed:
            return changed["answer"]
        return [
            {"label": label, "score": score} for label, score in classifier.predict([body["text"]])
        ]

    return app


@pytest.mark.parametrize(
    ("build", "expected", "hint"),
    [
        (application, "[OK]", "from 400 to 499"),
        (unsolved, "[--]", "robust()"),
        (naive, "[FAIL]", "without the `text` field: your service responded with 500"),
        (lambda classifier: FastAPI(), "[FAIL]", "status 404"),
        (lambda classifier: naive(classifier, answer="POSITIVE"), "[FAIL]", "one label and score"),
        (
            lambda classifier: naive(classifier, answer=[{"label": "POSITIVE", "score": 1}]),
            "[FAIL]",
            "responded with 200",
        ),
    ],
)
def test_check_robust(
    build: Callable, expected: str, hint: str, classifier: Classifier, verdict: Callable
) -> None:
    said = verdict(check_robust, build, classifier)
    assert said.startswith(expected) and hint in said


def asks_until_answered(
    url: str, texts: list[str], wait: Callable[[requests.Response], float]
) -> Any:
    while (
        answer := requests.post(f"{url}/predict", json={"text": texts}, timeout=60)
    ).status_code == 503:
        time.sleep(wait(answer))
    return answer.json()


def retry_after(answer: requests.Response) -> float:
    return int(answer.headers["Retry-After"])


@pytest.mark.parametrize(
    ("predict_with_retry", "expected", "hint"),
    [
        (
            lambda url, texts: asks_until_answered(url, texts, retry_after),
            "[OK]",
            "waited as long as requested",
        ),
        (unsolved, "[--]", "predict_with_retry()"),
        (
            lambda url, texts: asks_until_answered(url, texts, lambda answer: 0.1),
            "[FAIL]",
            "to a service that was full",
        ),
        (
            lambda url, texts: requests.post(
                f"{url}/predict", json={"text": texts}, timeout=60
            ).raise_for_status(),
            "[FAIL]",
            "gave up after 1",
        ),
        (lambda url, texts: asks_until_answered(url, texts[:1], retry_after), "[FAIL]", ""),
        (
            lambda url, texts: [{"label": "POSITIVE", "score": 1.0}] * len(texts),
            "[FAIL]",
            "The check saw no request",
        ),
    ],
)
def test_check_retry(
    predict_with_retry: Callable,
    expected: str,
    hint: str,
    service: Deployment,
    verdict: Callable,
) -> None:
    said = verdict(check_retry, predict_with_retry, service)
    assert said.startswith(expected) and hint in said


def brings_back(service: Deployment) -> bool:
    if service.status().state == "running":
        return False
    service.start()
    return True


def restarts_always(service: Deployment) -> bool:
    service.stop()
    service.start()
    return True


@pytest.mark.parametrize(
    ("bring_back", "expected", "hint"),
    [
        (brings_back, "[OK]", "responded again after"),
        (unsolved, "[--]", "stayed dead"),
        (restarts_always, "[FAIL]", "your function restarted it"),
        (lambda service: service.status().state != "running", "[FAIL]", "still doesn't respond"),
        (lambda service: service.start() and None, "[FAIL]", "It should return True"),
        (lambda service: service.start() and True, "[FAIL]", "It should return False"),
    ],
)
def test_check_night_watch(
    bring_back: Callable, expected: str, hint: str, service: Deployment, verdict: Callable
) -> None:
    said = verdict(check_night_watch, bring_back, service)
    assert said.startswith(expected) and hint in said
    assert service.status().state == "running"


def test_strict_makes_an_error_of_what_is_not_ok(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTLAB_LESSON_CHECKS", "strict")
    check_p95(right_p95, classifier)
    with pytest.raises(AssertionError, match="not solved yet"):
        check_p95(unsolved, classifier)


@pytest.mark.parametrize("how", ["lenient", "strict"])
def test_what_cannot_be_tried_here_is_said_and_is_no_error(
    how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOSTLAB_LESSON_CHECKS", how)
    service = get("docker")
    monkeypatch.setattr(service, "missing_tools", lambda: "There is no program `docker`.")

    @check
    def check_something(service: Deployment) -> str:
        require(service)
        return "It was tried."

    check_something(service)
    assert capsys.readouterr().out.startswith(
        "[--] This exercise needs Docker, which is missing here"
    )

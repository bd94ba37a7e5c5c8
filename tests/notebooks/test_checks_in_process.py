"""Each check of lesson 01, given solutions that are right, missing, and wrong."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from fastapi import FastAPI, HTTPException, Request

from deployments.model.classifier import Classifier
from deployments.services.application import create_app
from deployments.services.batching import BatchedModel
from deployments.services.settings import Settings
from hostlab.deployment import Deployment
from notebooks.lessons.check_in_process import (
    check_labels_route,
    check_night_watch,
    check_retry,
    check_robust,
)
from tests.notebooks.conftest import raising, unsolved

METHOD = "in-process"


def application(classifier: Classifier) -> FastAPI:
    return create_app(
        BatchedModel(lambda: classifier, 256), Settings.from_environment("in-process", 5000)
    )


def with_labels(content: Any, **route: Any) -> Callable[[Classifier], FastAPI]:
    def build(classifier: Classifier) -> FastAPI:
        app = application(classifier)

        @app.get("/labels", **route)
        def labels() -> Any:
            return content(classifier)

        return app

    return build


def with_broken_predict(classifier: Classifier) -> FastAPI:
    app = FastAPI()
    app.get("/labels")(lambda: classifier.labels)
    return app


@pytest.mark.parametrize(
    ("build", "expected", "hint"),
    [
        (with_labels(lambda classifier: classifier.labels), "[OK]", "exciting"),
        (with_labels(lambda _: ["NEGATIVE", "POSITIVE"]), "[FAIL]", "ask the classifier"),
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
    output = verdict(check_labels_route, build, classifier)
    assert output.startswith(expected) and hint in output


def blaming(classifier: Classifier) -> FastAPI:
    """Return an application that takes each error for the client's mistake."""
    app = FastAPI()

    @app.post("/predict")
    async def predict(request: Request) -> Any:
        try:
            text = (await request.json())["text"]
            assert isinstance(text, str) and text
            [(label, score)] = classifier.predict([text])
        except Exception as error:
            raise HTTPException(400) from error
        return [{"label": label, "score": score}]

    return app


def naive(classifier: Classifier, **changed: Any) -> FastAPI:
    app = FastAPI()

    @app.post("/predict")
    def predict(body: dict) -> Any:
        if "response" in changed:
            return changed["response"]
        return [
            {"label": label, "score": score} for label, score in classifier.predict([body["text"]])
        ]

    return app


@pytest.mark.parametrize(
    ("build", "expected", "hint"),
    [
        (application, "[OK]", "from 400 to 499"),
        (unsolved, "[--]", "robust()"),
        (blaming, "[FAIL]", "blames the client"),
        (naive, "[FAIL]", "without the `text` field: your service responded with 500"),
        (lambda classifier: FastAPI(), "[FAIL]", "status 404"),
        (
            lambda classifier: naive(classifier, response="POSITIVE"),
            "[FAIL]",
            "one label and score",
        ),
        (
            lambda classifier: naive(classifier, response=[{"label": "POSITIVE", "score": 1}]),
            "[FAIL]",
            "responded with 200",
        ),
    ],
)
def test_check_robust(
    build: Callable, expected: str, hint: str, classifier: Classifier, verdict: Callable
) -> None:
    output = verdict(check_robust, build, classifier)
    assert output.startswith(expected) and hint in output, output


def retries_until_success(
    url: str, texts: list[str], wait: Callable[[requests.Response], float]
) -> Any:
    while (
        response := requests.post(f"{url}/predict", json={"text": texts}, timeout=60)
    ).status_code == 503:
        time.sleep(wait(response))
    return response.json()


def retry_after(response: requests.Response) -> float:
    return int(response.headers["Retry-After"])


@pytest.mark.parametrize(
    ("predict_with_retry", "expected", "hint"),
    [
        (
            lambda url, texts: retries_until_success(url, texts, retry_after),
            "[OK]",
            "waited as long as requested",
        ),
        (unsolved, "[--]", "predict_with_retry()"),
        (
            lambda url, texts: print(retries_until_success(url, texts, retry_after)),
            "[FAIL]",
            "but returned nothing. print()",
        ),
        (
            lambda url, texts: retries_until_success(url, texts, lambda response: 0.1),
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
        (lambda url, texts: retries_until_success(url, texts[:1], retry_after), "[FAIL]", ""),
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
    output = verdict(check_retry, predict_with_retry, service)
    assert output.startswith(expected) and hint in output


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
    output = verdict(check_night_watch, bring_back, service)
    assert output.startswith(expected) and hint in output
    assert service.status().state == "running"

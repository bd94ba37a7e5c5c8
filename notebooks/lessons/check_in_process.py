"""The checks of lesson 01.

They serve what the student built, kill the service, or fill its queue, and observe the result.
"""

import copy
import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from textwrap import shorten
from typing import Any

import requests
from fastapi import FastAPI

from deployments.model.classifier import Classifier
from hostlab.client import Client
from hostlab.deployment import Deployment
from hostlab.errors import RequestFailed
from notebooks.lessons.calls import CallResult, timed_call
from notebooks.lessons.live import ServedHere
from notebooks.lessons.request_recorder import RecordedRequest, RequestRecorder
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, run

texts = LessonTexts("in_process")

GOOD = "An utterly charming film."
BAD_BODIES = {
    "no_text_field": json.dumps({"txt": GOOD}),
    "a_number": json.dumps({"text": 42}),
    "no_object": json.dumps([GOOD]),
    "empty": json.dumps({"text": ""}),
    "not_json": '{"text": ',
}
FILLERS, TEXTS_EACH = 8, 64  # together, twice as many texts as the queue holds
OTHER_LABELS = ["boring", "exciting"]  # a hard-coded list does not have them
SHORT = 200  # characters of a response that a verdict shows
ATTEMPTS = 3  # a request can succeed if a batch has just left the queue
LONG = (
    "The plot makes no sense at all, the actors look as if they wanted to go home, and still I "
    "could not help but smile."
)


class _Crashing(Classifier):
    """A copy of a classifier whose predict() fails once `crashes` is set."""

    def __init__(self, working: Classifier) -> None:
        vars(self).update(vars(working))
        self.crashes = False

    def predict(self, texts: list[str]) -> list[tuple[str, float]]:
        if self.crashes:
            raise RuntimeError("The check made the model crash.")
        return super().predict(texts)


@check
def check_labels_route(build: Callable[[Classifier], FastAPI], classifier: Classifier) -> str:
    """Serve the student's application with a model that has other labels, and request /labels."""
    doing(texts("route_doing"))
    other = copy.copy(classifier)
    other.labels = OTHER_LABELS
    with ServedHere(_application(run(build, other))) as served:
        response = requests.get(f"{served.url}/labels", timeout=10)
        if response.status_code == 404:
            raise NotSolved(texts("route_unsolved"))
        if response.status_code != 200:
            body = shorten(response.text, SHORT, placeholder=" …")
            raise Wrong(texts("route_status", status=response.status_code, body=body))
        found = _json(response)
        if isinstance(found, list) and sorted(map(str, found)) == sorted(classifier.labels):
            raise Wrong(texts("route_fixed", found=found, labels=OTHER_LABELS))
        if not isinstance(found, list) or sorted(map(str, found)) != sorted(OTHER_LABELS):
            raise Wrong(texts("route_content", found=found, labels=OTHER_LABELS))
        if "/labels" not in requests.get(f"{served.url}/openapi.json", timeout=10).json()["paths"]:
            raise Wrong(texts("route_hidden"))
        predicted = requests.post(f"{served.url}/predict", json={"text": GOOD}, timeout=30)
        if predicted.status_code != 200:
            raise Wrong(texts("route_broke_predict", status=predicted.status_code))
    return texts("route_ok", found=found)


@check
def check_robust(build: Callable[[Classifier], FastAPI], classifier: Classifier) -> str:
    """Serve the student's application: a valid request, every invalid one, a model that crashes."""
    app = run(build, classifier)
    if is_missing(app):
        raise NotSolved(texts("robust_unsolved"))
    doing(texts("robust_doing"))
    with ServedHere(_application(app)) as served:
        good = requests.post(f"{served.url}/predict", json={"text": GOOD}, timeout=30)
        if good.status_code != 200:
            body = shorten(good.text, SHORT, placeholder=" …")
            raise Wrong(texts("robust_broke", status=good.status_code, body=body))
        if not _is_prediction(_json(good), 1, classifier.labels):
            raise Wrong(texts("robust_prediction", found=_json(good)))
        for case, body in BAD_BODIES.items():
            mistake = texts.table("cases")[case]
            status = _status(served.url, body, mistake)
            if not 400 <= status < 500:
                raise Wrong(texts("robust_500", case=mistake, status=status))
    crashing = _Crashing(classifier)
    with ServedHere(_application(run(build, crashing))) as served:
        crashing.crashes = True
        status = _status(served.url, json.dumps({"text": GOOD}), texts("crash"))
        if 400 <= status < 500:
            raise Wrong(texts("robust_blames", status=status))
    return texts("robust_ok", count=len(BAD_BODIES))


def _status(url: str, body: str, case: str) -> int:
    headers = {"Content-Type": "application/json"}
    try:
        return requests.post(f"{url}/predict", data=body, headers=headers, timeout=30).status_code
    except requests.RequestException as error:
        raise Wrong(texts("robust_silent", case=case)) from error


@check
def check_retry(predict_with_retry: Callable[[str, list[str]], Any], service: Deployment) -> str:
    """Fill the queue of the running service, and call the student's function."""
    doing(texts("retry_doing"))
    url, batch = service.url, [GOOD] * TEXTS_EACH
    stop_filling = threading.Event()

    def stop_when_rejected(request: RecordedRequest) -> None:
        if request.retry_after_s:
            stop_filling.set()

    with ThreadPoolExecutor(FILLERS) as pool:
        for _ in range(FILLERS):
            pool.submit(_fill, url, stop_filling)
        try:
            _wait_until_full(url)
            for _ in range(ATTEMPTS):
                with RequestRecorder(stop_when_rejected) as recorder:
                    result = timed_call(predict_with_retry, url, batch)
                if stop_filling.is_set() or not recorder.requests:
                    break
        finally:
            stop_filling.set()
    _judge_retries(recorder.requests, result)
    count = len(recorder.requests)
    return texts("retry_ok", count=count, texts=TEXTS_EACH, seconds=result.seconds)


def _judge_retries(sent: Sequence[RecordedRequest], result: CallResult) -> None:
    """Raise NotSolved or Wrong if requests are missing, or were sent at the wrong time."""
    found, error = result.value, result.error
    if not sent and error is None:
        if is_missing(found):
            raise NotSolved(texts("retry_unsolved"))
        raise Wrong(texts("retry_no_request"))
    for earlier, later in pairwise(sent):
        waited_s, requested_s = later.sent_s - earlier.sent_s, earlier.retry_after_s
        if requested_s and waited_s < requested_s * 0.95:
            count = len(sent)
            raise Wrong(texts("retry_hurry", asked=requested_s, waited=waited_s, count=count))
    if error is not None:
        kind = type(error).__name__
        raise Wrong(texts("retry_raised", count=len(sent), kind=kind, message=error))
    if is_missing(found):
        raise NotSolved(texts("retry_nothing", count=len(sent)))
    if not _is_prediction(found, TEXTS_EACH):
        seen = shorten(repr(found), SHORT, placeholder=" …")
        raise Wrong(texts("retry_result", found=seen, count=TEXTS_EACH))
    if sent[0].status != 503:
        raise Wrong(texts("retry_never_full"))


@check
def check_night_watch(bring_back: Callable[[Deployment], Any], service: Deployment) -> str:
    """Call the student's function while the service runs, then after killing it.

    Whatever the function does, the service runs afterwards.
    """
    doing(texts("watch_doing"))
    service.start()
    before = service.status().run_id
    message = run(bring_back, service)
    if service.status().run_id != before:
        service.start()
        raise Wrong(texts("watch_restarted"))
    if message not in (False, None, ...):
        raise Wrong(texts("watch_alive_result", found=message))
    service.kill()
    killed = time.monotonic()
    try:
        message = run(bring_back, service)
        seconds, alive = time.monotonic() - killed, service.status().state == "running"
    finally:
        service.start()
    if not alive:
        raise (
            NotSolved(texts("watch_unsolved"))
            if is_missing(message)
            else Wrong(texts("watch_dead", found=message))
        )
    if message is not True:
        raise Wrong(texts("watch_dead_result", found=message))
    return texts("watch_ok", seconds=seconds)


def _fill(url: str, stop: threading.Event) -> None:
    with Client(url, timeout_s=60) as client:
        while not stop.is_set():
            with suppress(RequestFailed):
                client.ask([LONG] * TEXTS_EACH)
            stop.wait(0.02)  # leaves the processor to others when the request was rejected


def _wait_until_full(url: str) -> None:
    """Wait until the service rejects a request with 64 texts."""
    body, deadline = {"text": [LONG] * TEXTS_EACH}, time.monotonic() + 20
    while time.monotonic() < deadline:
        if requests.post(f"{url}/predict", json=body, timeout=60).status_code == 503:
            return


def _application(found: Any) -> FastAPI:
    if not isinstance(found, FastAPI):
        raise Wrong(texts("no_application", found=found))
    return found


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return shorten(response.text, SHORT, placeholder=" …")


def _is_prediction(found: Any, count: int, labels: list[str] | None = None) -> bool:
    if not isinstance(found, list) or len(found) != count:
        return False
    return all(
        isinstance(one, dict)
        and {"label", "score"} <= one.keys()
        and (labels is None or one["label"] in labels)
        for one in found
    )

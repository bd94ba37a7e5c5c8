"""The checks of lesson 01: they serve what the student built, kill the service, fill its queue, and
look at what happens.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import requests
from fastapi import FastAPI

from deployments.model.classifier import Classifier
from hostlab.client import Client
from hostlab.deployment import Deployment
from hostlab.errors import RequestFailed
from notebooks.lessons import texts
from notebooks.lessons.live import ServedHere
from notebooks.lessons.verdict import NotSolved, Wrong, check, run

GOOD = "An utterly charming film."
BAD_BODIES = {
    "no text field": json.dumps({"txt": GOOD}),
    "a number": json.dumps({"text": 42}),
    "no object": json.dumps([GOOD]),
    "empty": json.dumps({"text": ""}),
    "not JSON": '{"text": ',
}
FILLERS, TEXTS_EACH = 8, 64  # together twice of what the queue holds
LUCKY = 3  # a request may slip in just when a batch has left the queue: not more often than this
LONG = (
    "The plot makes no sense at all, the actors look as if they wanted to go home, and still I "
    "could not help but smile."
)


@check
def check_labels_route(build: Callable[[Classifier], FastAPI], classifier: Classifier) -> str:
    """Serve the student's application and ask it."""
    with ServedHere(_application(run(build, classifier))) as served:
        answer = requests.get(f"{served.url}/labels", timeout=10)
        if answer.status_code == 404:
            raise NotSolved(texts.ROUTE_UNSOLVED)
        if answer.status_code != 200:
            raise Wrong(
                texts.ROUTE_STATUS.format(status=answer.status_code, body=answer.text[:200])
            )
        found = _json(answer)
        if not isinstance(found, list) or sorted(map(str, found)) != sorted(classifier.labels):
            raise Wrong(texts.ROUTE_CONTENT.format(found=found))
        if "/labels" not in requests.get(f"{served.url}/openapi.json", timeout=10).json()["paths"]:
            raise Wrong(texts.ROUTE_HIDDEN)
        predicted = requests.post(f"{served.url}/predict", json={"text": GOOD}, timeout=30)
        if predicted.status_code != 200:
            raise Wrong(texts.ROUTE_BROKE_PREDICT.format(status=predicted.status_code))
    return texts.ROUTE_OK.format(found=found)


@check
def check_robust(build: Callable[[Classifier], FastAPI], classifier: Classifier) -> str:
    """Serve the student's application, send it one good request and every bad one."""
    app = run(build, classifier)
    if app is None or app is ...:
        raise NotSolved(texts.ROBUST_UNSOLVED)
    with ServedHere(_application(app)) as served:
        good = requests.post(f"{served.url}/predict", json={"text": GOOD}, timeout=30)
        if good.status_code != 200:
            raise Wrong(texts.ROBUST_BROKE.format(status=good.status_code, body=good.text[:200]))
        if not _is_prediction(_json(good), 1, classifier.labels):
            raise Wrong(texts.ROBUST_PREDICTION.format(found=_json(good)))
        for case, body in BAD_BODIES.items():
            try:
                status = requests.post(
                    f"{served.url}/predict",
                    data=body,
                    headers={"Content-Type": "application/json"},
                    timeout=30,
                ).status_code
            except requests.RequestException as error:
                raise Wrong(texts.ROBUST_SILENT.format(case=texts.CASES[case])) from error
            if not 400 <= status < 500:
                raise Wrong(texts.ROBUST_500.format(case=texts.CASES[case], status=status))
    return texts.ROBUST_OK.format(count=len(BAD_BODIES))


@check
def check_retry(predict_with_retry: Callable[[str, list[str]], Any], service: Deployment) -> str:
    """Fill the queue of the live service, let the student's function ask, and see when it asked."""
    url, batch = service.url, [GOOD] * TEXTS_EACH
    with _Recorder() as recorder, ThreadPoolExecutor(FILLERS) as pool:
        stop_filling = threading.Event()
        for _ in range(FILLERS):
            pool.submit(_fill, url, stop_filling)
        try:
            _wait_until_full(url)
            recorder.listen(on_rejection=stop_filling.set)
            for _ in range(LUCKY):
                recorder.sent.clear()
                started = time.monotonic()
                found, raised = _outcome(predict_with_retry, url, batch)
                if stop_filling.is_set() or not recorder.sent:  # it was refused, or never asked
                    break
            seconds = time.monotonic() - started
        finally:
            stop_filling.set()
    _judge_retries(recorder.sent, found, raised)
    return texts.RETRY_OK.format(count=len(recorder.sent), texts=TEXTS_EACH, seconds=seconds)


def _judge_retries(sent: Sequence["_Sent"], found: Any, raised: Exception | None) -> None:
    """Raise NotSolved or Wrong where the requests were not sent, or not when they should be."""
    if not sent and raised is None:
        if found is None or found is ...:
            raise NotSolved(texts.RETRY_UNSOLVED)
        raise Wrong(texts.RETRY_NO_REQUEST)
    for earlier, later in pairwise(sent):
        waited_s = later.at_s - earlier.at_s
        if earlier.retry_after_s and waited_s < earlier.retry_after_s * 0.95:
            asked_s = earlier.retry_after_s
            raise Wrong(texts.RETRY_HURRY.format(asked=asked_s, waited=waited_s, count=len(sent)))
    if raised is not None:
        kind = type(raised).__name__
        raise Wrong(texts.RETRY_RAISED.format(count=len(sent), kind=kind, message=raised))
    if not _is_prediction(found, TEXTS_EACH):
        raise Wrong(texts.RETRY_RESULT.format(found=repr(found)[:120], count=TEXTS_EACH))
    if sent[0].status != 503:
        raise Wrong(texts.RETRY_NEVER_FULL)


@check
def check_night_watch(bring_back: Callable[[Deployment], Any], service: Deployment) -> str:
    """Let the student's function look at the healthy service, then at the killed one.

    The service runs afterwards in any case.
    """
    service.start()
    before = service.status().run_id
    message = run(bring_back, service)
    if service.status().run_id != before:
        service.start()
        raise Wrong(texts.WATCH_RESTARTED)
    if message not in (False, None, ...):
        raise Wrong(texts.WATCH_ALIVE_RESULT.format(found=message))
    service.kill()
    killed = time.monotonic()
    try:
        message = run(bring_back, service)
        seconds, alive = time.monotonic() - killed, service.status().state == "running"
    finally:
        service.start()
    if not alive:
        raise (
            NotSolved(texts.WATCH_UNSOLVED)
            if message in (None, ...)
            else Wrong(texts.WATCH_DEAD.format(found=message))
        )
    if message is not True:
        raise Wrong(texts.WATCH_DEAD_RESULT.format(found=message))
    return texts.WATCH_OK.format(seconds=seconds)


@dataclass(frozen=True)
class _Sent:
    """One request of the student's function: when it was sent (in seconds, monotonic), and what
    came back.
    """

    at_s: float
    status: int | None
    retry_after_s: int | None


class _Recorder:
    """Notes every request that this thread sends with `requests`, from `listen` on, and sends it
    unchanged.
    """

    def __init__(self) -> None:
        self.sent: list[_Sent] = []
        self._thread: int | None = None

    def listen(self, on_rejection: Callable[[], None]) -> None:
        self._thread, self._on_rejection = threading.get_ident(), on_rejection

    def __enter__(self) -> "_Recorder":
        real = requests.Session.send

        def send(
            session: requests.Session, request: requests.PreparedRequest, **settings: Any
        ) -> requests.Response:
            if threading.get_ident() != self._thread or not (request.url or "").endswith(
                "/predict"
            ):
                return real(session, request, **settings)
            at_s = time.monotonic()
            answer: requests.Response | None = None
            try:
                answer = real(session, request, **settings)
                return answer
            finally:
                wait = answer.headers.get("Retry-After") if answer is not None else None
                self.sent.append(
                    _Sent(
                        at_s,
                        answer.status_code if answer is not None else None,
                        int(wait) if wait else None,
                    )
                )
                if wait:
                    self._on_rejection()

        self._patch = patch.object(requests.Session, "send", send)
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


def _fill(url: str, stop: threading.Event) -> None:
    with Client(url, timeout_s=60) as client:
        while not stop.is_set():
            with suppress(RequestFailed):
                client.ask([LONG] * TEXTS_EACH)
            stop.wait(0.02)  # who is refused asks again, but leaves the processor to others


def _wait_until_full(url: str) -> None:
    """Return when a request of 64 texts is refused."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if (
            requests.post(
                f"{url}/predict", json={"text": [LONG] * TEXTS_EACH}, timeout=60
            ).status_code
            == 503
        ):
            return


def _outcome(function: Callable[..., Any], *arguments: Any) -> tuple[Any, Exception | None]:
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error


def _application(found: Any) -> FastAPI:
    if not isinstance(found, FastAPI):
        raise Wrong(texts.NO_APPLICATION.format(found=found))
    return found


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text[:200]


def _is_prediction(found: Any, count: int, labels: list[str] | None = None) -> bool:
    if not isinstance(found, list) or len(found) != count:
        return False
    return all(
        isinstance(one, dict)
        and {"label", "score"} <= one.keys()
        and (labels is None or one["label"] in labels)
        for one in found
    )

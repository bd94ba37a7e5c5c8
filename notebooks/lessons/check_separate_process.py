"""The checks of lesson 02.

They suspend the model's process, kill it, or restart it, and observe the student's functions.
"""

import threading
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import requests

from deployments.services import server_timing
from deployments.services.application import create_app
from deployments.services.gateway import Gateway
from deployments.services.settings import Settings
from hostlab.client import timing
from hostlab.deployment import Deployment
from notebooks.lessons import texts_separate_process as texts
from notebooks.lessons.calls import CallResult, call_within
from notebooks.lessons.live import ServedHere, hung
from notebooks.lessons.request_recorder import RecordedRequest, RequestRecorder
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, run

GOOD, BAD = "An utterly charming film.", "I hated every minute."
MODEL, API = "model_service", "api_service"
UNUSED_URL = "http://127.0.0.1:9"  # nothing listens there
TIMEOUT_S = 1.0  # what the exercise asks for; a busy machine may take twice as long
PROBE_S = 2.0
WAIT_S = 6.0  # how long a check waits for a function that does not return
MIN_REQUESTS = 10  # for a median
# How far a right result may be from the median that the check saw, as a share and in ms: the
# student's clock and warm-up differ from the check's.
TOLERANCE, TOLERANCE_MS = 0.4, 1.0
DOWN_S = 1.5  # how long the model stays dead
RESTART_S = 150.0


@check
def check_timeout(ask: Callable[[str, str], Any], service: Deployment) -> str:
    """Call the student's function in four situations.

    The service works, the model hangs, the model is dead, or nothing listens.
    """
    doing(texts.TIMEOUT_DOING)
    service.start()
    _labels(ask, service, texts.TIMEOUT_UNSOLVED, texts.TIMEOUT_LABEL)
    with hung(service, MODEL):
        result = call_within(WAIT_S, ask, service.url, GOOD)
    if not result.returned:
        raise Wrong(texts.TIMEOUT_WAITS.format(seconds=result.seconds))
    if result.error:
        raise Wrong(texts.TIMEOUT_RAISED.format(kind=type(result.error).__name__))
    if result.value is not None:
        raise Wrong(texts.TIMEOUT_GUESS.format(found=result.value))
    if result.seconds > 2 * TIMEOUT_S:
        raise Wrong(texts.TIMEOUT_LATE.format(seconds=result.seconds))
    settings = Settings.from_environment(method="separate-process", port=0)
    with ServedHere(create_app(Gateway(UNUSED_URL, timeout_s=TIMEOUT_S), settings)) as gateway:
        cases = ((texts.TIMEOUT_502, gateway.url), (texts.TIMEOUT_UNUSED, UNUSED_URL))
        for case, url in cases:
            failed = call_within(WAIT_S, ask, url, GOOD)
            if failed.error or failed.value is not None or not failed.returned:
                raise Wrong(texts.TIMEOUT_ERROR.format(case=case, did=_described(failed)))
    return texts.TIMEOUT_OK.format(seconds=result.seconds)


@check
def check_hop(hop_ms: Callable[[str], Any], service: Deployment) -> str:
    """Compare the student's figure with the requests that the function sent.

    Other requests do not count, because two measurements on a busy machine differ.
    """
    doing(texts.HOP_DOING)
    service.start()
    with RequestRecorder() as recorder:
        found = run(hop_ms, service.url)
    if is_missing(found):
        raise NotSolved(texts.HOP_UNSOLVED)
    if not isinstance(found, (int, float)):
        raise Wrong(texts.HOP_NO_NUMBER.format(found=found))
    if found < 0:
        raise Wrong(texts.HOP_NEGATIVE.format(found=found))
    sent = _splits(recorder.requests)
    if len(sent) < MIN_REQUESTS:
        raise Wrong(texts.HOP_FEW.format(count=len(sent), at_least=MIN_REQUESTS))
    candidates: dict[float, str | None] = {}
    for dropped in range(0, len(sent) // 2 + 1, 5):  # the length of the warm-up is not known
        hop, named, latency = (median(values) for values in zip(*sent[dropped:], strict=True))
        candidates |= {
            hop / 1000: texts.HOP_UNIT,
            latency: texts.HOP_LATENCY,
            named: texts.HOP_NAMED,
            hop: None,
        }
    nearest = min(candidates, key=lambda one: abs(found - one))
    if abs(found - nearest) > max(TOLERANCE_MS, TOLERANCE * nearest):
        raise Wrong(texts.HOP_WRONG.format(found=found, count=len(sent), hop=hop))
    if sentence := candidates[nearest]:
        raise Wrong(sentence.format(found=found))
    return texts.HOP_OK.format(found=found, count=len(sent), latency=latency)


def _splits(sent: Sequence[RecordedRequest]) -> list[tuple[float, float, float]]:
    """Return each request's hop, the time that the service reported, and the latency, in ms."""
    splits = []
    for request in sent:
        hop = timing(request.headers.get(server_timing.HEADER), request.latency_ms).hop
        if hop is not None:
            splits.append((hop, request.latency_ms - hop, request.latency_ms))
    return splits


@check
def check_probe(is_ready: Callable[[str], Any], service: Deployment) -> str:
    """Call the student's probe in five situations. The service runs afterwards in any case."""
    doing(texts.PROBE_DOING)
    url = service.start().url
    try:
        first = call_within(WAIT_S, is_ready, url)
        if first.returned and not first.error and is_missing(first.value):
            raise NotSolved(texts.PROBE_UNSOLVED)
        _judge("well", first, True)
        doing(texts.PROBE_FAULTS)
        with hung(service, MODEL):
            result = call_within(WAIT_S, is_ready, url)
        _judge("hung", result, False)
        service.kill(API)
        _judge("API dead", call_within(WAIT_S, is_ready, url), False)
        # Never both at once: then a new run would start, with new addresses.
        service.start()
        service.kill(MODEL)
        _judge("model dead", call_within(WAIT_S, is_ready, url), False)
    finally:
        service.start()
    _judge("recovered", call_within(WAIT_S, is_ready, url), True)
    return texts.PROBE_OK.format(count=len(texts.CASES), cases=", ".join(texts.CASES))


@check
def check_stubborn(stubborn: Callable[[str, str], Any], service: Deployment) -> str:
    """Kill the model and restart it, and keep calling the student's function in the meantime.

    The service runs afterwards in any case.
    """
    doing(texts.STUBBORN_DOING)
    url = service.start().url
    _labels(stubborn, service, texts.STUBBORN_UNSOLVED, texts.STUBBORN_LABEL)
    expected = {text: service.predict(text)[0].label for text in (BAD, GOOD)}
    rejected_before, count, over = _rejected(url), 0, threading.Event()
    doing(texts.STUBBORN_KILLING)
    service.kill(MODEL)
    killed = time.monotonic()
    restart = threading.Thread(target=_restart_model, args=(service, over))
    restart.start()
    try:
        while not over.is_set():
            text = (BAD, GOOD)[count % 2]  # alternating, or a constant result would pass
            _judge_stubborn(call_within(RESTART_S, stubborn, url, text), text, expected[text])
            count += 1
    finally:
        restart.join()
    down_s, rejected = time.monotonic() - killed, _rejected(url) - rejected_before
    if rejected > 2 * down_s + 2:  # Retry-After is one second each time
        raise Wrong(texts.STUBBORN_HURRY.format(seconds=down_s, rejected=rejected))
    return texts.STUBBORN_OK.format(seconds=down_s, count=count, rejected=rejected)


def _judge_stubborn(result: CallResult, text: str, label: str) -> None:
    if not result.returned:
        raise Wrong(texts.STUBBORN_NEVER.format(seconds=result.seconds))
    if result.error:
        kind, message = type(result.error).__name__, str(result.error)[:120]
        raise Wrong(
            texts.STUBBORN_RAISED.format(seconds=result.seconds, kind=kind, message=message)
        )
    if result.value != label:
        raise Wrong(texts.STUBBORN_LABEL.format(found=result.value, text=text, label=label))


def _described(result: CallResult) -> str:
    if not result.returned:
        return texts.NOT_BACK.format(seconds=result.seconds)
    if result.error:
        return texts.RAISED.format(kind=type(result.error).__name__, message=result.error)
    return texts.RETURNED.format(found=result.value)


def _labels(
    function: Callable[[str, str], Any], service: Deployment, unsolved: str, wrong: str
) -> None:
    """Raise NotSolved or Wrong unless both texts, with different labels, get theirs."""
    for text in (GOOD, BAD):
        found, label = run(function, service.url, text), service.predict(text)[0].label
        if is_missing(found):
            raise NotSolved(unsolved)
        if found != label:
            raise Wrong(wrong.format(found=found, text=text, label=label))


def _judge(case: str, result: CallResult, expected: bool) -> None:
    name = texts.CASES[case]
    if not result.returned or result.seconds > PROBE_S + TIMEOUT_S:
        raise Wrong(texts.PROBE_WAITS.format(case=name, seconds=result.seconds))
    if result.error:
        raise Wrong(texts.PROBE_RAISED.format(case=name, kind=type(result.error).__name__))
    if bool(result.value) is not expected:
        raise Wrong(texts.PROBE_WRONG.format(case=name, found=result.value))


def _restart_model(service: Deployment, over: threading.Event) -> None:
    try:
        time.sleep(DOWN_S)
        service.start()
    finally:
        over.set()


def _rejected(url: str) -> int:
    """Return how many requests the API counts as rejected for lack of the model."""
    lines = requests.get(f"{url}/metrics", timeout=5).text.splitlines()
    return sum(
        round(float(line.rsplit(" ", 1)[1]))
        for line in lines
        if line.startswith('hostlab_requests_total{route="/predict",status="50')
    )

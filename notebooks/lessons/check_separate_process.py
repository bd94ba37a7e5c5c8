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
from notebooks.lessons.calls import CallResult, call_within
from notebooks.lessons.live import ServedHere, hung
from notebooks.lessons.request_recorder import RecordedRequest, RequestRecorder
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, run

texts = LessonTexts("separate_process")

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
HIT = 0.2  # of the distance to the right figure, within which a figure is hit
DOWN_S = 1.5  # how long the model stays dead
RESTART_S = 150.0


@check
def check_timeout(ask: Callable[[str, str], Any], service: Deployment) -> str:
    """Call the student's function in four situations.

    The service works, the model hangs, the model is dead, or nothing listens.
    """
    doing(texts("timeout_doing"))
    service.start()
    _labels(ask, service, "timeout_unsolved", "timeout_label")
    with hung(service, MODEL):
        result = call_within(WAIT_S, ask, service.url, GOOD)
    if not result.returned:
        raise Wrong(texts("timeout_waits", seconds=result.seconds))
    if result.error:
        raise Wrong(texts("timeout_raised", kind=type(result.error).__name__))
    if result.value is not None:
        raise Wrong(texts("timeout_guess", found=result.value))
    if result.seconds > 2 * TIMEOUT_S:
        raise Wrong(texts("timeout_late", seconds=result.seconds))
    settings = Settings.from_environment(method="separate-process", port=0)
    with ServedHere(create_app(Gateway(UNUSED_URL, timeout_s=TIMEOUT_S), settings)) as gateway:
        cases = ((texts("timeout_502"), gateway.url), (texts("timeout_unused"), UNUSED_URL))
        for case, url in cases:
            failed = call_within(WAIT_S, ask, url, GOOD)
            if failed.error or failed.value is not None or not failed.returned:
                raise Wrong(texts("timeout_error", case=case, did=_described(failed)))
    return texts("timeout_ok", seconds=result.seconds)


@check
def check_hop(hop_ms: Callable[[str], Any], service: Deployment) -> str:
    """Compare the student's figure with the requests that the function sent.

    Other requests do not count, because two measurements on a busy machine differ.
    """
    doing(texts("hop_doing"))
    service.start()
    with RequestRecorder() as recorder:
        found = run(hop_ms, service.url)
    if is_missing(found):
        raise NotSolved(texts("hop_unsolved"))
    if not isinstance(found, (int, float)):
        raise Wrong(texts("hop_no_number", found=found))
    if found < 0:
        raise Wrong(texts("hop_negative", found=found))
    sent = _splits(recorder.requests)
    if len(sent) < MIN_REQUESTS:
        raise Wrong(texts("hop_few", count=len(sent), at_least=MIN_REQUESTS))
    candidates: dict[float, str | None] = {}
    for dropped in range(0, len(sent) // 2 + 1, 5):  # the length of the warm-up is not known
        hop, named, latency = (median(values) for values in zip(*sent[dropped:], strict=True))
        candidates |= {
            hop / 1000: texts("hop_unit", found=found),
            latency: texts("hop_latency", found=found),
            named: texts("hop_named", found=found),
            hop: None,
        }
    right = _nearest(found, [one for one, mistake in candidates.items() if mistake is None])
    other = _nearest(found, [one for one, mistake in candidates.items() if mistake])
    # The hop may happen to be about as long as the rest. A mistake is one whose figure is hit.
    if _is_near(found, right) and abs(found - other) > HIT * abs(found - right):
        return texts("hop_ok", found=found, count=len(sent), latency=latency)
    mistake = candidates[other] if _is_near(found, other) else None
    raise Wrong(mistake or texts("hop_wrong", found=found, count=len(sent), hop=right))


def _nearest(found: float, figures: Sequence[float]) -> float:
    return min(figures, key=lambda one: abs(found - one))


def _is_near(found: float, figure: float) -> bool:
    return abs(found - figure) <= max(TOLERANCE_MS, TOLERANCE * figure)


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
    doing(texts("probe_doing"))
    url = service.start().url
    try:
        first = call_within(WAIT_S, is_ready, url)
        if first.returned and not first.error and is_missing(first.value):
            raise NotSolved(texts("probe_unsolved"))
        _judge("well", first, True)
        doing(texts("probe_faults"))
        with hung(service, MODEL):
            result = call_within(WAIT_S, is_ready, url)
        _judge("hung", result, False)
        service.kill(API)
        _judge("api_dead", call_within(WAIT_S, is_ready, url), False)
        # Never both at once: then a new run would start, with new addresses.
        service.start()
        service.kill(MODEL)
        _judge("model_dead", call_within(WAIT_S, is_ready, url), False)
    finally:
        service.start()
    _judge("recovered", call_within(WAIT_S, is_ready, url), True)
    return texts("probe_ok")


@check
def check_stubborn(stubborn: Callable[[str, str], Any], service: Deployment) -> str:
    """Kill the model and restart it, and keep calling the student's function in the meantime.

    The service runs afterwards in any case.
    """
    doing(texts("stubborn_doing"))
    url = service.start().url
    _labels(stubborn, service, "stubborn_unsolved", "stubborn_label")
    expected = {text: service.predict(text)[0].label for text in (BAD, GOOD)}
    rejected_before, count, over = _rejected(url), 0, threading.Event()
    doing(texts("stubborn_killing"))
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
        raise Wrong(texts("stubborn_hurry", seconds=down_s, rejected=rejected))
    return texts("stubborn_ok", seconds=down_s, count=count, rejected=rejected)


def _judge_stubborn(result: CallResult, text: str, label: str) -> None:
    if not result.returned:
        raise Wrong(texts("stubborn_never", seconds=result.seconds))
    if result.error:
        kind, message = type(result.error).__name__, str(result.error)[:120]
        raise Wrong(texts("stubborn_raised", seconds=result.seconds, kind=kind, message=message))
    if result.value != label:
        raise Wrong(texts("stubborn_label", found=result.value, text=text, label=label))


def _described(result: CallResult) -> str:
    if not result.returned:
        return texts("not_back", seconds=result.seconds)
    if result.error:
        return texts("raised", kind=type(result.error).__name__, message=result.error)
    return texts("returned", found=result.value)


def _labels(
    function: Callable[[str, str], Any], service: Deployment, unsolved: str, wrong: str
) -> None:
    """Raise NotSolved or Wrong, with the text of that name, unless both inputs get their labels."""
    for text in (GOOD, BAD):
        found, label = run(function, service.url, text), service.predict(text)[0].label
        if is_missing(found):
            raise NotSolved(texts(unsolved))
        if found != label:
            raise Wrong(texts(wrong, found=found, text=text, label=label))


def _judge(case: str, result: CallResult, expected: bool) -> None:
    name = texts.table("cases")[case]
    if not result.returned or result.seconds > PROBE_S + TIMEOUT_S:
        raise Wrong(texts("probe_waits", case=name, seconds=result.seconds))
    if result.error:
        raise Wrong(texts("probe_raised", case=name, kind=type(result.error).__name__))
    if bool(result.value) is not expected:
        raise Wrong(texts("probe_wrong", case=name, found=result.value))


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

"""The checks of lesson 02: they let the model's process hang, kill it, start it again, and look at
what the student's functions make of it.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any
from unittest.mock import patch

import requests

from deployments.services.application import create_app
from deployments.services.gateway import Gateway
from deployments.services.settings import Settings
from hostlab.client import timing
from hostlab.deployment import Deployment
from notebooks.lessons import texts_separate_process as texts
from notebooks.lessons.live import ServedHere, hung
from notebooks.lessons.verdict import NotSolved, Wrong, check, run

GOOD, BAD = "An utterly charming film.", "I hated every minute."
MODEL, API = "model_service", "api_service"
NOBODY = "http://127.0.0.1:9"
TIMEOUT_S = 1.0  # what the exercise asks for; a busy machine gets as much again
PROBE_S = 2.0
WAIT_S = 6.0  # how long a check waits for a function that does not come back
AT_LEAST = 10  # requests that make a median
NEAR, NEAR_MS = (
    0.4,
    1.0,
    # so far from the median that we saw an answer may be: its clock and its warm-up are others than
    # ours
)
DOWN_S = 1.5  # how long nobody notices that the model is dead
RESTART_S = 150.0


@check
def check_timeout(ask: Callable[[str, str], Any], service: Deployment) -> str:
    """Call the student's function when all is well, while the model hangs, where the model is dead,
    and where nobody is.
    """
    service.start()
    _labels(ask, service, texts.TIMEOUT_UNSOLVED, texts.TIMEOUT_LABEL)
    with hung(service, MODEL):
        did = _within(WAIT_S, ask, service.url, GOOD)
    if not did.came_back:
        raise Wrong(texts.TIMEOUT_WAITS.format(seconds=did.seconds))
    if did.raised:
        raise Wrong(texts.TIMEOUT_RAISED.format(kind=type(did.raised).__name__))
    if did.found is not None:
        raise Wrong(texts.TIMEOUT_GUESS.format(found=did.found))
    if did.seconds > 2 * TIMEOUT_S:
        raise Wrong(texts.TIMEOUT_LATE.format(seconds=did.seconds))
    settings = Settings.from_environment(method="separate-process", port=0)
    with ServedHere(create_app(Gateway(NOBODY, timeout_s=TIMEOUT_S), settings)) as orphan:
        for case, url in ((texts.TIMEOUT_502, orphan.url), (texts.TIMEOUT_NOBODY, NOBODY)):
            failed = _within(WAIT_S, ask, url, GOOD)
            if failed.raised or failed.found is not None or not failed.came_back:
                raise Wrong(texts.TIMEOUT_ERROR.format(case=case, did=_words(failed)))
    return texts.TIMEOUT_OK.format(seconds=did.seconds)


@check
def check_hop(hop_ms: Callable[[str], Any], service: Deployment) -> str:
    """Compare the student's figure with what its own requests took: those, and no others, because a
    busy machine is never twice the same.
    """
    service.start()
    with _recorded() as sent:
        found = run(hop_ms, service.url)
    if found is None or found is ...:
        raise NotSolved(texts.HOP_UNSOLVED)
    if not isinstance(found, (int, float)):
        raise Wrong(texts.HOP_NO_NUMBER.format(found=found))
    if found < 0:
        raise Wrong(texts.HOP_NEGATIVE.format(found=found))
    if len(sent) < AT_LEAST:
        raise Wrong(texts.HOP_FEW.format(count=len(sent), at_least=AT_LEAST))
    candidates: dict[float, str | None] = {}
    for dropped in range(0, len(sent) // 2 + 1, 5):  # nobody tells us how long the warm-up was
        hop, named, latency = (median(values) for values in zip(*sent[dropped:], strict=True))
        candidates |= {
            hop / 1000: texts.HOP_UNIT,
            latency: texts.HOP_LATENCY,
            named: texts.HOP_NAMED,
            hop: None,
        }
    nearest = min(candidates, key=lambda one: abs(found - one))
    if abs(found - nearest) > max(NEAR_MS, NEAR * nearest):
        raise Wrong(texts.HOP_WRONG.format(found=found, count=len(sent), hop=hop))
    if sentence := candidates[nearest]:
        raise Wrong(sentence.format(found=found))
    return texts.HOP_OK.format(found=found, count=len(sent), latency=latency)


@check
def check_probe(is_ready: Callable[[str], Any], service: Deployment) -> str:
    """Ask the student's probe in five situations. The service runs afterwards in any case."""
    url = service.start().url
    try:
        first = _within(WAIT_S, is_ready, url)
        if first.came_back and not first.raised and first.found in (None, ...):
            raise NotSolved(texts.PROBE_UNSOLVED)
        _judge("well", first, True)
        with hung(service, MODEL):
            did = _within(WAIT_S, is_ready, url)
        _judge("hung", did, False)
        service.kill(API)
        _judge("API dead", _within(WAIT_S, is_ready, url), False)
        # one after the other: when both are dead, a new run with new addresses begins
        service.start()
        service.kill(MODEL)
        _judge("model dead", _within(WAIT_S, is_ready, url), False)
    finally:
        service.start()
    _judge("recovered", _within(WAIT_S, is_ready, url), True)
    return texts.PROBE_OK.format(count=len(texts.CASES), cases=", ".join(texts.CASES))


@check
def check_stubborn(stubborn: Callable[[str, str], Any], service: Deployment) -> str:
    """Kill the model and start it again while the student's function asks without a pause.

    The service runs afterwards in any case.
    """
    url = service.start().url
    _labels(stubborn, service, texts.STUBBORN_UNSOLVED, texts.STUBBORN_LABEL)
    expected = {text: service.predict(text)[0].label for text in (BAD, GOOD)}
    rejected_before, count, over = _rejected(url), 0, threading.Event()
    service.kill(MODEL)
    killed = time.monotonic()
    mending = threading.Thread(target=_restart_model, args=(service, over))
    mending.start()
    try:
        while not over.is_set():
            text = (BAD, GOOD)[count % 2]  # in turn, or a constant answer would pass
            did = _within(RESTART_S, stubborn, url, text)
            if not did.came_back:
                raise Wrong(texts.STUBBORN_NEVER.format(seconds=did.seconds))
            if did.raised:
                raise Wrong(
                    texts.STUBBORN_RAISED.format(
                        seconds=did.seconds,
                        kind=type(did.raised).__name__,
                        message=str(did.raised)[:120],
                    )
                )
            if did.found != expected[text]:
                raise Wrong(
                    texts.STUBBORN_LABEL.format(found=did.found, text=text, label=expected[text])
                )
            count += 1
    finally:
        mending.join()
    down_s, rejected = time.monotonic() - killed, _rejected(url) - rejected_before
    if rejected > 2 * down_s + 2:  # Retry-After is one second each time
        raise Wrong(texts.STUBBORN_HURRY.format(seconds=down_s, rejected=rejected))
    return texts.STUBBORN_OK.format(seconds=down_s, count=count, rejected=rejected)


@dataclass
class _Did:
    """What a student's function did: its result or what it raised, and how many seconds it took."""

    found: Any = None
    raised: Exception | None = None
    came_back: bool = False
    seconds: float = 0.0


def _within(limit_s: float, function: Callable[..., Any], *arguments: Any) -> _Did:
    """Call a function in a thread and wait for it no longer than `limit_s` seconds."""
    did, started = _Did(), time.monotonic()

    def call() -> None:
        try:
            did.found = function(*arguments)
        except Exception as error:
            did.raised = error
        did.came_back = True

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(limit_s)
    did.seconds = time.monotonic() - started
    return did


def _words(did: _Did) -> str:
    if not did.came_back:
        return texts.NOT_BACK.format(seconds=did.seconds)
    return (
        texts.RAISED.format(kind=type(did.raised).__name__, message=did.raised)
        if did.raised
        else texts.RETURNED.format(found=did.found)
    )


def _labels(
    function: Callable[[str, str], Any], service: Deployment, unsolved: str, wrong: str
) -> None:
    """Two texts with two labels, while all is well: a constant answer cannot be right."""
    for text in (GOOD, BAD):
        found, label = run(function, service.url, text), service.predict(text)[0].label
        if found is None or found is ...:
            raise NotSolved(unsolved)
        if found != label:
            raise Wrong(wrong.format(found=found, text=text, label=label))


@contextlib.contextmanager
def _recorded() -> Iterator[list[tuple[float, float, float]]]:
    """Note the hop, what the service named, and the latency of each request that this thread sends
    with `requests`; all in milliseconds.
    """
    real, here, sent = requests.Session.send, threading.get_ident(), []

    def send(
        session: requests.Session, request: requests.PreparedRequest, **settings: Any
    ) -> requests.Response:
        started = time.perf_counter()
        answer = real(session, request, **settings)
        latency_ms = (time.perf_counter() - started) * 1000
        parts = timing(answer.headers.get("Server-Timing"), latency_ms)
        if threading.get_ident() == here and parts.hop is not None:
            sent.append((parts.hop, latency_ms - parts.hop, latency_ms))
        return answer

    with patch.object(requests.Session, "send", send):
        yield sent


def _judge(case: str, did: _Did, expected: bool) -> None:
    name = texts.CASES[case]
    if not did.came_back or did.seconds > PROBE_S + TIMEOUT_S:
        raise Wrong(texts.PROBE_WAITS.format(case=name, seconds=did.seconds))
    if did.raised:
        raise Wrong(texts.PROBE_RAISED.format(case=name, kind=type(did.raised).__name__))
    if bool(did.found) is not expected:
        raise Wrong(texts.PROBE_WRONG.format(case=name, found=did.found))


def _restart_model(service: Deployment, over: threading.Event) -> None:
    try:
        time.sleep(DOWN_S)
        service.start()
    finally:
        over.set()


def _rejected(url: str) -> int:
    """Return how many texts the API could not get answered since it started: its own count."""
    lines = requests.get(f"{url}/metrics", timeout=5).text.splitlines()
    return sum(
        round(float(line.rsplit(" ", 1)[1]))
        for line in lines
        if line.startswith('hostlab_requests_total{route="/predict",status="50')
    )

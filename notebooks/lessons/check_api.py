"""The checks of lesson 05: they make the local provider slow, strict or broken, let the student's
function ask, and make it good again.
"""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import median
from typing import Any

import openai
import requests

from deployments.model.classifier import Classifier
from hostlab.client import Client
from hostlab.errors import RequestFailed
from hostlab.measure.load.texts import TEXTS
from hostlab.methods.api.deployment import SystemThroughApi
from notebooks.lessons import texts_api as texts
from notebooks.lessons.verdict import NotSolved, Wrong, check, run

GOOD_DAY_S, SLOW_S = 0.1, 4.0  # what the provider waits before an answer
CALLS = 8
NOTHING_S = 0.0005
SLACK_S = 0.6  # for a busy computer, above the time that the exercise gives
REJECTIONS, RETRY_AFTER_S = 2, 2  # not 1 s, which one would wait without reading the header
KEY = "sk-exercise"  # a key of the checks' own: what is done to it does not touch the service
PRICE_IN, PRICE_OUT = 0.6, 2.4  # for a million tokens
BACK_WITHIN_S = 10.0  # the breaker's rest, and a little


@check
def check_in_time(in_time: Callable[[str, str], Any], service: SystemThroughApi) -> str:
    """Let the function ask on a good day, when the provider is slow, and when it fails."""
    url = service.url
    if _not_written(in_time, url, TEXTS[0]):
        raise NotSolved(texts.IN_TIME_UNSOLVED)
    label, usual_ms = _well(url)
    with _provider(service, delay_s=GOOD_DAY_S):
        message = [
            _called(texts.WELL_CASE, texts.IN_TIME_RAISED, in_time, url, TEXTS[0])
            for _ in range(CALLS)
        ]
    lost = sum(found is None for found, _ in message)
    if wrong := [found for found, _ in message if found is not None and found != label]:
        raise Wrong(texts.IN_TIME_WRONG.format(found=wrong[0], label=label))
    if lost > 1:  # one may be lost to the computer's other work
        raise Wrong(
            texts.IN_TIME_HASTY.format(
                lost=lost, count=CALLS, usual_ms=usual_ms + GOOD_DAY_S * 1000
            )
        )
    waited_s = []
    for case, fault in (
        (texts.SLOW_CASE, {"delay_s": SLOW_S}),
        (texts.FAILING_CASE, {"status": 503}),
    ):
        with _provider(service, **fault):
            found, seconds = _called(case, texts.IN_TIME_RAISED, in_time, url, TEXTS[0])
        if seconds > 1 + SLACK_S:
            raise Wrong(texts.IN_TIME_SLOW.format(case=case, seconds=seconds))
        if found is not None:
            raise Wrong(texts.IN_TIME_INVENTED.format(case=case, found=found))
        waited_s.append(seconds)
    return texts.IN_TIME_OK.format(count=CALLS - lost, seconds=waited_s[0])


@check
def check_retry(
    ask_with_retry: Callable[[openai.OpenAI, str, str], Any], service: SystemThroughApi
) -> str:
    """Give the function a client whose first requests are rejected with 429; see when
    it retries.
    """
    label, _ = _well(service.url)
    with (
        _provider(service, key=KEY, status=429, times=REJECTIONS, retry_after_s=RETRY_AFTER_S),
        _Watched(service) as watched,
    ):
        started = time.monotonic()
        try:
            found, raised = ask_with_retry(watched.client, watched.model, TEXTS[0]), None
        except Exception as error:
            found, raised = None, error
        seconds = time.monotonic() - started
    count = len(watched.sent_s)
    if not count and raised is None:
        raise (
            NotSolved(texts.RETRY_UNSOLVED)
            if found is None or found is ...
            else Wrong(texts.RETRY_NO_REQUEST)
        )
    for number, (earlier_s, later_s) in enumerate(pairwise(watched.sent_s)):
        if number < REJECTIONS and later_s - earlier_s < RETRY_AFTER_S * 0.95:
            raise Wrong(
                texts.RETRY_EARLY.format(
                    asked=RETRY_AFTER_S, waited=later_s - earlier_s, count=count
                )
            )
    if raised is not None:
        raise Wrong(
            texts.RETRY_RAISED.format(count=count, kind=type(raised).__name__, message=raised)
        )
    if found != label:
        raise Wrong(texts.RETRY_RESULT.format(count=count, found=found, label=label))
    if count > REJECTIONS + 1:
        raise Wrong(texts.RETRY_WASTE.format(count=count, needed=REJECTIONS + 1))
    return texts.RETRY_OK.format(rejected=REJECTIONS, count=count, label=label, seconds=seconds)


@check
def check_cost(cost_of_a_million: Callable[..., Any], service: SystemThroughApi) -> str:
    """Give the function texts of its own each time, and count their tokens too."""
    some = [*random.choices(TEXTS, k=4), " ".join(random.choices(TEXTS, k=4))]
    with _provider(service, key=KEY), _Watched(service) as watched:
        found = run(
            cost_of_a_million, watched.client, watched.model, list(some), PRICE_IN, PRICE_OUT
        )
        if found is None or found is ...:
            raise NotSolved(texts.COST_UNSOLVED)
        if not isinstance(found, int | float) or isinstance(found, bool):
            raise Wrong(texts.COST_NO_NUMBER.format(found=found))
        used = [watched.ask(text).usage for text in some]
    tokens_in = sum(one.prompt_tokens for one in used) / len(some)
    tokens_out = sum(one.completion_tokens for one in used) / len(some)
    expected = tokens_in * PRICE_IN + tokens_out * PRICE_OUT
    if _near(found, expected):
        return texts.COST_OK.format(
            found=found,
            price_in=PRICE_IN,
            price_out=PRICE_OUT,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
        )
    for factor, words in texts.COST_FACTORS.items():
        if _near(found, expected * factor):
            raise Wrong(texts.COST_UNIT.format(found=found, factor=words))
    for other, sentence in (
        (expected * len(some), texts.COST_ALL),
        (tokens_in * PRICE_IN, texts.COST_OUTPUT),
        (tokens_in * PRICE_OUT + tokens_out * PRICE_IN, texts.COST_MIXED),
    ):
        if _near(found, other):
            raise Wrong(sentence.format(found=found, count=len(some)))
    raise Wrong(texts.COST_WRONG.format(found=found, expected=expected))


@check
def check_plan_b(
    with_plan_b: Callable[[str, Classifier, str], Any],
    service: SystemThroughApi,
    classifier: Classifier,
) -> str:
    """Let the function ask a service that is well, one whose provider fails, one whose provider is
    slow, and one that is well again.
    """
    url, own = service.url, _Counted(classifier)
    if _not_written(with_plan_b, url, classifier, TEXTS[0]):
        raise NotSolved(texts.PLAN_B_UNSOLVED)
    _well(url)

    def ask(case: str, text: str) -> tuple[bool, float]:
        """Return whether the service has answered, and the seconds that the function took."""
        before = _texts(url)
        found, seconds = _called(case, texts.PLAN_B_RAISED, with_plan_b, url, own, text)
        [(label, _)] = classifier.predict([text])
        if found != label:
            raise Wrong(texts.PLAN_B_WRONG.format(case=case, text=text, found=found, label=label))
        return _texts(url) > before, seconds

    if not all([ask(texts.WELL_CASE, text)[0] for text in TEXTS[:3]]):
        raise Wrong(texts.PLAN_B_UNUSED)
    if own.calls > 1:  # one answer may have been late: the computer has other work
        raise Wrong(texts.PLAN_B_BOTH.format(count=own.calls))
    with _provider(service, status=503):
        ask(texts.FAILING_CASE, TEXTS[1])
    with _provider(service, delay_s=SLOW_S):
        _, seconds = ask(texts.SLOW_CASE, TEXTS[3])
    if seconds > 2 + SLACK_S:
        raise Wrong(texts.PLAN_B_SLOW.format(seconds=seconds))
    back = time.monotonic()
    while not ask(texts.WELL_CASE, TEXTS[0])[0]:
        if time.monotonic() - back > BACK_WITHIN_S:
            raise Wrong(texts.PLAN_B_STUCK.format(seconds=BACK_WITHIN_S))
        time.sleep(0.3)
    return texts.PLAN_B_OK


class _Counted:
    """The classifier that a student's function is given. It counts how often it is asked."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier, self.calls = classifier, 0

    def predict(self, texts: list[str]) -> list[tuple[str, float]]:
        self.calls += 1
        return self._classifier.predict(texts)


class _Watched:
    """A client of the local provider with the checks' own key.

    It does not retry, and notes when each request was sent.
    """

    def __init__(self, service: SystemThroughApi) -> None:
        message = requests.get(f"{service.url}/provider", timeout=10).json()
        self.model: str = message["model"]
        self.sent_s: list[float] = []  # monotonic
        note = {"request": [lambda request: self.sent_s.append(time.monotonic())]}
        http = openai.DefaultHttpx2Client(event_hooks=note, trust_env=False)
        self.client = openai.OpenAI(
            base_url=f"http://{message['provider']}/v1",
            api_key=KEY,
            max_retries=0,
            http_client=http,
        )

    def ask(self, text: str) -> Any:
        return self.client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": text}]
        )

    def __enter__(self) -> "_Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()


@contextlib.contextmanager
def _provider(service: SystemThroughApi, key: str | None = None, **behavior: Any) -> Iterator[None]:
    """Make the local provider so for the block, and good again after it."""
    service.set_provider_behavior(key, **behavior)
    try:
        yield
    finally:
        service.set_provider_behavior(key)


def _well(url: str) -> tuple[str, float]:
    """Return the label of the first text and the usual latency in ms, once the service answers: its
    breaker may still rest.
    """
    deadline = time.monotonic() + BACK_WITHIN_S
    with Client(url) as client:
        while True:
            try:
                replies = [client.ask(TEXTS[0]) for _ in range(3)]
                return replies[0].predictions[0].label, median(
                    reply.latency_ms for reply in replies
                )
            except RequestFailed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)


def _called(
    case: str, sentence: str, function: Callable[..., Any], *arguments: Any
) -> tuple[Any, float]:
    """Return what a student's function gave, and the seconds that it took."""
    started = time.monotonic()
    try:
        return function(*arguments), time.monotonic() - started
    except Exception as error:
        raise Wrong(sentence.format(case=case, kind=type(error).__name__, message=error)) from error


def _not_written(function: Callable[..., Any], *arguments: Any) -> bool:
    """Tell a body that is not there yet from one that asked and has nothing: nobody sends a request
    in so short a time.
    """
    started = time.monotonic()
    try:
        found = function(*arguments)
    except Exception:
        return False
    return (found is None or found is ...) and time.monotonic() - started < NOTHING_S


def _texts(url: str) -> int:
    return int(requests.get(f"{url}/provider", timeout=10).json()["texts"])


def _near(found: float, expected: float) -> bool:
    return abs(found - expected) <= 0.01 * abs(expected)

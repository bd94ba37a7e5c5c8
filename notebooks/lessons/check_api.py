"""The checks of lesson 05.

They make the local provider slow, strict, or faulty, call the student's function, and restore the
provider.
"""

import random
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import openai

from deployments.model.classifier import Classifier
from hostlab.measure.load.texts import TEXTS
from hostlab.methods.api.deployment import SystemThroughApi
from notebooks.lessons.calls import CallResult, call_within, timed_call
from notebooks.lessons.local_provider import (
    KEY,
    RECOVERED_WITHIN_S,
    CountingClassifier,
    RecordingClient,
    provider_behavior,
    text_count,
    wait_until_recovered,
)
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, run

texts = LessonTexts("api")

USUAL_DELAY_S, SLOW_DELAY_S = 0.1, 4.0  # how long the provider waits before it responds
CALLS = 8
EMPTY_BODY_S = 0.0005
SLACK_S = 0.6  # for a busy computer, beyond the time that the exercise allows
# How often the provider rejects a request, and for how many seconds: two waits, so that a fixed one
# is wrong in one of them.
ROUNDS = ((2, 1), (1, 3))
LATE_S = 1.5  # how much longer a function may wait than it has to, for jitter
LOCKED_OUT_S = 5.0  # how long a function may take that retries although the key is rejected
PRICE_IN, PRICE_OUT = 0.6, 2.4  # per million tokens


@check
def check_in_time(in_time: Callable[[str, str], Any], service: SystemThroughApi) -> str:
    """Call the function while the provider works, while it is slow, and while it fails."""
    url = service.url
    if _is_empty(in_time, url, TEXTS[0]):
        raise NotSolved(texts("in_time_unsolved"))
    label, usual_ms = wait_until_recovered(url)
    doing(texts("in_time_well"))
    with provider_behavior(service, delay_s=USUAL_DELAY_S):
        calls = [_called("well", "in_time_raised", in_time, url, TEXTS[0]) for _ in range(CALLS)]
    results = [found for found, _ in calls]
    if wrong := [found for found in results if found is not None and found != label]:
        raise Wrong(texts("in_time_wrong", found=wrong[0], label=label))
    lost, expected_ms = results.count(None), usual_ms + USUAL_DELAY_S * 1000
    if lost == CALLS and min(seconds for _, seconds in calls) > USUAL_DELAY_S:
        is_missing(None)  # it waited long enough, so perhaps it printed the label
        raise NotSolved(texts("in_time_nothing"))
    if lost > 1:  # one may be lost because the computer is busy
        raise Wrong(texts("in_time_hasty", lost=lost, count=CALLS, usual_ms=expected_ms))
    waited_s = []
    doing(texts("in_time_faults"))
    # Other texts, because a function may keep the labels that it has got.
    for case, text, fault in (
        ("slow", TEXTS[1], {"delay_s": SLOW_DELAY_S}),
        ("failing", TEXTS[2], {"status": 503}),
    ):
        with provider_behavior(service, **fault):
            found, seconds = _called(case, "in_time_raised", in_time, url, text)
        if seconds > 1 + SLACK_S:
            raise Wrong(texts("in_time_slow", case=_named(case), seconds=seconds))
        if found is not None:
            raise Wrong(texts("in_time_invented", case=_named(case), found=found))
        waited_s.append(seconds)
    return texts("in_time_ok", count=CALLS - lost, seconds=waited_s[0])


@check
def check_retry(
    ask_with_retry: Callable[[openai.OpenAI, str, str], Any], service: SystemThroughApi
) -> str:
    """Call the function with a client whose first requests get a 429, and see when it retries.

    Then reject its key, which no retry changes.
    """
    label, _ = wait_until_recovered(service.url)
    sent, seconds = [], 0.0
    for rejections, retry_after_s in ROUNDS:
        doing(texts("retry_rejecting", rejections=rejections, seconds=retry_after_s))
        behavior = {"status": 429, "times": rejections, "retry_after_s": retry_after_s}
        with provider_behavior(service, key=KEY, **behavior), RecordingClient(service) as recording:
            result = timed_call(ask_with_retry, recording.client, recording.model, TEXTS[0])
        _judge_waits(recording.sent_s[: rejections + 1], retry_after_s, result)
        _judge_label(result, recording.sent_s, rejections + 1, label)
        sent.append(len(recording.sent_s))
        seconds += result.seconds
    doing(texts("retry_locking_out"))
    with provider_behavior(service, key=KEY, status=401), RecordingClient(service) as recording:
        call_within(LOCKED_OUT_S, ask_with_retry, recording.client, recording.model, TEXTS[0])
        if len(recording.sent_s) > 1:
            raise Wrong(texts("retry_anything", count=len(recording.sent_s)))
    rejected = sum(rejections for rejections, _ in ROUNDS)
    return texts("retry_ok", rejected=rejected, count=sum(sent), label=label, seconds=seconds)


def _judge_waits(sent_s: Sequence[float], asked_s: float, result: CallResult) -> None:
    """Raise NotSolved or Wrong unless each retry came when the provider said."""
    if not sent_s and result.error is None:
        if is_missing(result.value):
            raise NotSolved(texts("retry_unsolved"))
        raise Wrong(texts("retry_no_request"))
    for earlier_s, later_s in pairwise(sent_s):
        waited_s, count = later_s - earlier_s, len(sent_s)
        if waited_s < asked_s * 0.95:
            raise Wrong(texts("retry_early", asked=asked_s, waited=waited_s, count=count))
        if waited_s > asked_s + LATE_S:
            raise Wrong(texts("retry_late", asked=asked_s, waited=waited_s))


def _judge_label(result: CallResult, sent_s: Sequence[float], needed: int, label: str) -> None:
    """Raise NotSolved or Wrong unless the function returned the label, with no needless request."""
    count, found = len(sent_s), result.value
    if result.error is not None:
        kind = type(result.error).__name__
        raise Wrong(texts("retry_raised", count=count, kind=kind, message=result.error))
    if found != label:
        message = texts("retry_result", count=count, found=found, label=label)
        raise NotSolved(message) if is_missing(found) else Wrong(message)
    if count > needed:
        raise Wrong(texts("retry_waste", count=count, needed=needed))


@check
def check_cost(cost_of_a_million: Callable[..., Any], service: SystemThroughApi) -> str:
    """Call the function with random texts, and count the tokens of the same texts."""
    some = [*random.choices(TEXTS, k=4), " ".join(random.choices(TEXTS, k=4))]
    with provider_behavior(service, key=KEY), RecordingClient(service) as recording:
        arguments = (recording.client, recording.model, list(some), PRICE_IN, PRICE_OUT)
        found = run(cost_of_a_million, *arguments)
        if is_missing(found):
            raise NotSolved(texts("cost_unsolved"))
        if not isinstance(found, int | float) or isinstance(found, bool):
            raise Wrong(texts("cost_no_number", found=found))
        used = [recording.ask(text).usage for text in some]
    tokens_in = sum(one.prompt_tokens for one in used) / len(some)
    tokens_out = sum(one.completion_tokens for one in used) / len(some)
    expected = tokens_in * PRICE_IN + tokens_out * PRICE_OUT
    if _near(found, expected):
        return texts(
            "cost_ok",
            found=found,
            price_in=PRICE_IN,
            price_out=PRICE_OUT,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
        )
    for mistaken, sentence in (
        (expected * 1e6, texts("cost_unit", found=found, factor=texts("cost_too_high"))),
        (expected / 1e6, texts("cost_unit", found=found, factor=texts("cost_too_low"))),
        (expected * len(some), texts("cost_all", found=found, count=len(some))),
        (tokens_in * PRICE_IN, texts("cost_output", found=found)),
        (tokens_in * PRICE_OUT + tokens_out * PRICE_IN, texts("cost_mixed", found=found)),
    ):
        if _near(found, mistaken):
            raise Wrong(sentence)
    raise Wrong(texts("cost_wrong", found=found, expected=expected))


@check
def check_plan_b(
    with_plan_b: Callable[[str, Classifier, str], Any],
    service: SystemThroughApi,
    classifier: Classifier,
) -> str:
    """Call the function while the service works, fails, is slow, and works again."""
    url, local = service.url, CountingClassifier(classifier)
    if _is_empty(with_plan_b, url, classifier, TEXTS[0]):
        raise NotSolved(texts("plan_b_unsolved"))
    doing(texts("plan_b_trying"))
    wait_until_recovered(url)

    def ask(case: str, text: str) -> tuple[bool, float]:
        """Return whether the service handled the text, and the seconds that the call took."""
        before = text_count(url)
        found, seconds = _called(case, "plan_b_raised", with_plan_b, url, local, text)
        [(label, _)] = classifier.predict([text])
        if found != label:
            shown = {"text": text, "found": found, "label": label}
            message = texts("plan_b_wrong", case=_named(case), **shown)
            nothing = case == "well" and is_missing(found)
            raise NotSolved(message) if nothing else Wrong(message)
        return text_count(url) > before, seconds

    if not all([ask("well", text)[0] for text in TEXTS[:3]]):
        raise Wrong(texts("plan_b_unused"))
    if local.calls > 1:  # one response may have been late because the computer is busy
        raise Wrong(texts("plan_b_both", count=local.calls))
    doing(texts("plan_b_faults"))
    with provider_behavior(service, status=503):
        ask("failing", TEXTS[1])
    with provider_behavior(service, delay_s=SLOW_DELAY_S):
        _, seconds = ask("slow", TEXTS[3])
    if seconds > 2 + SLACK_S:
        raise Wrong(texts("plan_b_slow", seconds=seconds))
    restored = time.monotonic()
    while not ask("well", TEXTS[0])[0]:
        if time.monotonic() - restored > RECOVERED_WITHIN_S:
            raise Wrong(texts("plan_b_stuck", seconds=RECOVERED_WITHIN_S))
        time.sleep(0.3)
    return texts("plan_b_ok")


def _called(
    case: str, raised: str, function: Callable[..., Any], *arguments: Any
) -> tuple[Any, float]:
    """Return a student's function's result, and the seconds that it took.

    Raises Wrong with the text `raised` if the function raises an exception.
    """
    result = timed_call(function, *arguments)
    if error := result.error:
        kind = type(error).__name__
        raise Wrong(texts(raised, case=_named(case), kind=kind, message=error)) from error
    return result.value, result.seconds


def _named(case: str) -> str:
    return texts.table("cases")[case]


def _is_empty(function: Callable[..., Any], *arguments: Any) -> bool:
    """Return whether a function has no body yet.

    It returns None faster than any request can be sent, unlike one that got no prediction.
    """
    result = timed_call(function, *arguments)
    return result.error is None and result.seconds < EMPTY_BODY_S and is_missing(result.value)


def _near(found: float, expected: float) -> bool:
    return abs(found - expected) <= 0.01 * abs(expected)

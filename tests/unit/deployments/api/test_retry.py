"""Retries, their budget and the circuit breaker, without a network."""

import asyncio

import pytest

from deployments.api import retry
from deployments.api.circuit_breaker import MAX_FAILURES, OPEN_S, CircuitBreaker
from deployments.api.error_mapping import ProviderFailure
from deployments.api.retry import Retrier, RetryBudget
from deployments.services.problems import Problem


class CallFailed(Exception):
    def __init__(self, **failure: object) -> None:
        self.failure = ProviderFailure(502, "It failed", "It failed, so do this.", **failure)


def classify_error(error: BaseException) -> ProviderFailure | None:
    return error.failure if isinstance(error, CallFailed) else None


def run(retrier: Retrier, *outcomes: object, within_s: float = 60.0) -> tuple[object, int]:
    """Call with these outcomes, one a try; return the answer or the problem, and the number of
    tries.
    """
    left = list(outcomes)

    async def ask() -> object:
        outcome = left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def call() -> object:
        return await retrier.call(ask, asyncio.get_running_loop().time() + within_s)

    try:
        return asyncio.run(call()), len(outcomes) - len(left)
    except Problem as problem:
        return problem, len(outcomes) - len(left)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the waits between tries, without waiting."""
    recorded: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        recorded.append(seconds)
        await real(0)

    monkeypatch.setattr(retry.asyncio, "sleep", sleep)
    return recorded


def test_waits_grow_and_stop_at_the_first_success(waits: list[float]) -> None:
    failure = CallFailed(retryable=True)
    assert run(Retrier(5, classify_error), failure, failure, failure, "fine") == ("fine", 4)
    for number, seconds in enumerate(waits):
        assert 0.125 * 2**number <= seconds <= 0.25 * 2**number


def test_retry_after_is_the_least(waits: list[float]) -> None:
    assert (
        run(Retrier(2, classify_error), CallFailed(retryable=True, retry_after_s=7.0), "fine")[0]
        == "fine"
    )
    assert waits == [7.0]


@pytest.mark.parametrize(
    ("failure", "within_s", "tries"),
    [
        ({"retryable": True}, 60.0, 3),
        ({}, 60.0, 1),
        ({"retryable": True, "retry_after_s": 5.0}, 4.0, 1),
    ],
    ids=["bounded", "no use", "too late"],
)
def test_no_more_tries(failure: dict, within_s: float, tries: int, waits: list[float]) -> None:
    problem, tried = run(
        Retrier(2, classify_error), *[CallFailed(**failure)] * 5, within_s=within_s
    )
    assert (
        isinstance(problem, Problem)
        and tried == tries == problem.extra["attempts"]
        and len(waits) == tries - 1
    )
    assert problem.retry_after_s == (5 if "retry_after_s" in failure else 1 if failure else None)


def test_an_error_without_a_verdict_is_neither_repeated_nor_counted() -> None:
    retrier = Retrier(2, classify_error)
    failure = CallFailed(retryable=True, trips_breaker=True)

    async def fail() -> None:
        raise failure

    async def call() -> None:
        deadline = asyncio.get_running_loop().time() + 60
        await retrier.call(fail, deadline, no_verdict=lambda error: error is failure)

    for _ in range(MAX_FAILURES + 1):
        with pytest.raises(Problem) as found:
            asyncio.run(call())
        assert found.value.extra["attempts"] == 1
    assert retrier.breaker.state == "closed"


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(ZeroDivisionError):
        run(Retrier(2, classify_error), ZeroDivisionError())


def test_budget_bounds_the_share_of_repeats() -> None:
    retrier = Retrier(2, classify_error)
    repeats = sum(run(retrier, *[CallFailed(retryable=True)] * 3)[1] - 1 for _ in range(1000))
    assert 200 <= repeats <= 210, "ten at once, then a fifth of the calls"
    problem, tries = run(retrier, *[CallFailed(retryable=True)] * 3)
    if tries == 1:
        assert "budget" in problem.detail
    budget = RetryBudget()
    assert [budget.take() for _ in range(11)] == [True] * 10 + [False]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: CircuitBreaker) -> None:
    breaker.record_failure(breaker.admit())


def test_breaker() -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock)
    for _ in range(MAX_FAILURES - 1):
        fail(breaker)
    assert breaker.state == "closed"
    breaker.admit()
    breaker.record_success()
    for _ in range(MAX_FAILURES):
        assert breaker.state == "closed", "only failures in a row count"
        fail(breaker)
    assert breaker.state == "open"
    with pytest.raises(Problem) as rejected:
        breaker.admit()
    assert (rejected.value.status, rejected.value.retry_after_s) == (503, int(OPEN_S))
    clock.now += OPEN_S
    assert breaker.state == "half-open"
    assert breaker.admit() is True
    with pytest.raises(Problem):
        breaker.admit()
    breaker.record_failure(trial=False)  # an earlier call that ends late is not the trial
    assert breaker.state == "open"
    breaker.record_failure(trial=True)
    assert breaker.state == "open"
    clock.now += OPEN_S
    breaker.record_cancellation(breaker.admit())
    assert breaker.admit() is True, "a trial without a result decides nothing"
    breaker.record_success()
    assert breaker.state == "closed"
    assert breaker.admit() is False


def test_breaker_counts_what_is_broken_only() -> None:
    retrier = Retrier(0, classify_error)
    for _ in range(MAX_FAILURES * 2):
        run(retrier, CallFailed())
    assert retrier.breaker.state == "closed"
    for _ in range(MAX_FAILURES):
        run(retrier, CallFailed(trips_breaker=True))
    assert retrier.breaker.state == "open"
    problem, tries = run(retrier, "fine")
    assert problem.status == 503 and tries == 0

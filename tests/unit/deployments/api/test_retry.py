"""Retries, their budget and the circuit breaker, without a network."""

import asyncio

import pytest

from deployments.api import retry as patience
from deployments.api.failures import Failure
from deployments.api.retry import BREAKER_FAILURES, BREAKER_OPEN_S, Breaker, Patience, RetryBudget
from deployments.services.problems import Problem


class Trouble(Exception):
    def __init__(self, **failure: object) -> None:
        self.failure = Failure(502, "It failed", "It failed, so do this.", **failure)


def understand(error: BaseException) -> Failure | None:
    return error.failure if isinstance(error, Trouble) else None


def run(patient: Patience, *outcomes: object, within_s: float = 60.0) -> tuple[object, int]:
    """Call with these outcomes, one a try; return the answer or the problem, and the number of tries."""
    left = list(outcomes)

    async def ask() -> object:
        outcome = left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def call() -> object:
        return await patient.call(ask, asyncio.get_running_loop().time() + within_s)

    try:
        return asyncio.run(call()), len(outcomes) - len(left)
    except Problem as problem:
        return problem, len(outcomes) - len(left)


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Keep the seconds that are waited between tries, without waiting them."""
    slept: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr(patience.asyncio, "sleep", sleep)
    return slept


def test_waits_grow_and_stop_at_the_first_success(naps: list[float]) -> None:
    again = Trouble(again=True)
    assert run(Patience(5, understand), again, again, again, "fine") == ("fine", 4)
    for number, seconds in enumerate(naps):
        assert 0.125 * 2**number <= seconds <= 0.25 * 2**number


def test_retry_after_is_the_least(naps: list[float]) -> None:
    assert run(Patience(2, understand), Trouble(again=True, wait_s=7.0), "fine")[0] == "fine"
    assert naps == [7.0]


@pytest.mark.parametrize(
    ("failure", "within_s", "tries"),
    [({"again": True}, 60.0, 3), ({}, 60.0, 1), ({"again": True, "wait_s": 5.0}, 4.0, 1)],
    ids=["bounded", "no use", "too late"],
)
def test_no_more_tries(failure: dict, within_s: float, tries: int, naps: list[float]) -> None:
    problem, tried = run(Patience(2, understand), *[Trouble(**failure)] * 5, within_s=within_s)
    assert (
        isinstance(problem, Problem)
        and tried == tries == problem.extra["attempts"]
        and len(naps) == tries - 1
    )
    assert problem.retry_after_s == (5 if "wait_s" in failure else 1 if failure else None)


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(ZeroDivisionError):
        run(Patience(2, understand), ZeroDivisionError())


def test_budget_bounds_the_share_of_repeats() -> None:
    patient = Patience(2, understand)
    repeats = sum(run(patient, *[Trouble(again=True)] * 3)[1] - 1 for _ in range(1000))
    assert 200 <= repeats <= 210, "ten at once, then a fifth of the calls"
    problem, tries = run(patient, *[Trouble(again=True)] * 3)
    if tries == 1:
        assert "budget" in problem.detail
    budget = RetryBudget()
    assert [budget.take() for _ in range(11)] == [True] * 10 + [False]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def broken(breaker: Breaker) -> None:
    breaker.failed(breaker.admit())


def test_breaker() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(BREAKER_FAILURES - 1):
        broken(breaker)
    assert breaker.state == "closed"
    breaker.admit()
    breaker.succeeded()
    for _ in range(BREAKER_FAILURES):
        assert breaker.state == "closed", "only failures in a row count"
        broken(breaker)
    assert breaker.state == "open"
    with pytest.raises(Problem) as resting:
        breaker.admit()
    assert (resting.value.status, resting.value.retry_after_s) == (503, int(BREAKER_OPEN_S))
    clock.now += BREAKER_OPEN_S
    assert breaker.state == "half-open"
    assert breaker.admit() is True
    with pytest.raises(Problem):
        breaker.admit()
    breaker.failed(trial=False)  # a straggler from before is not the trial
    assert breaker.state == "open"
    breaker.failed(trial=True)
    assert breaker.state == "open"
    clock.now += BREAKER_OPEN_S
    breaker.given_up(breaker.admit())
    assert breaker.admit() is True, "a trial whose client went away is nobody's verdict"
    breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.admit() is False


def test_breaker_counts_what_is_broken_only() -> None:
    patient = Patience(0, understand)
    for _ in range(BREAKER_FAILURES * 2):
        run(patient, Trouble())
    assert patient.breaker.state == "closed"
    for _ in range(BREAKER_FAILURES):
        run(patient, Trouble(broken=True))
    assert patient.breaker.state == "open"
    problem, tries = run(patient, "fine")
    assert problem.status == 503 and tries == 0

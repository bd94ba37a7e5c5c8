"""When to ask a failing provider again, and when to leave it in peace.

- Retries: what may pass (see failures.py) is asked again, after 0.25 s, 0.5 s, 1 s …, each shortened by chance so that clients which failed
  together do not come back together; never before the time that Retry-After names; never when that would be after the request's deadline.
- Retry budget: of all calls at most a fifth may be repeats (and ten at once). Without it, a provider in trouble gets three times its usual
  load exactly when it can bear the least, and a paid one sends three bills.
- Circuit breaker: after five failures in a row nobody is sent there for five seconds; clients get 503 at once instead of waiting. Then one
  request goes through as a trial: if it succeeds all may go, if it fails five more seconds begin.
"""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prometheus_client import Counter, Gauge

from deployments.api.failures import Failure
from deployments.services.problems import Problem

FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 8.0
BREAKER_FAILURES, BREAKER_OPEN_S = 5, 5.0
BUDGET_SHARE, BUDGET_BURST = 0.2, 10.0

RETRIES = Counter(
    "hostlab_provider_retries_total", "Calls to the provider that repeated a failed one."
)
BREAKER = Gauge(
    "hostlab_provider_breaker_open", "1 while the circuit breaker keeps requests from the provider."
)
T = TypeVar("T")


class RetryBudget:
    """Each call pays a share of a retry in, each retry takes one out."""

    def __init__(self) -> None:
        self._saved = BUDGET_BURST

    def call_made(self) -> None:
        self._saved = min(BUDGET_BURST, self._saved + BUDGET_SHARE)

    def take(self) -> bool:
        """Take one retry out, or return False where none is left."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True


class Breaker:
    """Closed: all go through. Open: none do, for BREAKER_OPEN_S. Half-open: one does, and decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._on_trial = False

    @property
    def state(self) -> str:
        if self._open_until is None:
            return "closed"
        return "open" if self._on_trial or self._clock() < self._open_until else "half-open"

    def check(self) -> None:
        """Raise Problem 503 while no request may go through."""
        if self.state == "open":
            wait_s = max(1, math.ceil(self._open_until - self._clock()))
            detail = (
                f"The provider failed {self._failures} times in a row, so nobody is sent there for now (circuit breaker). "
                f"In {wait_s} s one request is let through as a trial; if it succeeds all are again."
            )
            raise Problem(503, "The provider is given a rest", detail, retry_after_s=wait_s)

    def admit(self) -> bool:
        """Let a call through, and return whether it is the trial. Raises Problem 503 while none may go."""
        self.check()
        self._on_trial = self.state == "half-open"
        return self._on_trial

    def succeeded(self) -> None:
        self._failures, self._open_until, self._on_trial = 0, None, False
        BREAKER.set(0)

    def failed(self, trial: bool) -> None:
        self._failures += 1
        if trial or (self._failures >= BREAKER_FAILURES and self._open_until is None):
            self._open_until, self._on_trial = self._clock() + BREAKER_OPEN_S, False
            BREAKER.set(1)

    def given_up(self, trial: bool) -> None:
        """The call ended without saying anything about the provider: its client had gone."""
        self._on_trial = self._on_trial and not trial


class Patience:
    """Calls one provider with all of the above."""

    def __init__(self, retries: int, understand: Callable[[BaseException], Failure | None]) -> None:
        self._retries, self._understand = retries, understand
        self._budget, self.breaker = RetryBudget(), Breaker()

    async def call(self, ask: Callable[[], Awaitable[T]], deadline: float) -> T:
        """Return what `ask` returns, asked again where that may help. `deadline` is in the event loop's seconds.

        Raises Problem for a failure of the provider, and other errors as they come.
        """
        self._budget.call_made()
        tries = 0
        while True:
            trial = self.breaker.admit()
            tries += 1
            try:
                async with asyncio.timeout_at(deadline):
                    answer = await ask()
            except BaseException as error:
                failure = self._understand(error)
                if failure is None:
                    self.breaker.given_up(trial)
                    raise
                self.breaker.failed(trial) if failure.broken else self.breaker.succeeded()
                await self._wait(failure, tries, deadline, error)
            else:
                self.breaker.succeeded()
                return answer

    async def _wait(
        self, failure: Failure, tries: int, deadline: float, error: BaseException
    ) -> None:
        """Wait until it is time for the next try. Raises the failure's Problem where there is to be none."""
        if not failure.again or tries > self._retries:
            raise failure.problem(tries) from error
        longest_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (tries - 1))
        wait_s = max(random.uniform(longest_s / 2, longest_s), failure.wait_s or 0.0)
        if asyncio.get_running_loop().time() + wait_s >= deadline:
            raise failure.problem(
                tries,
                f" The next try would be in {wait_s:.1f} s, which is too late for this request.",
            ) from error
        if not self._budget.take():
            raise failure.problem(
                tries, " The retry budget is used up: too many calls had to be repeated of late."
            ) from error
        RETRIES.inc()
        await asyncio.sleep(wait_s)

"""Retries: when to repeat a failed call to the provider, and when not to.

- A failure that may pass (see error_mapping.py) is retried after 0.25 s, 0.5 s, 1 s, and so on. A
  random part of each wait keeps clients that failed together from returning together. A retry never
  comes before the time in Retry-After, and never after the deadline of the request.
- A retry budget limits the retries to a fifth of all calls, with up to ten at once. Without it, a
  provider in trouble would get three times its usual load, and a paid one would send three bills.
- A circuit breaker (see circuit_breaker.py) stops all calls after several failures in a row.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prometheus_client import Counter

from deployments.api.circuit_breaker import CircuitBreaker
from deployments.api.provider_failure import ProviderFailure

FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 8.0
BUDGET_SHARE, BUDGET_BURST = 0.2, 10.0

RETRIES = Counter(
    "hostlab_provider_retries_total", "Calls to the provider that repeated a failed one."
)
T = TypeVar("T")
ClassifyError = Callable[[BaseException], ProviderFailure | None]


class RetryBudget:
    """Each call adds a share of a retry to the budget, and each retry takes one out."""

    def __init__(self) -> None:
        self._saved = BUDGET_BURST

    def record_call(self) -> None:
        """Add the share of one call."""
        self._saved = min(BUDGET_BURST, self._saved + BUDGET_SHARE)

    def take(self) -> bool:
        """Take out one retry; return False if there is none left."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True


class Retrier:
    """Calls one provider, with retries, a budget for them, and a circuit breaker.

    `classify_error` returns the provider's failure, or None for any other error.
    """

    def __init__(self, max_retries: int, classify_error: ClassifyError) -> None:
        self._max_retries, self._classify_error = max_retries, classify_error
        self._budget = RetryBudget()
        self.breaker = CircuitBreaker()

    async def call(
        self,
        operation: Callable[[], Awaitable[T]],
        deadline: float,
        no_verdict: Callable[[BaseException], bool] = lambda error: False,
    ) -> T:
        """Return the result of `operation`, retried if that may help.

        Args:
            operation: One call to the provider.
            deadline: The time limit, by the clock of the event loop.
            no_verdict: Whether an error says nothing about the health of the provider. It is not
                retried, and it doesn't count for the circuit breaker.

        Raises:
            Problem: The provider failed. Other errors pass unchanged.
        """
        self._budget.record_call()
        tries = 0
        while True:
            trial = self.breaker.admit()
            tries += 1
            try:
                async with asyncio.timeout_at(deadline):
                    result = await operation()
            except BaseException as error:
                failure = self._classify_error(error)
                if failure is None:
                    self.breaker.record_cancellation(trial)
                    raise
                if no_verdict(error):
                    self.breaker.record_cancellation(trial)
                    raise failure.problem(tries) from error
                if failure.trips_breaker:
                    self.breaker.record_failure(trial)
                else:
                    self.breaker.record_success()
                await self._wait(failure, tries, deadline, error)
            else:
                self.breaker.record_success()
                return result

    async def _wait(
        self, failure: ProviderFailure, tries: int, deadline: float, error: BaseException
    ) -> None:
        """Wait until the next try. Raises the failure's Problem if there must not be one."""
        if not failure.retryable or tries > self._max_retries:
            raise failure.problem(tries) from error
        longest_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (tries - 1))
        wait_s = max(random.uniform(longest_s / 2, longest_s), failure.retry_after_s or 0.0)
        if asyncio.get_running_loop().time() + wait_s >= deadline:
            too_late = f" The next try would be in {wait_s:.1f} s, after this request's deadline."
            raise failure.problem(tries, too_late) from error
        if not self._budget.take():
            no_budget = " The retry budget is used up: too many recent calls were retried."
            raise failure.problem(tries, no_budget) from error
        RETRIES.inc()
        await asyncio.sleep(wait_s)

"""The circuit breaker: after several failures in a row, stop calling the provider for a while.

Clients then get 503 at once instead of waiting. After the pause, one request goes through as a
trial: if it succeeds, the breaker closes; if it fails, the next pause begins.
"""

import math
import time
from collections.abc import Callable
from typing import Literal

from prometheus_client import Gauge

from deployments.services.problems import Problem

MAX_FAILURES = 5  # in a row; then the breaker opens
OPEN_S = 5.0

BREAKER = Gauge(
    "hostlab_provider_breaker_open", "1 while the circuit breaker blocks calls to the provider."
)
BreakerState = Literal["closed", "open", "half-open"]


class CircuitBreaker:
    """Counts failures in a row. Closed: all calls pass. Open: none. Half-open: one, as a trial."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._on_trial = False

    @property
    def state(self) -> BreakerState:
        """The current state; an open breaker becomes half-open after OPEN_S seconds."""
        if self._open_until is None:
            return "closed"
        return "open" if self._on_trial or self._clock() < self._open_until else "half-open"

    def check(self) -> None:
        """Raise Problem 503 while no call may pass."""
        if self.state == "open" and self._open_until is not None:
            wait_s = max(1, math.ceil(self._open_until - self._clock()))
            detail = (
                f"The provider failed {self._failures} times in a row, so the circuit breaker "
                f"blocks all calls to it. In {wait_s} s, it lets one request through as a trial; "
                "if that succeeds, it lets all of them through again."
            )
            raise Problem(503, "Circuit breaker open", detail, retry_after_s=wait_s)

    def admit(self) -> bool:
        """Let a call pass and return whether it is the trial. Raises Problem 503 if none may."""
        self.check()
        self._on_trial = self.state == "half-open"
        return self._on_trial

    def record_success(self) -> None:
        """Close the breaker: the provider works."""
        self._failures, self._open_until, self._on_trial = 0, None, False
        BREAKER.set(0)

    def record_failure(self, trial: bool) -> None:
        """Count a failure, and open the breaker after a failed trial or too many failures."""
        self._failures += 1
        if trial or (self._failures >= MAX_FAILURES and self._open_until is None):
            self._open_until, self._on_trial = self._clock() + OPEN_S, False
            BREAKER.set(1)

    def record_cancellation(self, trial: bool) -> None:
        """The call ended without a verdict on the provider, because its client disconnected."""
        self._on_trial = self._on_trial and not trial

"""A failed call to the provider, and what the client gets for it."""

import math
from dataclasses import dataclass

from deployments.services.problems import Problem


@dataclass(frozen=True)
class ProviderFailure:
    """One failed call.

    Attributes:
        status: The status that the client gets.
        title: What failed.
        detail: Why, and what to do next.
        retryable: Whether a retry may help.
        trips_breaker: Whether it counts for the circuit breaker.
        retry_after_s: The seconds in the provider's Retry-After header, if it sent one.
    """

    status: int
    title: str
    detail: str
    retryable: bool = False
    trips_breaker: bool = False
    retry_after_s: float | None = None

    def problem(self, tries: int, reason_to_stop: str = "") -> Problem:
        """Return what the client gets after this number of tries."""
        tried = f" Tried {tries} times." if tries > 1 else ""
        retry_after_s = None
        if self.retry_after_s is not None:
            retry_after_s = math.ceil(self.retry_after_s)
        elif self.retryable or self.status == 504:
            retry_after_s = 1
        detail = self.detail + tried + reason_to_stop
        return Problem(self.status, self.title, detail, retry_after_s=retry_after_s, attempts=tries)

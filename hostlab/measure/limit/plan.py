"""What a search for a limit is asked: which bound to keep, and how much to measure."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from hostlab.errors import BadInput

Percent = Literal[50, 95, 99]
PERCENTS: tuple[Percent, ...] = get_args(Percent)
MAX_LATENCY_MS = 10_000.0  # the generator waits no longer for a response
MAX_ERRORS_PERCENT = 50.0


@dataclass(frozen=True)
class Bound:
    """The latency of `percent` of the predictions is at most `latency_ms`, and at most
    `errors_percent` of the requests get no prediction.
    """

    percent: Percent = 95
    latency_ms: float = 100.0
    errors_percent: float = 1.0

    def check(self) -> None:
        """Raise BadInput for a bound that cannot be measured."""
        if self.percent not in PERCENTS:
            known = ", ".join(f"p{percent}" for percent in PERCENTS)
            raise BadInput(f"p{self.percent} is not measured. Use one of: {known}.")
        if not 1 <= self.latency_ms <= MAX_LATENCY_MS:
            raise BadInput(
                f"A bound of {self.latency_ms:g} ms is not possible. "
                f"Use 1 to {MAX_LATENCY_MS:.0f} ms."
            )
        if not 0 <= self.errors_percent <= MAX_ERRORS_PERCENT:
            raise BadInput(
                f"A bound of {self.errors_percent:g} % of errors is not possible. "
                f"Use 0 to {MAX_ERRORS_PERCENT:.0f} %."
            )

    @property
    def late_share(self) -> float:
        """The share of predictions that may take longer than `latency_ms`."""
        return 1 - self.percent / 100

    @property
    def error_share(self) -> float:
        """The share of requests that may get no prediction."""
        return self.errors_percent / 100

    def strain(self, latency_ms: float | None, error_share: float) -> float:
        """Return how much of the bound is used: 1 is all of it, and more breaks it.

        `latency_ms` is the percentile that was measured; None where there was no prediction.
        """
        if latency_ms is None or (error_share and not self.error_share):
            return float("inf")
        errors = error_share / self.error_share if error_share else 0.0
        return max(latency_ms / self.latency_ms, errors)


@dataclass(frozen=True)
class LimitPlan:
    """A search that begins at `start_per_s` requests a second.

    It ends when the lowest rate that broke the bound is at most the share `precision` above the
    highest rate that kept it, and begins no trial that would take it beyond `budget_s` seconds for
    a method. A trial takes `min_trial_s` or longer. The arrivals are drawn from `seed`, anew for
    each search if it is None. With `spend`, the load may use a provider that charges for requests.
    """

    bound: Bound = field(default_factory=Bound)
    start_per_s: float = 20.0
    precision: float = 0.1
    min_trial_s: float = 3.0
    budget_s: float = 120.0
    seed: int | None = None
    spend: bool = False

    def check(self) -> None:
        """Raise BadInput if the search is impossible."""
        self.bound.check()
        if not 10 <= self.budget_s <= 1800:
            raise BadInput(
                f"A search cannot take {self.budget_s:g} s at most. Allow 10 to 1800 s for each "
                "method."
            )

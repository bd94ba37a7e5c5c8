"""The search for the highest rate at which a service keeps a bound: which rate comes next.

The rate doubles until the bound breaks, or halves until it holds. The interval between the highest
rate that held and the lowest that did not is then halved (by ratio) until it is narrow enough. A
trial near the bound could have gone either way, so it is repeated, and two of three decide. So is
each end of the interval if a single trial has decided it: a noisy moment of the machine may have.
There is no clock and no network here.
"""

import math
from dataclasses import dataclass

NEAR = 1.25  # a trial whose strain is within this factor of 1 is near the bound
LOWEST_PER_S, HIGHEST_PER_S = 1.0, 2000.0  # the highest is about what the generator can do


@dataclass(frozen=True)
class RateTrial:
    """One trial: `rate_per_s` requests a second, from `from_s` to `until_s` of the search.

    `latency_ms` is the bound's percentile of the `sent` requests that were not `lost`. `strain` is
    the used share of the bound (Bound.strain). `cut_short`: the bound was so clearly broken that
    the trial ended before its time. `generator_bound`: the load generator was at its own limit.
    """

    rate_per_s: float
    from_s: float
    until_s: float
    sent: int
    lost: int
    latency_ms: float | None
    strain: float
    cut_short: bool = False
    generator_bound: bool = False

    @property
    def held(self) -> bool:
        """Whether the bound was kept."""
        return self.strain <= 1 and not self.cut_short

    @property
    def near(self) -> bool:
        """Whether the trial could easily have gone the other way."""
        return 1 / NEAR <= self.strain <= NEAR and not self.cut_short


class LimitSearch:
    """Add each trial, and ask for the rate of the next one, until there is none."""

    def __init__(self, start_per_s: float, precision: float) -> None:
        """It ends when the interval is at most the share `precision` wide."""
        self._start_per_s, self._precision = start_per_s, precision
        self._trials: dict[float, list[RateTrial]] = {}  # by rate

    def add(self, trial: RateTrial) -> None:
        """Take note of a trial."""
        self._trials.setdefault(trial.rate_per_s, []).append(trial)

    def trials_at(self, rate_per_s: float) -> list[RateTrial]:
        """Return the trials at one rate."""
        return self._trials.get(rate_per_s, [])

    @property
    def broke_per_s(self) -> float | None:
        """The lowest rate at which the bound broke."""
        return min((rate for rate in self._trials if self._held(rate) is False), default=None)

    @property
    def held_per_s(self) -> float | None:
        """The highest rate below it at which the bound held."""
        below = self.broke_per_s or math.inf
        held = (rate for rate in self._trials if rate < below and self._held(rate))
        return max(held, default=None)

    def next_rate(self) -> float | None:
        """Return the rate to try next, in requests a second, or None at the end."""
        undecided = (rate for rate in self._trials if self._held(rate) is None)
        if (again := next(undecided, None)) is not None:
            return again
        low, high = self.held_per_s, self.broke_per_s
        if low is None and high is None:
            return self._start_per_s
        if high is None and low is not None and low < HIGHEST_PER_S:
            return min(2 * low, HIGHEST_PER_S)
        if low is None and high is not None and high > LOWEST_PER_S:
            return max(high / 2, LOWEST_PER_S)
        if low is not None and high is not None and high > low * (1 + self._precision):
            middle = float(f"{math.sqrt(low * high):.3g}")
            if low < middle < high:
                return middle
        ends = (rate for rate in (high, low) if rate is not None)
        return next((rate for rate in ends if len(self._trials[rate]) == 1), None)

    def _held(self, rate_per_s: float) -> bool | None:
        """Return whether the bound held at a rate that was tried, or None if that is open."""
        trials = self._trials[rate_per_s]
        held = sum(trial.held for trial in trials)
        if 2 * held == len(trials) or (len(trials) == 1 and trials[0].near):
            return None
        return 2 * held > len(trials)

"""Figures with their uncertainty: each has a 95 % interval, because a figure without one misleads.

There are three kinds of interval, and each figure says which it has:

- "t": for a mean of a few repeats (throughput, cold start), Student's t.
- "score": for a share of many requests, the score interval (Wilson 1927). It takes requests as
  independent; where they are lost in a row, the truth is less certain.
- "bootstrap": for a percentile of many requests, a moving block bootstrap (Künsch 1989). It redraws
  whole blocks of neighboring requests, because a noisy second on the machine affects all its
  requests together. Single requests would look more independent than they are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

import numpy as np

# Two-sided 95 % points of Student's t for 1 to 30 degrees of freedom, as in any statistics book.
# fmt: off
_T95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)
# fmt: on
_MAX_LOG = math.log(1e12)  # of a ratio's upper end; that of a figure that may be 0 has none
BLOCK = 10  # neighboring requests that are drawn together
DRAWS = 1000


@dataclass(frozen=True)
class Ratio:
    """How many times as large one figure is as another, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval, `low` to `high`; both None where a single value has none.

    `count`: the number of repeats, or of requests for a percentile. `note`: what bounds the value
    if it is not the service.
    """

    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    count: int = 1
    interval: Literal["t", "score", "bootstrap", "order statistics", "none"] = "none"
    note: str = ""

    def ratio_to(self, other: "Figure") -> Ratio | None:
        """Return the ratio of this figure to another, which was measured independently.

        Its interval follows from the two figures' own by the method of variance estimates recovery
        on the logarithms (Zou and Donner 2008, Statistics in Medicine 27:1693). None where one of
        the figures has no interval, or is not above 0.
        """
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return None
        if not (self.value > 0 and other.value > 0):
            return None
        log = math.log(self.value / other.value)
        down = math.hypot(_log(self.value, self.low), _log(other.high, other.value))
        up = math.hypot(_log(self.high, self.value), _log(other.value, other.low))
        return Ratio(math.exp(log), math.exp(log - down), math.exp(min(log + up, _MAX_LOG)))

    def differs_from(self, other: "Figure") -> bool | None:
        """Return whether the figures differ by more than noise; None where that is not known.

        They do if the interval of their ratio excludes 1 or, for figures of which one is 0, if
        their own intervals do not overlap.
        """
        if ratio := self.ratio_to(other):
            return not ratio.low <= 1 <= ratio.high
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return None
        return self.low > other.high or self.high < other.low


def mean(values: Sequence[float], unit: str, note: str = "") -> Figure | None:
    """Return the mean of repeats with Student's t interval.

    None for no values, and no interval for a single one. The interval does not go below 0, because
    everything that is measured here is positive.
    """
    if not values:
        return None
    if len(values) == 1:
        return Figure(float(values[0]), unit, note=note)
    center = fmean(values)
    half = _T95[min(len(values) - 1, len(_T95)) - 1] * stdev(values) / math.sqrt(len(values))
    return Figure(center, unit, max(0.0, center - half), center + half, len(values), "t", note)


def share(count: int, total: int) -> Figure | None:
    """Return `count` of `total` in percent with its score interval; None of nothing."""
    if total <= 0:
        return None
    p, z = count / total, 1.96
    center, scale = (p + z * z / (2 * total)), 1 + z * z / total
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    low, high = (max(0.0, (center - half) / scale), min(1.0, (center + half) / scale))
    low, high = (0.0 if count == 0 else low), (1.0 if count == total else high)
    return Figure(100 * p, "%", 100 * low, 100 * high, total, "score")


def quantile(values: Sequence[float], percent: float) -> float | None:
    """Return a percentile of `values` without an interval, which is quick; None for no values."""
    return float(np.percentile(values, percent)) if len(values) else None


def percentile(values: Sequence[float], percent: float, unit: str, note: str = "") -> Figure | None:
    """Return a percentile with its bootstrap interval; None for no values.

    `values` are in the order in which they were measured. With fewer than two blocks of values, or
    fewer than five values beyond the percentile, there is no credible interval.
    """
    value = quantile(values, percent)
    if value is None:
        return None
    count = len(values)
    if count < 2 * BLOCK or count * (100 - percent) / 100 < 5:
        return Figure(value, unit, count=count, note=note)
    data = np.asarray(values, dtype=float)
    draw = np.random.default_rng(0)  # the same data give the same interval
    blocks = math.ceil(count / BLOCK)
    starts = draw.integers(0, count - BLOCK + 1, size=(DRAWS, blocks))
    picked = (starts[:, :, None] + np.arange(BLOCK)).reshape(DRAWS, -1)[:, :count]
    low, high = np.percentile(np.percentile(data[picked], percent, axis=1), (2.5, 97.5))
    # A block bootstrap rarely reaches the ends of the data. The interval always holds the value.
    independent = _of_independent(np.sort(data), percent / 100)
    low, high = min(float(low), value, independent[0]), max(float(high), value, independent[1])
    return Figure(value, unit, low, high, count, "bootstrap", note)


def _of_independent(ordered: np.ndarray, share: float) -> tuple[float, float]:
    """Return the 95 % interval of the quantile at `share`, if the values were independent.

    It reaches from one of the ordered values to another, whose ranks are those of the binomial
    distribution of how many values lie below the quantile.
    """
    count = len(ordered)
    whole, odds = math.lgamma(count + 1), (math.log(share), math.log1p(-share))
    below = [  # as logarithms, because the factors themselves are too large
        whole
        - math.lgamma(n + 1)
        - math.lgamma(count - n + 1)
        + n * odds[0]
        + (count - n) * odds[1]
        for n in range(count + 1)
    ]
    cumulative = np.cumsum(np.exp(below))
    first = int(np.searchsorted(cumulative, 0.025)) - 1
    last = int(np.searchsorted(cumulative, 0.975))
    return float(ordered[max(first, 0)]), float(ordered[min(last, count - 1)])


def _log(greater: float, less: float) -> float:
    """Return the logarithm of a ratio; it has no bound where `less` may be 0."""
    return math.log(greater / less) if less > 0 else math.inf

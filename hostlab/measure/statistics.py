"""A figure and how sure it is: every one comes with a 95 % interval, because a figure without one
invites the wrong conclusion.

Two kinds, and each figure says which it is:

- "t": a mean of a few repeats (throughput, cold start). Student's t, as for any mean of few
  independent values.
- "bootstrap": a percentile of many requests. Whole blocks of neighbouring requests are drawn again
  (a moving block bootstrap, Künsch 1989), because a noisy second on the machine spoils all its
  requests together: single ones would look more independent than they are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

# two-sided 95 % points of Student's t for 1 to 30 degrees of freedom; any statistics book has this
# table
_T95 = (
    12.706,
    4.303,
    3.182,
    2.776,
    2.571,
    2.447,
    2.365,
    2.306,
    2.262,
    2.228,
    2.201,
    2.179,
    2.160,
    2.145,
    2.131,
)
_T95 += (
    2.120,
    2.110,
    2.101,
    2.093,
    2.086,
    2.080,
    2.074,
    2.069,
    2.064,
    2.060,
    2.056,
    2.052,
    2.048,
    2.045,
    2.042,
)
BLOCK = 10  # neighbouring requests that are drawn together
DRAWS = 1000


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval, `low` to `high`; None where a single measurement cannot tell.

    `count`: repeats, or requests for a percentile.
    """

    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    count: int = 1
    interval: str = "none"  # t, bootstrap, none
    note: str = ""  # what bounds it, when something else than the service does

    def differs_from(self, other: "Figure") -> bool:
        """Return whether the two intervals lie apart.

        Without both intervals nothing can be said: False.
        """
        if None in (self.low, self.high, other.low, other.high):
            return False
        return self.low > other.high or self.high < other.low


def mean(values: Sequence[float], unit: str, note: str = "") -> Figure | None:
    """Return the mean of repeats with Student's t interval; None for no values, no interval for
    one. Never below 0: all we measure is positive.
    """
    if not values:
        return None
    if len(values) == 1:
        return Figure(float(values[0]), unit, note=note)
    centre = fmean(values)
    half = _T95[min(len(values) - 1, len(_T95)) - 1] * stdev(values) / math.sqrt(len(values))
    return Figure(centre, unit, max(0.0, centre - half), centre + half, len(values), "t", note)


def percentile(values: Sequence[float], percent: float, unit: str, note: str = "") -> Figure | None:
    """Return a percentile of `values`, given in the order in which they were measured, with its
    bootstrap interval; None for no values.

    Below two blocks of values, or with fewer than five values beyond the percentile, there is no
    interval that one could believe.
    """
    if not len(values):
        return None
    data = np.asarray(values, dtype=float)
    value, count = float(np.percentile(data, percent)), len(data)
    if count < 2 * BLOCK or count * (100 - percent) / 100 < 5:
        return Figure(value, unit, count=count, note=note)
    draw = np.random.default_rng(0)  # the same data give the same interval
    blocks = math.ceil(count / BLOCK)
    begins = draw.integers(0, count - BLOCK + 1, size=(DRAWS, blocks))
    picked = (begins[:, :, None] + np.arange(BLOCK)).reshape(DRAWS, -1)[:, :count]
    low, high = np.percentile(np.percentile(data[picked], percent, axis=1), (2.5, 97.5))
    # a block bootstrap rarely reaches the ends: the interval always holds the value itself
    return Figure(
        value, unit, min(float(low), value), max(float(high), value), count, "bootstrap", note
    )

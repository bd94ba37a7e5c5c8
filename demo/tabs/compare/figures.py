"""From single requests to figures: percentiles, and the mean split into the parts of the contract.

All times are in milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import fmean

from hostlab.client import Timing
from hostlab.measure.comparison import MeasuredPrediction
from hostlab.measure.statistics import quantile

PARTS = tuple(field.name for field in fields(Timing))  # hop, queue, model, upstream


@dataclass(frozen=True)
class LatencySummary:
    """The latency of `count` requests.

    `parts_ms` are means, so that they sum to `mean_ms`. A part is None if any of the requests
    reports none.
    """

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    mean_ms: float
    parts_ms: Timing


def summarize(predictions: Sequence[MeasuredPrediction]) -> LatencySummary | None:
    """Return the figures of the predictions that have a latency, or None if none has."""
    measured = [one for one in predictions if one.latency_ms is not None]
    latencies = [one.latency_ms for one in measured if one.latency_ms is not None]
    p50, p95, p99 = (quantile(latencies, percent) for percent in (50, 95, 99))
    if p50 is None or p95 is None or p99 is None:
        return None
    parts = (_mean([getattr(one.timing_ms, part, None) for one in measured]) for part in PARTS)
    return LatencySummary(len(latencies), p50, p95, p99, fmean(latencies), Timing(*parts))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None

"""From single answers to figures: percentiles, and the mean split into the parts of the contract. Times in milliseconds."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields

from hostlab.client import Timing
from hostlab.measure.comparison import Answer

PARTS = tuple(field.name for field in fields(Timing))  # hop, queue, model, upstream


@dataclass(frozen=True)
class Summary:
    """Latency of `count` answers. `parts_ms` are means, so that they sum to `mean_ms`; a part that any answer did not tell is None."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    mean_ms: float
    parts_ms: Timing


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that `percent` (1 to 99) of `values` lie at or below, interpolated between the two nearest."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def summarise(answers: Sequence[Answer]) -> Summary | None:
    """Return the figures of those answers that carry a latency, or None when none does."""
    answered = [answer for answer in answers if answer.latency_ms is not None]
    if not answered:
        return None
    latencies = [answer.latency_ms for answer in answered]
    parts = {
        part: _mean([getattr(answer.timing_ms, part, None) for answer in answered])
        for part in PARTS
    }
    middle, high, highest = (percentile(latencies, percent) for percent in (50, 95, 99))
    return Summary(
        len(answered), middle, high, highest, statistics.fmean(latencies), Timing(**parts)
    )


def milliseconds(value: float | None) -> str:
    """Return a time as people read it: three digits that count, a dash where it is not known."""
    if value is None:
        return "–"
    return (
        f"{value:.0f}"
        if value >= 100 or value == 0
        else f"{value:.1f}"
        if value >= 1
        else f"{value:.2f}"
    )


def score(value: float | None) -> str:
    """Return a probability with four decimals, a dash where a provider gives none."""
    return "–" if value is None else f"{value:.4f}"


def _mean(values: Sequence[float | None]) -> float | None:
    return None if None in values else statistics.fmean(values)

"""How the latency varies: cold, first, and warm requests, and every warm request as a dot."""

from collections.abc import Sequence
from dataclasses import dataclass

from demo.formatting import milliseconds
from demo.tabs.compare.comparison import MethodRow
from demo.tabs.compare.figures import LatencySummary
from demo.texts import Texts
from hostlab.measure.statistics import quantile

LANES = 5  # dots of nearly the same latency lie in lanes, one below another


@dataclass(frozen=True)
class Distribution:
    """One method's row: its figures in milliseconds, and a box plot in shares of the longest."""

    method: str
    values_ms: dict[str, float | None]  # cold, first, p50, p95, p99
    description: str
    quartiles: list[float]
    dots: list[float]


def longest_ms(rows: Sequence[MethodRow]) -> float:
    """Return the longest latency of all warm requests, 0 where there are none."""
    return max((latency for row in rows for latency in row.measured_ms), default=0.0)


def distributions(rows: Sequence[MethodRow], texts: Texts) -> list[Distribution]:
    """Return a row for each method with warm requests."""
    longest = longest_ms(rows)
    return [_distribution(row, row.summary, longest, texts) for row in rows if row.summary]


def _distribution(
    row: MethodRow, summary: LatencySummary, longest: float, texts: Texts
) -> Distribution:
    latencies, start = row.measured_ms, row.start
    quartiles = [quantile(latencies, percent) for percent in (25, 50, 75)]
    return Distribution(
        row.method,
        {
            "cold": start.cold_ms if start else None,
            "first": start.first_ms if start else None,
            "p50": summary.p50_ms,
            "p95": summary.p95_ms,
            "p99": summary.p99_ms,
        },
        texts(
            "spread.description",
            count=len(latencies),
            least=milliseconds(min(latencies), texts),
            p50=milliseconds(summary.p50_ms, texts),
            most=milliseconds(max(latencies), texts),
        ),
        [value / longest for value in quartiles if value is not None],
        [latency / longest for latency in latencies],
    )

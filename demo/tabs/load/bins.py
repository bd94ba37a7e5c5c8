"""Samples of a load, second by second: what the charts draw while it goes on."""

from dataclasses import dataclass, field

from hostlab.measure.load.generator import Sample
from hostlab.measure.statistics import quantile


@dataclass(frozen=True)
class Point:
    """One second: predictions that came in it; of the requests that were due in it, those that got none, and the latencies in milliseconds of the rest."""

    second: int
    per_s: float
    lost: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass
class _Bin:
    came: int = 0
    lost: int = 0
    latencies: list[float] = field(default_factory=list)
    point: Point | None = None


class Bins:
    """Seconds that fill as samples come. An answer counts when it comes, its latency and a loss when the request was due."""

    def __init__(self) -> None:
        self._bins: dict[int, _Bin] = {}

    def due(self, sample: Sample) -> None:
        one = self._bin(sample.due_s)
        if sample.status == 200:
            one.latencies.append(sample.latency_ms)
        else:
            one.lost += 1

    def came(self, at_s: float) -> None:
        self._bin(at_s).came += 1

    def points(self, elapsed_s: float) -> list[Point]:
        """Return every whole second so far, those in which nothing came too; of the last one, what it held if it is nearly over."""
        return [self._point(second) for second in range(int(elapsed_s + 0.05))]

    def _bin(self, at_s: float) -> _Bin:
        found = self._bins.setdefault(int(at_s), _Bin())
        found.point = None
        return found

    def _point(self, second: int) -> Point:
        one = self._bins.setdefault(second, _Bin())
        if one.point is None:
            known = sorted(one.latencies)
            p50, p95, p99 = (quantile(known, percent) for percent in (50, 95, 99))
            one.point = Point(second, float(one.came), one.lost, p50, p95, p99)
        return one.point

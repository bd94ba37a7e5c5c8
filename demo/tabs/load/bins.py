"""A load second by second, as the charts draw it while it runs."""

from dataclasses import dataclass, field

from hostlab.measure.load.generator import Sample
from hostlab.measure.statistics import quantile

_ROUNDING_S = 0.05  # the last second counts as complete this much earlier


@dataclass(frozen=True)
class SecondFigures:
    """One second of a load.

    `per_s` is the number of predictions that arrived in it. Of the requests that were due in it,
    `lost` got no prediction; the percentiles are the latencies of the others, in milliseconds.
    """

    second: int
    per_s: float
    lost: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass
class _Bin:
    arrived: int = 0
    lost: int = 0
    latencies: list[float] = field(default_factory=list)
    figures: SecondFigures | None = None


class Bins:
    """The seconds of a load, filled as samples arrive.

    A prediction counts in the second in which it arrives; its latency, or its loss, in the second
    in which the request was due.
    """

    def __init__(self) -> None:
        self._bins: dict[int, _Bin] = {}

    def add_due(self, sample: Sample) -> None:
        """Add a request to the second in which it was due."""
        changed = self._changed(sample.due_s)
        if sample.status == 200:
            changed.latencies.append(sample.latency_ms)
        else:
            changed.lost += 1

    def add_arrival(self, at_s: float) -> None:
        """Add a prediction to the second in which it arrived."""
        self._changed(at_s).arrived += 1

    def figures(self, elapsed_s: float) -> list[SecondFigures]:
        """Return every complete second so far, including those in which nothing happened."""
        return [self._figures(second) for second in range(int(elapsed_s + _ROUNDING_S))]

    def _changed(self, at_s: float) -> _Bin:
        changed = self._bins.setdefault(int(at_s), _Bin())
        changed.figures = None
        return changed

    def _figures(self, second: int) -> SecondFigures:
        bin_ = self._bins.setdefault(second, _Bin())
        if bin_.figures is None:
            latencies = sorted(bin_.latencies)
            p50, p95, p99 = (quantile(latencies, percent) for percent in (50, 95, 99))
            bin_.figures = SecondFigures(second, float(bin_.arrived), bin_.lost, p50, p95, p99)
        return bin_.figures

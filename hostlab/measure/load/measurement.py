"""A load that somebody gives, and what it comes to: `hostlab measure load`, and the Load tab of the
demo.

Throughput counts the answers that came, latency the requests that were due, from when they were
due; the first WARM_UP_S of a load are left out of both, as everywhere here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import ClosedLoad, OpenLoad, Sample
from hostlab.measure.load.isolated import Kind
from hostlab.measure.parts.throughput import GENERATOR_NOTE, GENERATOR_SHARE, WARM_UP_S, run
from hostlab.measure.statistics import Figure, percentile
from hostlab.measure.steps import Step, not_running

MOST_DRAWN = 20_000  # latencies that a bootstrap is made of: it takes a thousand times their room
MAX_LEVEL = {
    "closed": 256,
    "open": 2000,
}  # users: less than the connections there are; requests a second: about what the generator can


@dataclass
class LoadFigures:
    """`sent` requests were due in `seconds`, `lost` of them got no prediction.

    `per_s`: predictions a second. Latencies in milliseconds.
    """

    seconds: float
    sent: int
    lost: int
    per_s: float
    p50_ms: Figure | None
    p95_ms: Figure | None
    p99_ms: Figure | None


@dataclass
class LoadRow:
    """One method under the load; `figures` is None where there is an `error`."""

    method: str
    figures: LoadFigures | None = None
    error: str | None = None


@dataclass
class LoadResult:
    """`level`: users of a closed loop, or requests a second of an open one."""

    kind: Kind
    level: float
    rows: list[LoadRow] = field(default_factory=list)


def figures(
    due: Sequence[Sample],
    came: int,
    seconds: float,
    generator_cpu: float = 0.0,
    intervals: bool = True,
) -> LoadFigures:
    """Return what a load came to: the samples of the requests that were due in `seconds`, and how
    many predictions came in them.

    `generator_cpu`: the generator's share of a core. Near a whole one, or where it sent late, the
    latencies are marked as bounded by it. Without `intervals` it is quick enough to be done again
    and again while the load goes on.
    """
    latencies = [sample.latency_ms for sample in due if sample.status == 200]
    late = _percentile([sample.late_ms for sample in due], 95, False)
    p50 = _percentile(latencies, 50, False)
    bounded = generator_cpu >= GENERATOR_SHARE or (p50 is not None and late.value > 0.1 * p50.value)
    note = GENERATOR_NOTE if bounded else ""
    percentiles = (
        _percentile(latencies, percent, intervals and len(latencies) <= MOST_DRAWN, note)
        for percent in (50, 95, 99)
    )
    return LoadFigures(
        seconds,
        len(due),
        len(due) - len(latencies),
        came / seconds if seconds > 0 else 0.0,
        *percentiles,
    )


def between(samples: Sequence[Sample], from_s: float, until_s: float) -> tuple[list[Sample], int]:
    """Return the samples that were due between two times of a load, and how many predictions came
    between them.
    """
    due = [sample for sample in samples if from_s <= sample.due_s < until_s]
    return due, sum(
        from_s <= sample.due_s + sample.latency_ms / 1000 < until_s
        for sample in samples
        if sample.status == 200
    )


def measure_load(
    services: Sequence[Deployment],
    kind: Kind,
    level: float,
    seconds: float = 10.0,
    spend: bool = False,
) -> Iterator[Step[LoadResult]]:
    """Put the load on each running service, one after the other, for `seconds` after
    the warm-up.
    """
    result = LoadResult(kind, level)
    for number, service in enumerate(services):
        yield Step(f"{service.method} under load", number / len(services), result)
        row = LoadRow(service.method, error=not_running(service))
        result.rows.append(row)
        if row.error:
            continue
        try:
            load = (
                ClosedLoad(service.url, users=round(level), spend=spend)
                if kind == "closed"
                else OpenLoad(service.url, rate_per_s=level, spend=spend)
            )
            run(load, WARM_UP_S + seconds)
            due, came = between(load.samples, WARM_UP_S, WARM_UP_S + seconds)
            row.figures = figures(due, came, seconds, load.cpu_s / (WARM_UP_S + seconds))
        except HostingLabError as error:
            row.error = str(error)
    yield Step("The load has ended.", 1.0, result)


def _percentile(
    values: Sequence[float], percent: float, interval: bool, note: str = ""
) -> Figure | None:
    if interval or not values:
        return percentile(values, percent, "ms", note)
    return Figure(float(np.percentile(values, percent)), "ms", count=len(values), note=note)

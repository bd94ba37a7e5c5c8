"""One given load and its figures: `hostlab measure load`, and the Load tab of the demo.

Throughput counts the responses that arrived. Latency counts from when each request was due. The
first WARM_UP_S of a load are excluded from both, as in all parts.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import ClosedLoad, Load, OpenLoad, Sample
from hostlab.measure.load.isolated import LoadKind
from hostlab.measure.parts.throughput import GENERATOR_NOTE, GENERATOR_SHARE, WARM_UP_S, run
from hostlab.measure.service import Service
from hostlab.measure.statistics import Figure, percentile, quantile
from hostlab.measure.steps import Step, not_running
from hostlab.runtime.progress import Sentence

# Latencies in a bootstrap, which needs a thousand times their memory.
MAX_BOOTSTRAP = 20_000
# Users: fewer than the connections that exist. Requests a second: about what the generator can do.
MAX_LEVEL: dict[LoadKind, int] = {"closed": 256, "open": 2000}


@dataclass
class LoadFigures:
    """`sent` requests were due in `seconds`, and `lost` of them got no prediction.

    `per_s`: predictions a second. Latencies are in milliseconds.
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
    """One method, or one address, under the load; `figures` is None where there is an `error`."""

    method: str
    figures: LoadFigures | None = None
    error: str | None = None


@dataclass
class LoadResult:
    """`level`: users of a closed loop, or requests a second of an open one.

    `seed` gives the arrivals of an open loop, the same for each method.
    """

    kind: LoadKind
    level: float
    seed: int
    rows: list[LoadRow] = field(default_factory=list)


def figures(
    due: Sequence[Sample],
    came: int,
    seconds: float,
    generator_cpu: float = 0.0,
    intervals: bool = True,
) -> LoadFigures:
    """Return the figures of the requests that were due in `seconds`.

    `came`: how many predictions arrived in that time. `generator_cpu`: the generator's share of a
    core. If that is near a whole core, or the generator sent late, the latencies are marked as
    bounded by it. Without `intervals`, this is quick enough to repeat while the load runs.
    """
    latencies = [sample.latency_ms for sample in due if sample.status == 200]
    late, p50 = quantile([sample.late_ms for sample in due], 95), quantile(latencies, 50)
    sent_late = late is not None and p50 is not None and late > 0.1 * p50
    note = GENERATOR_NOTE if generator_cpu >= GENERATOR_SHARE or sent_late else ""
    with_interval = intervals and len(latencies) <= MAX_BOOTSTRAP
    p50_ms, p95_ms, p99_ms = (
        _percentile(latencies, percent, with_interval, note) for percent in (50, 95, 99)
    )
    return LoadFigures(
        seconds=seconds,
        sent=len(due),
        lost=len(due) - len(latencies),
        per_s=came / seconds if seconds > 0 else 0.0,
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        p99_ms=p99_ms,
    )


def between(samples: Sequence[Sample], from_s: float, until_s: float) -> tuple[list[Sample], int]:
    """Return the samples that were due between two times, and how many predictions arrived then."""
    due = [sample for sample in samples if from_s <= sample.due_s < until_s]
    answered = (sample for sample in samples if sample.status == 200)
    return due, sum(from_s <= sample.came_s < until_s for sample in answered)


def measure_load(
    services: Sequence[Service],
    kind: LoadKind,
    level: float,
    seconds: float = 10.0,
    spend: bool = False,
) -> Iterator[Step[LoadResult]]:
    """Put the load on each running service, one after the other, for `seconds` after
    the warm-up.
    """
    result = LoadResult(kind, level, new_seed())
    total_s = WARM_UP_S + seconds
    for number, service in enumerate(services):
        yield Step(
            Sentence("measure.under_load", method=service.method), number / len(services), result
        )
        row = LoadRow(service.method, error=not_running(service))
        result.rows.append(row)
        if row.error:
            continue
        try:
            load = run(_load(service.url, result, spend), total_s)
            due, came = between(load.samples, WARM_UP_S, total_s)
            row.figures = figures(due, came, seconds, load.cpu_s / total_s)
        except HostingLabError as error:
            row.error = str(error)
    yield Step(Sentence("measure.load"), 1.0, result)


def new_seed() -> int:
    """Return a seed for the arrivals of one load: two loads are two samples of the traffic."""
    return random.getrandbits(32)


def _load(url: str, asked: LoadResult, spend: bool) -> Load:
    if asked.kind == "closed":
        return ClosedLoad(url, users=round(asked.level), spend=spend)
    return OpenLoad(url, rate_per_s=asked.level, seed=asked.seed, spend=spend)


def _percentile(
    values: Sequence[float], percent: float, with_interval: bool, note: str
) -> Figure | None:
    if with_interval:
        return percentile(values, percent, "ms", note)
    value = quantile(values, percent)
    return None if value is None else Figure(value, "ms", count=len(values), note=note)

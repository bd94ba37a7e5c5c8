"""The throughput part: how much a service can do at most, what that costs, and latency below it.

The maximum is found in a closed loop: with 4, 16, and 64 users briefly, and then in repeats with
the number that did best. Latency at 50 % and 70 % of the maximum comes from an open loop with
Poisson arrivals, and is counted from when each request was due.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hostlab.deployment import Deployment
from hostlab.measure.job import Job
from hostlab.measure.load.generator import Arrivals, ClosedLoad, Load, OpenLoad, Sample
from hostlab.measure.load.null_server import null_server
from hostlab.measure.statistics import Figure, mean, percentile, quantile
from hostlab.measure.steps import Step, measurable
from hostlab.measure.usage import Usage
from hostlab.runtime.progress import Sentence

USERS = (4, 16, 64)
TRIAL_S = 2.0
LOADS = (0.5, 0.7)  # of the maximum
WARM_UP_S = 0.5  # excluded at the beginning of each load
LIMIT_S = 3.0
# From this share of its own limit on, the generator may be what was measured.
GENERATOR_SHARE = 0.8
GENERATOR_NOTE = "bounded by the load generator"
L = TypeVar("L", bound=Load)


@dataclass
class OpenLoopPoint:
    """Latency from when requests were due; `lost` of `sent` requests got no prediction."""

    rate_per_s: float
    share_of_maximum: float
    p50_ms: Figure | None
    p95_ms: Figure | None
    p99_ms: Figure | None
    sent: int
    lost: int
    arrivals: Arrivals = "poisson"


@dataclass
class ThroughputRow:
    """`per_s`: texts a second, one text in each request.

    CPU time and memory are those of all its components at the maximum.
    """

    method: str
    users: int | None = None
    per_s: Figure | None = None
    cpu_s_per_1000: Figure | None = None
    peak_memory_mb: Figure | None = None
    lost: int = 0
    open_loop: list[OpenLoopPoint] = field(default_factory=list)
    error: str | None = None


@dataclass
class ThroughputResult:
    """`limit_per_s` is what the generator itself can do on this machine."""

    limit_per_s: Figure | None = None
    rows: list[ThroughputRow] = field(default_factory=list)


@dataclass(frozen=True)
class Round:
    """One closed loop.

    Predictions a second, CPU seconds for 1,000 of them, peak memory in MB, requests lost, and the
    generator's share of a core.
    """

    per_s: float
    cpu_s_per_1000: float | None
    peak_memory_mb: float | None
    lost: int
    generator_cpu: float


def measure_throughput(
    services: Sequence[Deployment], seconds: float = 5.0, repeats: int = 5, spend: bool = False
) -> Iterator[Step[ThroughputResult]]:
    """Measure each running service for `seconds` in each of `repeats` rounds, in turn.

    The same is repeated at each open-loop rate.
    """
    ready, errors = measurable(services, None, spend)
    rows = {one.method: ThroughputRow(one.method, error=errors.get(one.method)) for one in services}
    result = ThroughputResult(rows=list(rows.values()))
    # Everything takes a fixed time, so the total is known from the beginning.
    service_s = len(USERS) * TRIAL_S + repeats * (1 + len(LOADS)) * seconds
    total_s, done_s = LIMIT_S + len(ready) * service_s, LIMIT_S
    yield Step(Sentence("measure.generator"), 0.0, result)
    limit = mean(generator_limit(), "1/s")
    result.limit_per_s = limit
    users: dict[str, int] = {}
    for service in ready:
        searching = Sentence("measure.best_users", method=service.method)
        yield Step(searching, done_s / total_s, result)
        users[service.method] = rows[service.method].users = best_users(service.url)
        done_s += len(USERS) * TRIAL_S
    rounds: dict[str, list[Round]] = {service.method: [] for service in ready}
    for number in range(repeats):
        for service in random.sample(ready, len(ready)):
            method = service.method
            sentence = Sentence("measure.maximum", number=number + 1, count=repeats, method=method)
            yield Step(sentence, done_s / total_s, result)
            rounds[method].append(one_round(service, users[method], seconds))
            fill(rows[method], rounds[method], limit.value if limit else 0.0)
            done_s += seconds
    for sentence in _measure_open_loops(ready, rows, seconds, repeats):
        yield Step(sentence, done_s / total_s, result)
        done_s += seconds
    yield Step(Sentence("measure.throughput"), 1.0, result)


def _measure_open_loops(
    services: Sequence[Deployment], rows: dict[str, ThroughputRow], seconds: float, repeats: int
) -> Iterator[Sentence]:
    """Add the open-loop points to the rows. Yields a sentence before each round."""
    maxima = {method: row.per_s.value for method, row in rows.items() if row.per_s}
    ready = [service for service in services if service.method in maxima]
    samples: dict[tuple[str, float], list[Sample]] = {}
    for number in range(repeats):
        for share in LOADS:
            for service in random.sample(ready, len(ready)):
                method, row = service.method, rows[service.method]
                yield Sentence(
                    "measure.open_round",
                    percent=100 * share,
                    number=number + 1,
                    count=repeats,
                    method=method,
                )
                rate_per_s = maxima[method] * share
                known = samples.setdefault((method, share), [])
                known += open_round(service.url, rate_per_s, seconds, seed=number)
                others = [point for point in row.open_loop if point.share_of_maximum != share]
                row.open_loop = [*others, point_of(known, rate_per_s, share)]


def one_round(service: Deployment, users: int, seconds: float) -> Round:
    """Put a closed loop on a service for `seconds`. The warm-up is excluded from the rate."""
    with Usage(service) as usage:
        load = run(ClosedLoad(service.url, users=users, spend=True), seconds)
    answered = len(load.samples) - len(load.lost)
    cpu_s = usage.cpu_s / answered * 1000 if usage.cpu_s is not None and answered else None
    memory_mb = usage.peak_bytes / 1e6 if usage.peak_bytes is not None else None
    per_s, generator_cpu = rate(load.samples, seconds), load.cpu_s / seconds
    return Round(per_s, cpu_s, memory_mb, len(load.lost), generator_cpu)


def open_round(
    url: str, rate_per_s: float, seconds: float, seed: int = 0, arrivals: Arrivals = "poisson"
) -> list[Sample]:
    """Put an open loop on a service for `seconds`; return its samples without the warm-up."""
    load = OpenLoad(url, rate_per_s=rate_per_s, arrivals=arrivals, seed=seed, spend=True)
    return [sample for sample in run(load, seconds).samples if sample.due_s >= WARM_UP_S]


def point_of(
    samples: Sequence[Sample], rate_per_s: float, share: float, arrivals: Arrivals = "poisson"
) -> OpenLoopPoint:
    """Return the percentiles of an open loop. A lost request has no latency, and is counted."""
    latencies = [sample.latency_ms for sample in samples if sample.status == 200]
    late, p50 = quantile([sample.late_ms for sample in samples], 95), quantile(latencies, 50)
    # If sending is late by a tenth of the latency, the generator is what waits.
    sent_late = late is not None and p50 is not None and late > 0.1 * p50
    note = GENERATOR_NOTE if sent_late else ""
    p50_ms, p95_ms, p99_ms = (percentile(latencies, one, "ms", note) for one in (50, 95, 99))
    return OpenLoopPoint(
        rate_per_s=rate_per_s,
        share_of_maximum=share,
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        p99_ms=p99_ms,
        sent=len(samples),
        lost=len(samples) - len(latencies),
        arrivals=arrivals,
    )


def generator_limit(seconds: float = 1.0, repeats: int = 3) -> list[float]:
    """Return how many requests a second the generator can send to a server that only responds."""
    with null_server() as url:
        return [_closed_rate(url, 16, seconds) for _ in range(repeats)]


def best_users(url: str, seconds: float = TRIAL_S) -> int:
    """Return the number of users, of USERS, with which a service does most.

    Where more users gain less than 3 %, the smaller number is returned.
    """
    rates = {users: _closed_rate(url, users, seconds) for users in USERS}
    best = max(rates.values())
    return min(users for users, per_s in rates.items() if per_s >= 0.97 * best)


def _closed_rate(url: str, users: int, seconds: float) -> float:
    return rate(run(ClosedLoad(url, users=users, spend=True), seconds).samples, seconds)


def run(load: L, seconds: float) -> L:
    """Let a load run for `seconds`, and then wait for the requests in flight."""
    with load:
        time.sleep(seconds)
    return load


def rate(samples: Sequence[Sample], seconds: float) -> float:
    """Return the predictions a second that arrived between the warm-up and `seconds`."""
    came = [sample.came_s for sample in samples if sample.status == 200]
    return sum(WARM_UP_S <= one <= seconds for one in came) / (seconds - WARM_UP_S)


def fill(row: ThroughputRow, rounds: Sequence[Round], limit_per_s: float) -> None:
    """Put the means of the rounds into a row, marked where the generator may be what
    was measured.
    """
    row.lost = sum(one.lost for one in rounds)
    if not any(one.per_s for one in rounds):
        row.error = "It answered no request under load. For details, run `hostlab logs`."
        return
    bounded = any(
        one.per_s >= GENERATOR_SHARE * limit_per_s or one.generator_cpu >= GENERATOR_SHARE
        for one in rounds
    )
    row.per_s = mean([one.per_s for one in rounds], "1/s", GENERATOR_NOTE if bounded else "")
    cpu_s = [one.cpu_s_per_1000 for one in rounds if one.cpu_s_per_1000 is not None]
    memory_mb = [one.peak_memory_mb for one in rounds if one.peak_memory_mb is not None]
    row.cpu_s_per_1000, row.peak_memory_mb = mean(cpu_s, "s"), mean(memory_mb, "MB")


def measure_part(job: Job) -> Iterator[Step[ThroughputResult]]:
    """Measure the part with the job's effort."""
    effort = job.effort
    return measure_throughput(job.services, effort.load_s, effort.load_repeats, job.spend)

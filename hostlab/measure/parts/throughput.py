"""The throughput part: how much a service can do at most, what that takes, and its latency at a
half and at 70 % of it.

The maximum is found in a closed loop: with 4, 16 and 64 users for a moment each, then with the
number that did best, in repeats. Latency comes from an open loop with Poisson arrivals and is
counted from when each request was due.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import Arrivals, ClosedLoad, Load, OpenLoad, Sample
from hostlab.measure.load.null_server import null_server
from hostlab.measure.statistics import Figure, mean, percentile
from hostlab.measure.steps import Step, not_running
from hostlab.measure.usage import Usage
from hostlab.methods.api.spending import check_spending

USERS = (4, 16, 64)
LOADS = (0.5, 0.7)  # of the maximum
WARM_UP_S = 0.5  # dropped at the beginning of each load
# from this share of its own limit on, the generator and not the service may be what was measured
GENERATOR_SHARE = 0.8
GENERATOR_NOTE = "bounded by the load generator"


@dataclass
class OpenLoopPoint:
    """Latency from when requests were due, at `rate_per_s`; `lost` of `sent` requests got no
    prediction.
    """

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
    """`per_s`: texts a second, one text a request.

    CPU and memory of all its processes, containers or pods, while at its maximum.
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


def measure_throughput(
    services: Sequence[Deployment], seconds: float = 5.0, repeats: int = 5, spend: bool = False
) -> Iterator[Step[ThroughputResult]]:
    """Measure each running service for `seconds` in each of `repeats` rounds, the services in turn,
    and so again at each open-loop rate.
    """
    result = ThroughputResult(rows=[ThroughputRow(service.method) for service in services])
    rows = {row.method: row for row in result.rows}
    ready = []
    for service in services:
        try:
            if not (why := not_running(service)):
                check_spending(service.url, None, spend)
                ready.append(service)
        except HostingLabError as error:
            why = str(error)
        rows[service.method].error = why
    # what is still to do, in seconds, is known from the beginning: it is all by the clock
    total_s = 3.0 + len(ready) * (len(USERS) * 2.0 + repeats * (1 + len(LOADS)) * seconds)
    done_s = 0.0
    yield Step("The load generator's own limit", 0.0, result)
    result.limit_per_s = mean(generator_limit(), "1/s")
    done_s += 3.0
    for service in ready:
        yield Step(f"{service.method}: how many users bring most", done_s / total_s, result)
        rows[service.method].users = best_users(service.url)
        done_s += len(USERS) * 2.0
    rounds: dict[str, list[Round]] = {service.method: [] for service in ready}
    for number in range(repeats):
        for service in random.sample(ready, len(ready)):
            row = rows[service.method]
            yield Step(
                f"Maximum, round {number + 1} of {repeats}: {service.method}",
                done_s / total_s,
                result,
            )
            rounds[service.method].append(one_round(service, row.users, seconds))
            fill(row, rounds[service.method], result.limit_per_s.value)
            done_s += seconds
    ready = [service for service in ready if rows[service.method].per_s]
    samples: dict[tuple[str, float], list[Sample]] = {}
    for number in range(repeats):
        for load in LOADS:
            for service in random.sample(ready, len(ready)):
                row = rows[service.method]
                yield Step(
                    f"At {load:.0%} of the maximum, round {number + 1} of {repeats}: "
                    f"{service.method}",
                    done_s / total_s,
                    result,
                )
                known = samples.setdefault((service.method, load), [])
                known += open_round(service.url, row.per_s.value * load, seconds, seed=number)
                row.open_loop = [point for point in row.open_loop if point.share_of_maximum != load]
                row.open_loop.append(point_of(known, row.per_s.value * load, load))
                done_s += seconds
    yield Step("Throughput is measured.", 1.0, result)


@dataclass(frozen=True)
class Round:
    """One closed loop: predictions a second, CPU seconds for 1,000 of them, peak memory in MB,
    requests lost, the generator's share of a core.
    """

    per_s: float
    cpu_s_per_1000: float | None
    peak_memory_mb: float | None
    lost: int
    generator_cpu: float


def one_round(service: Deployment, users: int, seconds: float) -> Round:
    """Put a closed loop on a service for `seconds` and return what it did, the warm-up left out of
    the rate.
    """
    with Usage(service) as usage:
        load = run(ClosedLoad(service.url, users=users, spend=True), seconds)
    per_s, answered = (
        rate(load.samples, seconds),
        sum(sample.status == 200 for sample in load.samples),
    )
    cpu = usage.cpu_s / answered * 1000 if usage.cpu_s is not None and answered else None
    memory = usage.peak_bytes / 1e6 if usage.peak_bytes is not None else None
    return Round(per_s, cpu, memory, len(load.samples) - answered, load.cpu_s / seconds)


def open_round(
    url: str, rate_per_s: float, seconds: float, seed: int = 0, arrivals: Arrivals = "poisson"
) -> list[Sample]:
    """Put an open loop on a service for `seconds` and return its samples without the warm-up's."""
    load = run(
        OpenLoad(url, rate_per_s=rate_per_s, arrivals=arrivals, seed=seed, spend=True), seconds
    )
    return [sample for sample in load.samples if sample.due_s >= WARM_UP_S]


def point_of(
    samples: Sequence[Sample], rate_per_s: float, share: float, arrivals: Arrivals = "poisson"
) -> OpenLoopPoint:
    """Return the percentiles of an open loop.

    A request that was lost has no latency, and is counted.
    """
    latencies = [sample.latency_ms for sample in samples if sample.status == 200]
    late = percentile([sample.late_ms for sample in samples], 95, "ms")
    p50 = percentile(latencies, 50, "ms")
    # when sending itself is late by as much as a tenth of the answer, the generator is what waits
    note = GENERATOR_NOTE if p50 and late.value > 0.1 * p50.value else ""
    figures = (percentile(latencies, percent, "ms", note) for percent in (50, 95, 99))
    return OpenLoopPoint(
        rate_per_s, share, *figures, len(samples), len(samples) - len(latencies), arrivals
    )


def generator_limit(seconds: float = 1.0, repeats: int = 3) -> list[float]:
    """Return how many requests a second the generator does against a server that only answers, for
    each repeat.
    """
    with null_server() as url:
        return [
            rate(run(ClosedLoad(url, users=16, spend=True), seconds).samples, seconds)
            for _ in range(repeats)
        ]


def best_users(url: str, seconds: float = 2.0) -> int:
    """Return the number of users, of USERS, with which a service does most; the smaller one where
    more bring less than 3 %.
    """
    rates = {
        users: rate(run(ClosedLoad(url, users=users, spend=True), seconds).samples, seconds)
        for users in USERS
    }
    return min(users for users, per_s in rates.items() if per_s >= 0.97 * max(rates.values()))


def run(load: Load, seconds: float) -> Load:
    """Let a load run for `seconds`, then wait for what is under way."""
    with load:
        time.sleep(seconds)
    return load


def rate(samples: Sequence[Sample], seconds: float) -> float:
    """Return the predictions a second that came between the warm-up and `seconds`."""
    came = [sample.due_s + sample.latency_ms / 1000 for sample in samples if sample.status == 200]
    return sum(WARM_UP_S <= one <= seconds for one in came) / (seconds - WARM_UP_S)


def fill(row: ThroughputRow, rounds: Sequence[Round], limit_per_s: float) -> None:
    """Put the means of the rounds into a row, marked where the generator may have been what was
    measured.
    """
    row.lost = sum(one.lost for one in rounds)
    if not any(one.per_s for one in rounds):
        row.error = "It answered no request under load. `hostlab logs` says more."
        return
    bounded = any(
        one.per_s >= GENERATOR_SHARE * limit_per_s or one.generator_cpu >= GENERATOR_SHARE
        for one in rounds
    )
    row.per_s = mean([one.per_s for one in rounds], "1/s", GENERATOR_NOTE if bounded else "")
    row.cpu_s_per_1000 = mean(
        [one.cpu_s_per_1000 for one in rounds if one.cpu_s_per_1000 is not None], "s"
    )
    row.peak_memory_mb = mean(
        [one.peak_memory_mb for one in rounds if one.peak_memory_mb is not None], "MB"
    )

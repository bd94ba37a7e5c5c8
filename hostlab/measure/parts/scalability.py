"""The scalability part: throughput and p95 with 1, 2 and 3 replicas, held against linear growth,
and past this machine a simulation.

A simulation is only worth what its check is: its p95 stands beside the measured one for each number
of replicas, at a half and at 70 % of what was measured as the maximum there. The rounds at each
load tell how long model and hop take under it (replicas, gateway and generator share the cores, so
that depends on the load). The simulation is fed with that, and has to find by itself who waits how
long: with arrivals of its own, and queues and batches that nobody has measured. Past this machine
each replica is taken to have a machine of its own, as busy as this one was with one replica at 70
%.
"""

import random
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import psutil

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError
from hostlab.measure.load.generator import Sample
from hostlab.measure.parts.throughput import LOADS, best_users, one_round, open_round
from hostlab.measure.simulation import ServiceTimes, replicas_needed, simulate, times_under_load
from hostlab.measure.statistics import Figure, mean, percentile
from hostlab.measure.steps import Step, not_running
from hostlab.methods.api.spending import check_spending

REPLICAS = (1, 2, 3)
RATES_PER_S = (10, 100, 1_000, 10_000)
# of each round at a load is dropped: new connections make a queue at first, which takes a second to
# be gone
SETTLE = 0.2


@dataclass
class Check:
    """The measured p95 at a share of the maximum, beside the simulated one."""

    share_of_maximum: float
    rate_per_s: float
    p95_ms: Figure | None
    simulated_p95_ms: float | None


@dataclass
class ScaleRow:
    """`efficiency`: throughput over `replicas` times that of one."""

    method: str
    replicas: int
    per_s: Figure | None = None
    efficiency: float | None = None
    checks: list[Check] = field(default_factory=list)
    error: str | None = None


@dataclass
class Needed:
    """How many replicas the simulation wants for a rate; None: no number of them meets the p99."""

    method: str
    rate_per_s: float
    replicas: int | None


@dataclass
class ScalabilityResult:
    """`bound`: what bounds it on this machine, in a sentence."""

    p99_ms: float
    cores: int
    bound: str
    rows: list[ScaleRow] = field(default_factory=list)
    needed: list[Needed] = field(default_factory=list)


def measure_scalability(
    services: Sequence[Deployment],
    seconds: float = 4.0,
    repeats: int = 3,
    p99_ms: float = 200.0,
    spend: bool = False,
) -> Iterator[Step[ScalabilityResult]]:
    """Scale each running service that can be scaled to 1, 2 and 3 replicas, measure, and put the
    number back.

    `p99_ms` is what the simulation's answer has to meet. A service with one copy of its model has
    one row, which says so.
    """
    cores = psutil.cpu_count() or 1
    bound = f"This machine has {cores} cores for all replicas, the gateway and the load generator together: past {max(1, cores - 1)} replicas they share."
    result = ScalabilityResult(p99_ms, cores, bound)
    able = []
    for service in services:
        try:
            if why := not_running(service):
                raise BadInput(why)
            check_spending(service.url, None, spend)
            before = _models(service)
            service.scale(1)
            able.append((service, before))
        except HostingLabError as error:
            result.rows.append(ScaleRow(service.method, 1, error=str(error)))
    busy: dict[str, ServiceTimes | None] = {}  # one replica at the last of LOADS
    try:
        for number, replicas in enumerate(REPLICAS):
            share = number / (len(REPLICAS) + 1)
            yield Step(f"Scaling to {replicas}", share, result)
            for service, _ in able:
                service.scale(replicas)
            known = yield from _at(
                replicas, [service for service, _ in able], seconds, repeats, result, share
            )
            busy = busy or known
        for method, times in busy.items():
            for rate_per_s in RATES_PER_S if times else ():
                yield Step(f"Simulating {rate_per_s} requests a second at {method}", 0.9, result)
                result.needed.append(
                    Needed(method, rate_per_s, replicas_needed(times, rate_per_s, p99_ms))
                )
    finally:
        for service, before in able:
            service.scale(before)
    yield Step("Scalability is measured.", 1.0, result)


def _at(
    replicas: int,
    services: Sequence[Deployment],
    seconds: float,
    repeats: int,
    result: ScalabilityResult,
    share: float,
) -> Generator[Step[ScalabilityResult], None, dict[str, ServiceTimes | None]]:
    """Measure so many replicas of each, and return the service times under the last of LOADS."""
    rows = {service.method: ScaleRow(service.method, replicas) for service in services}
    result.rows += rows.values()
    users = {service.method: best_users(service.url) for service in services}
    rates: dict[str, list[float]] = {service.method: [] for service in services}
    for number in range(repeats):
        for service in random.sample(list(services), len(services)):
            yield Step(f"{replicas} replicas, round {number + 1}: {service.method}", share, result)
            rates[service.method].append(one_round(service, users[service.method], seconds).per_s)
    for method, row in rows.items():
        row.per_s = mean(rates[method], "1/s")
        alone = next(one for one in result.rows if one.method == method and one.replicas == 1)
        row.efficiency = (
            row.per_s.value / (replicas * alone.per_s.value)
            if alone.per_s and alone.per_s.value
            else None
        )
    for load in LOADS:
        rounds: dict[str, list[list[Sample]]] = {service.method: [] for service in services}
        for number in range(repeats):
            for service in random.sample(list(services), len(services)):
                yield Step(f"{replicas} replicas at {load:.0%}: {service.method}", share, result)
                found = open_round(
                    service.url,
                    max(1.0, rows[service.method].per_s.value * load),
                    seconds,
                    seed=number,
                )
                rounds[service.method].append(
                    [one for one in found if one.due_s >= SETTLE * seconds]
                )
        times = {method: times_under_load(found) for method, found in rounds.items()}
        for method, row in rows.items():
            samples = [one for found in rounds[method] for one in found]
            row.checks.append(check(samples, times[method], load, row.per_s.value * load, replicas))
    return times


def check(
    samples: Sequence[Sample],
    times: ServiceTimes | None,
    load: float,
    rate_per_s: float,
    replicas: int,
) -> Check:
    """Return measured and simulated p95 at one rate; none is simulated without `times`."""
    measured = percentile(
        [sample.latency_ms for sample in samples if sample.status == 200], 95, "ms"
    )
    simulated = (
        float(np.percentile(simulate(times, rate_per_s, replicas), 95))
        if times and rate_per_s > 0
        else None
    )
    return Check(load, rate_per_s, measured, simulated)


def _models(service: Deployment) -> int:
    return max(1, sum("api" not in one.name for one in service.components()))

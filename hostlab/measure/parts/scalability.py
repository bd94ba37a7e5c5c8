"""The scalability part: throughput and p95 with 1, 2, and 3 replicas, a simulation beyond them, and
how soon an autoscaler adds a replica.

Throughput is compared with linear growth. A simulation is worth as much as its check: its p95 is
next to the measured one for each number of replicas, at 50 % and 70 % of the maximum that was
measured there. The rounds at each load show how long model and hop take under it, because replicas,
gateway, and generator share the cores. The simulation gets these times, and has to find by itself
how long requests wait, with arrivals, queues, and batches of its own. Beyond this machine, each
replica is assumed to have a machine of its own, as busy as this one was with one replica at 70 %.
"""

import random
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import psutil

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError
from hostlab.measure.job import Job
from hostlab.measure.load.generator import Sample
from hostlab.measure.parts.autoscaling import AutoscaleRow, measure_autoscaling
from hostlab.measure.parts.throughput import LOADS, best_users, one_round, open_round
from hostlab.measure.simulation import ServiceTimes, replicas_needed, simulate, times_under_load
from hostlab.measure.statistics import Figure, mean, percentile
from hostlab.measure.steps import Step, not_running
from hostlab.methods.api.spending import check_spending
from hostlab.runtime.progress import Sentence
from hostlab.types import Capability

REPLICAS = (1, 2, 3)
RATES_PER_S = (10, 100, 1_000, 10_000)
# Of each round at a load, this share is excluded: new connections cause a queue at first.
SETTLE = 0.2
AUTOSCALING_SHARE = 0.4  # of the time, roughly


@dataclass
class SimulationCheck:
    """The measured p95 at a share of the maximum, beside the simulated one."""

    share_of_maximum: float
    rate_per_s: float
    p95_ms: Figure | None
    simulated_p95_ms: float | None


@dataclass
class ScaleRow:
    """`efficiency`: throughput over `replicas` times that of one.

    `has_replicas` is false for a method with one copy of its model.
    """

    method: str
    replicas: int
    per_s: Figure | None = None
    efficiency: float | None = None
    checks: list[SimulationCheck] = field(default_factory=list)
    error: str | None = None
    has_replicas: bool = True


@dataclass
class ReplicasNeeded:
    """How many replicas a rate needs by the simulation; None: no number of them meets the p99."""

    method: str
    rate_per_s: float
    replicas: int | None


@dataclass
class ScalabilityResult:
    """`bound`: a sentence on what bounds it on this machine."""

    p99_ms: float
    cores: int
    bound: str
    rows: list[ScaleRow] = field(default_factory=list)
    needed: list[ReplicasNeeded] = field(default_factory=list)
    autoscaling: list[AutoscaleRow] = field(default_factory=list)


def measure_scalability(
    services: Sequence[Deployment],
    seconds: float = 4.0,
    repeats: int = 3,
    p99_ms: float = 200.0,
    spend: bool = False,
) -> Iterator[Step[ScalabilityResult]]:
    """Scale each running service that can be scaled to 1, 2, and 3 replicas, and measure it.

    The number of replicas is then restored. `p99_ms` is what the simulated replicas have to meet. A
    service with one copy of its model has one row, which says so.
    """
    cores = psutil.cpu_count() or 1
    bound = (
        f"This machine has {cores} cores for all replicas, the gateway, and the load generator "
        f"together: beyond {max(1, cores - 1)} replicas they share them."
    )
    result = ScalabilityResult(p99_ms, cores, bound)
    scaled: list[tuple[Deployment, int]] = []
    for service in services:
        try:
            before = _scale_to_one(service, spend)
            scaled.append((service, before))
        except HostingLabError as error:
            can_scale = Capability.SCALE in service.capabilities
            row = ScaleRow(service.method, 1, error=str(error), has_replicas=can_scale)
            result.rows.append(row)
    ready = [service for service, _ in scaled]
    times: dict[str, ServiceTimes | None] = {}  # of one replica at the last of LOADS
    try:
        for number, replicas in enumerate(REPLICAS):
            share = number / (len(REPLICAS) + 1)
            yield Step(Sentence("command.scaling", replicas=replicas), share, result)
            for service in ready:
                service.scale(replicas)
            measured = yield from _measure_at(replicas, ready, seconds, repeats, result, share)
            times = times or measured
        yield from _simulate(times, p99_ms, result)
    finally:
        for service, before in scaled:
            service.scale(before)
    yield Step(Sentence("measure.scalability"), 1.0, result)


def _scale_to_one(service: Deployment, spend: bool) -> int:
    """Return the number of replicas before. Raises HostingLabError where it cannot be measured."""
    if reason := not_running(service):
        raise BadInput(reason)
    check_spending(service.url, None, spend)
    before = sum(one.role != "api" for one in service.components())
    service.scale(1)
    return max(1, before)


def _simulate(
    times: dict[str, ServiceTimes | None], p99_ms: float, result: ScalabilityResult
) -> Iterator[Step[ScalabilityResult]]:
    for method, service_times in times.items():
        for rate_per_s in RATES_PER_S if service_times else ():
            simulating = Sentence("measure.simulating", rate=rate_per_s, method=method)
            yield Step(simulating, 0.9, result)
            assert service_times  # or there is no rate
            replicas = replicas_needed(service_times, rate_per_s, p99_ms)
            result.needed.append(ReplicasNeeded(method, rate_per_s, replicas))


def _measure_at(
    replicas: int,
    services: Sequence[Deployment],
    seconds: float,
    repeats: int,
    result: ScalabilityResult,
    share: float,
) -> Generator[Step[ScalabilityResult], None, dict[str, ServiceTimes | None]]:
    """Measure this many replicas of each, and return the service times under the last of LOADS."""
    rows = {service.method: ScaleRow(service.method, replicas) for service in services}
    result.rows += rows.values()
    users = {service.method: best_users(service.url) for service in services}
    rates: dict[str, list[float]] = {service.method: [] for service in services}
    for number in range(repeats):
        for service in random.sample(list(services), len(services)):
            sentence = Sentence(
                "measure.scaled_round", replicas=replicas, number=number + 1, method=service.method
            )
            yield Step(sentence, share, result)
            rates[service.method].append(one_round(service, users[service.method], seconds).per_s)
    for method, row in rows.items():
        row.per_s = mean(rates[method], "1/s")
        row.efficiency = _efficiency(row, result.rows)
    times: dict[str, ServiceTimes | None] = {}
    for load in LOADS:
        rounds: dict[str, list[list[Sample]]] = {service.method: [] for service in services}
        for number in range(repeats):
            for service in random.sample(list(services), len(services)):
                method, percent = service.method, 100 * load
                sentence = Sentence(
                    "measure.scaled_load", replicas=replicas, percent=percent, method=method
                )
                yield Step(sentence, share, result)
                rate_per_s = max(1.0, _maximum(rows[method]) * load)
                samples = open_round(service.url, rate_per_s, seconds, seed=number)
                settled = [one for one in samples if one.due_s >= SETTLE * seconds]
                rounds[method].append(settled)
        times = {method: times_under_load(measured) for method, measured in rounds.items()}
        for method, row in rows.items():
            samples = [one for measured in rounds[method] for one in measured]
            rate_per_s = _maximum(row) * load
            row.checks.append(check(samples, times[method], load, rate_per_s, replicas))
    return times


def _maximum(row: ScaleRow) -> float:
    return row.per_s.value if row.per_s else 0.0


def _efficiency(row: ScaleRow, rows: Sequence[ScaleRow]) -> float | None:
    same_method = (one for one in rows if one.method == row.method)
    single = _maximum(next(one for one in same_method if one.replicas == 1))
    return _maximum(row) / (row.replicas * single) if single else None


def check(
    samples: Sequence[Sample],
    times: ServiceTimes | None,
    load: float,
    rate_per_s: float,
    replicas: int,
) -> SimulationCheck:
    """Return the measured and the simulated p95 at one rate. Without `times`, none is simulated."""
    latencies = [sample.latency_ms for sample in samples if sample.status == 200]
    measured, simulated = percentile(latencies, 95, "ms"), None
    if times and rate_per_s > 0:
        simulated = float(np.percentile(simulate(times, rate_per_s, replicas), 95))
    return SimulationCheck(load, rate_per_s, measured, simulated)


def measure_part(job: Job) -> Iterator[Step[ScalabilityResult]]:
    """Measure the part with the job's effort. What ran already is not scaled."""
    running = {one.method for one in job.services if one.status().state == "running"} - job.own
    services = [one for one in job.services if one.method not in running]
    reason = "It already runs, and is not scaled for a measurement. `hostlab down` stops it."
    foreign = [
        ScaleRow(one.method, 1, error=reason, has_replicas=Capability.SCALE in one.capabilities)
        for one in job.services
        if one.method in running
    ]
    effort = job.effort
    for step in measure_scalability(
        services, effort.load_s, effort.scale_repeats, job.p99_ms, job.spend
    ):
        step.result.rows += foreign
        foreign = []
        yield Step(step.sentence, step.done * (1 - AUTOSCALING_SHARE), step.result)
    result = step.result
    for service in services:
        if Capability.AUTOSCALE in service.capabilities and not not_running(service):
            before = list(result.autoscaling)
            for measured in measure_autoscaling(service, after_s=effort.autoscaled_s):
                result.autoscaling = [*before, measured.result]
                done = 1 - AUTOSCALING_SHARE * (1 - measured.done)
                sentence = Sentence(
                    "measure.of_method", method=service.method, doing=measured.sentence
                )
                yield Step(sentence, done, result)
    yield Step(Sentence("measure.scalability"), 1.0, result)

"""Parts put together: which there are, what runs meanwhile, and one report for whatever has been
measured.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from hostlab.deployment import Deployment
from hostlab.measure import machine
from hostlab.measure.parts import (
    difficulty,
    faults,
    scalability,
    setup_time,
    simplicity,
    throughput,
)
from hostlab.measure.parts import (
    latency as performance,
)
from hostlab.measure.services import Hosted
from hostlab.measure.steps import Step
from hostlab.runtime import state

SCHEMA = 1  # of the JSON: raised when a name in it changes its meaning


@dataclass(frozen=True)
class Effort:
    """How much is measured: more takes longer and narrows the intervals."""

    name: str
    cold_starts: int
    warm_requests: int
    load_s: float  # of one round of load
    load_repeats: int
    fault_repeats: int
    fault_wait_s: float  # for a service to come back by itself
    hang_wait_s: float
    scale_repeats: int
    faults_together: bool


FULL = Effort(
    "full",
    cold_starts=3,
    warm_requests=500,
    load_s=5.0,
    load_repeats=5,
    fault_repeats=2,
    fault_wait_s=25.0,
    hang_wait_s=130.0,
    scale_repeats=3,
    faults_together=False,
)
QUICK = replace(
    FULL,
    name="quick",
    cold_starts=1,
    warm_requests=150,
    load_s=2.0,
    load_repeats=2,
    fault_repeats=1,
    fault_wait_s=20.0,
    scale_repeats=2,
    faults_together=True,
)


@dataclass
class Report:
    """What was measured, where and when. `results` holds each part's result by its name."""

    machine: dict[str, object] = field(default_factory=machine.describe)
    measured_at: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    effort: str = FULL.name
    remarks: list[str] = field(default_factory=list)
    results: dict[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data, the form of the JSON."""
        return {"schema": SCHEMA, **asdict(self)}


@dataclass(frozen=True)
class Job:
    """What a part is given: the services, how much to measure, whether money may be spent, the
    user's price and aim, the results so far.
    """

    services: Sequence[Deployment]
    effort: Effort
    spend: bool
    machine_hour: float | None
    p99_ms: float
    results: Mapping[str, object]
    own: set[str] = field(
        default_factory=set
    )  # methods that were started for this: only these are scaled
    keep: Callable[[Deployment], None] | None = (
        None  # takes a service that was started, where it is needed on
    )


@dataclass(frozen=True)
class Part:
    """One section of the report.

    `share` is its rough share of the time, `needs` the state in which it wants its services.

    `first`: whether it comes before the parts that want them running. `asked`: it runs only when it
    is named.
    """

    title: str
    share: float
    needs: Literal["running", "stopped", "any"]
    run: Callable[[Job], Iterator[Step]]
    result: type  # of the last step's result
    first: bool = True
    asked: bool = False


def _cold_start(job: Job) -> Iterator[Step]:
    return performance.measure_cold_start(job.services, job.effort.cold_starts, job.keep)


def _latency(job: Job) -> Iterator[Step]:
    return performance.measure_latency(job.services, job.effort.warm_requests, job.spend)


def _throughput(job: Job) -> Iterator[Step]:
    return throughput.measure_throughput(
        job.services, job.effort.load_s, job.effort.load_repeats, job.spend
    )


def _simplicity(job: Job) -> Iterator[Step]:
    cold = job.results["cold-start"].rows if "cold-start" in job.results else []
    return simplicity.measure_simplicity(
        job.services, {row.method: row.first_answer_s for row in cold if row.first_answer_s}
    )


def _difficulty(job: Job) -> Iterator[Step]:
    most = (
        {row.method: row.per_s.value for row in job.results["throughput"].rows if row.per_s}
        if "throughput" in job.results
        else {}
    )
    return difficulty.measure_difficulty(job.services, job.machine_hour, most)


def _faults(job: Job) -> Iterator[Step]:
    effort = job.effort
    return faults.measure_faults(
        job.services,
        effort.fault_repeats,
        effort.fault_wait_s,
        effort.hang_wait_s,
        job.spend,
        own=job.own,
        together=effort.faults_together,
    )


def _scalability(job: Job) -> Iterator[Step]:
    ours = [service for service in job.services if service.method in job.own]
    foreign = [
        service.method
        for service in job.services
        if service.method not in job.own and service.status().state == "running"
    ]
    left = [
        service
        for service in job.services
        if service.method not in job.own and service.method not in foreign
    ]
    for step in scalability.measure_scalability(
        [*ours, *left], job.effort.load_s, job.effort.scale_repeats, job.p99_ms, job.spend
    ):
        for method in foreign:
            step.result.rows.append(
                scalability.ScaleRow(
                    method,
                    1,
                    error=(
                        "It ran already, and is not scaled for a measurement. `hostlab down` "
                        "stops it."
                    ),
                )
            )
        foreign = []
        yield step


def _setup(job: Job) -> Iterator[Step]:
    return setup_time.measure_setup(job.services)


PARTS: Mapping[str, Part] = {
    "cold-start": Part("Cold start", 4, "stopped", _cold_start, performance.ColdStartResult),
    "latency": Part(
        "Latency, one request at a time", 2, "running", _latency, performance.LatencyResult
    ),
    "throughput": Part(
        "Throughput, and latency under load", 8, "running", _throughput, throughput.ThroughputResult
    ),
    "scalability": Part("Scalability", 5, "running", _scalability, scalability.ScalabilityResult),
    "simplicity": Part("Simplicity", 0.1, "any", _simplicity, simplicity.SimplicityResult),
    "difficulty": Part(
        "Difficulty of introduction", 0.2, "any", _difficulty, difficulty.DifficultyResult
    ),
    "faults": Part("Fault tolerance", 14, "stopped", _faults, faults.FaultResult, first=False),
    "setup": Part("First set-up", 6, "any", _setup, setup_time.SetupResult, asked=True),
}


def measure(
    names: Sequence[str],
    services: Sequence[Deployment],
    effort: Effort = FULL,
    spend: bool = False,
    machine_hour: float | None = None,
    p99_ms: float = 200.0,
) -> Iterator[Step[Report]]:
    """Measure the named parts of these services, starting what has to run and stopping it again.

    See PARTS for the names.

    The result of each step is the Report so far. A method that is not available, or fails, has a
    row that says so.
    """
    report = Report(effort=effort.name)
    hosted = [name for name in names if PARTS[name].needs != "stopped"]
    if all(PARTS[name].needs == "any" for name in hosted):
        hosted = []  # nothing needs to be started for these
    apart = [name for name in names if name not in hosted]
    first = [name for name in apart if PARTS[name].first]
    last = [
        name for name in apart if not PARTS[name].first
    ]  # these break services: so Ctrl-C loses least
    if effort.faults_together and last and len(services) > 1:
        report.remarks.append(
            "All methods were broken at the same time (--quick): what restarts shares the cores, "
            "and takes longer than it would alone."
        )
    start_share = 1.0 if hosted else 0.0
    total, done = sum(PARTS[name].share for name in names) + start_share, 0.0
    with Hosted(services) as running:
        job = Job(
            services,
            effort,
            spend,
            machine_hour,
            p99_ms,
            report.results,
            keep=running.take if hosted else None,
        )
        for name in [*first, *hosted, *last]:
            if hosted and name == hosted[0]:
                for sentence, share in running.start():
                    yield Step(sentence, (done + share * start_share) / total, report)
                done += start_share
                job.own.update(service.method for service in running.own)
                if (
                    (tunnel := state.read("kubernetes"))
                    and tunnel.processes
                    and any(service.method == "kubernetes" for service in services)
                ):
                    report.remarks.append(
                        "kubernetes was reached through a port-forward, pinned to one pod: its "
                        "figures include that tunnel."
                    )
            yield from _within(name, job, report, done / total, total)
            done += PARTS[name].share
            if name in hosted:
                for row in report.results[
                    name
                ].rows:  # why it could not be started says more than that it does not run
                    if row.method in running.failed and row.error:
                        row.error = running.failed[row.method]
        yield Step(
            "All is measured. What was started for it is being stopped.", done / total, report
        )
    yield Step("Everything is measured, and what was started for it is stopped.", 1.0, report)


def _within(
    name: str, job: Job, report: Report, done: float, total: float
) -> Iterator[Step[Report]]:
    for step in PARTS[name].run(job):
        report.results[name] = step.result
        yield Step(step.sentence, done + step.done * PARTS[name].share / total, report)

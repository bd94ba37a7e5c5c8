"""All parts in one report: which there are, what has to run, and what has been measured so far."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from hostlab.deployment import Deployment
from hostlab.measure import machine
from hostlab.measure.job import FULL, SCHEMA, Effort, Job
from hostlab.measure.parts import (
    difficulty,
    faults,
    latency,
    scalability,
    setup_time,
    simplicity,
    throughput,
)
from hostlab.measure.services import MeasuredServices
from hostlab.measure.steps import Step
from hostlab.runtime import state
from hostlab.runtime.progress import Sentence
from hostlab.types import Status

START_SHARE = 1.0  # of the time, for starting services; see Part.share


@dataclass
class Report:
    """What was measured, where, and when. `results` holds each part's result by its name.

    `engines`: what ran the model of each method that was seen running, where that is known.
    """

    machine: dict[str, Any] = field(default_factory=machine.describe)
    measured_at: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    effort: str = FULL.name
    remarks: list[str] = field(default_factory=list)
    engines: dict[str, str] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, the form of the JSON."""
        return {"schema": SCHEMA, **asdict(self)}


@dataclass(frozen=True)
class Part:
    """One section of the report.

    `share`: its rough share of the time. `needs`: the state in which it needs its services.
    `result`: the type of its result. `breaks`: it breaks services, so it comes last, and Ctrl-C
    loses least. `optional`: it runs only when it is named.
    """

    title: str
    share: float
    needs: Literal["running", "stopped", "any"]
    run: Callable[[Job], Iterator[Step[Any]]]
    result: type
    breaks: bool = False
    optional: bool = False


PARTS: Mapping[str, Part] = {
    "cold-start": Part(
        "Cold start", 4, "stopped", latency.measure_cold_start_part, latency.ColdStartResult
    ),
    "latency": Part(
        "Latency, one request at a time",
        2,
        "running",
        latency.measure_latency_part,
        latency.LatencyResult,
    ),
    "throughput": Part(
        "Throughput, and latency under load",
        8,
        "running",
        throughput.measure_part,
        throughput.ThroughputResult,
    ),
    "scalability": Part(
        "Scalability", 5, "running", scalability.measure_part, scalability.ScalabilityResult
    ),
    "simplicity": Part(
        "Simplicity", 0.1, "any", simplicity.measure_part, simplicity.SimplicityResult
    ),
    "difficulty": Part(
        "Difficulty of adoption", 0.2, "any", difficulty.measure_part, difficulty.DifficultyResult
    ),
    "faults": Part(
        "Fault tolerance", 14, "stopped", faults.measure_part, faults.FaultResult, breaks=True
    ),
    "setup": Part(
        "First setup", 6, "any", setup_time.measure_part, setup_time.SetupResult, optional=True
    ),
}


def measure(
    names: Sequence[str],
    services: Sequence[Deployment],
    effort: Effort = FULL,
    spend: bool = False,
    machine_hour: float | None = None,
    p99_ms: float = 200.0,
) -> Generator[Step[Report], None, None]:
    """Measure the named parts of these services; see PARTS for the names.

    What has to run is started, and stopped again. The result of each step is the report so far. A
    method that is unavailable, or fails, has a row that says so.
    """
    report = Report(effort=effort.name)
    before, hosted, after = _order(names)
    if effort.faults_concurrently and after and len(services) > 1:
        report.remarks.append(
            "All methods were broken at the same time (--quick). Restarts share the cores, and "
            "take longer than they would alone."
        )
    start_share = START_SHARE if hosted else 0.0
    total, done = sum(PARTS[name].share for name in names) + start_share, 0.0
    with MeasuredServices(services) as running:
        keep = running.take if hosted else None
        job = Job(services, effort, spend, machine_hour, p99_ms, report.results, keep=keep)
        for name in [*before, *hosted, *after]:
            if hosted and name == hosted[0]:
                for sentence, share in running.start():
                    yield Step(sentence, (done + share * start_share) / total, report)
                done += start_share
                job.own.update(service.method for service in running.started)
                report.remarks += _connection_remarks(services)
                _note_engines(report, [service.status() for service in services])
            for step in PARTS[name].run(job):
                report.results[name] = step.result
                _note_engines(report, [state.read(service.method) for service in services])
                share = (done + step.done * PARTS[name].share) / total
                yield Step(step.sentence, share, report)
            done += PARTS[name].share
            if name in hosted:
                _explain_failures(report.results[name].rows, running.failed)
        yield Step(Sentence("measure.stopping"), done / total, report)
    yield Step(Sentence("measure.all"), 1.0, report)


def _order(names: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the parts before services are started, those that need them, and those that break
    them.
    """
    hosted = [name for name in names if PARTS[name].needs != "stopped"]
    if all(PARTS[name].needs == "any" for name in hosted):
        hosted = []  # no service has to be started
    others = [name for name in names if name not in hosted]
    before = [name for name in others if not PARTS[name].breaks]
    return before, hosted, [name for name in others if PARTS[name].breaks]


def _note_engines(report: Report, seen: Sequence[Status | state.Record | None]) -> None:
    """Note what runs the model of each method.

    A part that starts its own services stops them again, so that is noted while it is at work.
    Reading the state files takes no time from what is measured.
    """
    report.engines |= {one.method: one.engine for one in seen if one and one.engine}


def _connection_remarks(services: Sequence[Deployment]) -> list[str]:
    record = state.read("kubernetes")
    measured = any(service.method == "kubernetes" for service in services)
    if not (record and record.processes and measured):
        return []
    return [
        "kubernetes was reached through a port-forward, which is pinned to one pod: its figures "
        "include that tunnel."
    ]


def _explain_failures(rows: Sequence[Any], failed: Mapping[str, str]) -> None:
    """Say why a method could not be started, rather than that it does not run."""
    for row in rows:
        if row.error:
            row.error = failed.get(row.method, row.error)

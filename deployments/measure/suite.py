"""Parts put together: which there are, what runs meanwhile, and one report for whatever has been measured."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ..base import Deployment
from . import machine, performance, throughput
from .hosted import Hosted
from .steps import Step

SCHEMA = 1  # of the JSON: raised when a name in it changes its meaning


@dataclass(frozen=True)
class Effort:
    """How much is measured: more takes longer and narrows the intervals."""

    name: str
    cold_starts: int
    warm_requests: int
    load_s: float  # of one round of load
    load_repeats: int


FULL = Effort("full", cold_starts=3, warm_requests=500, load_s=5.0, load_repeats=5)
QUICK = Effort("quick", cold_starts=2, warm_requests=150, load_s=2.5, load_repeats=3)


@dataclass
class Report:
    """What was measured, where and when. `results` holds each part's result by its name."""

    machine: dict[str, object] = field(default_factory=machine.describe)
    measured_at: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    effort: str = FULL.name
    results: dict[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data, the form of the JSON."""
        return {"schema": SCHEMA, **asdict(self)}


@dataclass(frozen=True)
class Job:
    """What a part is given: the services, how much to measure, whether money may be spent."""

    services: Sequence[Deployment]
    effort: Effort
    spend: bool


@dataclass(frozen=True)
class Part:
    """One section of the report. `share` is its rough share of the time; `hosted`: whether its services have to run before it begins."""

    title: str
    share: float
    hosted: bool
    run: Callable[[Job], Iterator[Step]]


def _cold_start(job: Job) -> Iterator[Step]:
    return performance.measure_cold_start(job.services, job.effort.cold_starts)


def _latency(job: Job) -> Iterator[Step]:
    return performance.measure_latency(job.services, job.effort.warm_requests, job.spend)


def _throughput(job: Job) -> Iterator[Step]:
    return throughput.measure_throughput(job.services, job.effort.load_s, job.effort.load_repeats, job.spend)


PARTS: Mapping[str, Part] = {
    "cold-start": Part("Cold start", 4, False, _cold_start),
    "latency": Part("Latency, one request at a time", 2, True, _latency),
    "throughput": Part("Throughput, and latency under load", 8, True, _throughput),
}


def measure(names: Sequence[str], services: Sequence[Deployment], effort: Effort = FULL, spend: bool = False) -> Iterator[Step[Report]]:
    """Measure the named parts of these services, starting what has to run and stopping it again. See PARTS for the names.

    The result of each step is the Report so far. A method that is not available, or fails, has a row that says so.
    """
    report = Report(effort=effort.name)
    job = Job(services, effort, spend)
    apart, hosted = ([name for name in names if PARTS[name].hosted is so] for so in (False, True))
    start_share = 2.0 if hosted else 0.0
    total, done = sum(PARTS[name].share for name in names) + start_share, 0.0
    for name in apart:
        yield from _within(name, job, report, done / total, total)
        done += PARTS[name].share
    if not hosted:
        return
    with Hosted(services) as running:
        for sentence, share in running.start():
            yield Step(sentence, (done + share * start_share) / total, report)
        done += start_share
        for name in hosted:
            yield from _within(name, job, report, done / total, total)
            done += PARTS[name].share
            for row in report.results[name].rows:  # why it could not be started says more than that it does not run
                if row.method in running.failed and row.error:
                    row.error = running.failed[row.method]
    yield Step("Everything is measured, and what was started for it is stopped.", 1.0, report)


def _within(name: str, job: Job, report: Report, done: float, total: float) -> Iterator[Step[Report]]:
    for step in PARTS[name].run(job):
        report.results[name] = step.result
        yield Step(step.sentence, done + step.done * PARTS[name].share / total, report)

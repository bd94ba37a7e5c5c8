"""The fault tolerance part: what is lost under a steady load, and how long until all is back.

The load is an open loop at a constant rate. A request is lost when it got no prediction within the
client's timeout. Recovery is counted from the fault to the later of two moments: the last lost
request was due, and all components were back. What does not recover by itself within the wait is
restarted manually: a hung component is killed, and the method is started again.
"""

import contextlib
import threading
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.interleave import run_concurrently, run_sequentially
from hostlab.measure.job import Job
from hostlab.measure.load.generator import ClosedLoad
from hostlab.measure.parts.fault_catalog import FAULTS, ONCE, REQUIRED, TITLES, Fault
from hostlab.measure.parts.steady_load import CLIENT_TIMEOUT_S, SteadyLoad
from hostlab.measure.parts.throughput import rate, run
from hostlab.measure.parts.trial import NotApplicable, Trial
from hostlab.measure.statistics import Figure, mean
from hostlab.measure.steps import Step
from hostlab.methods.api.spending import check_spending
from hostlab.runtime.progress import Sentence

RATE_PER_S = 20.0  # or less, where a service cannot do this easily:
EASY_SHARE = 0.3  # of what it does in a closed loop
Cause = Literal["not applicable", "impossible", "failed"]


@dataclass
class FaultRow:
    """One fault of one method.

    `recovery_s` where it recovered by itself, or else `restart_s`, the time of a manual restart.
    `lost` of `sent` requests, as means of the repeats. `error`: why this fault was not tried on
    this method. `cause` classifies the error: "not applicable" where the method has nothing that
    the fault could break, "impossible" where it cannot do what the fault requires, or "failed".
    `note`: what the user has to do afterwards.
    """

    method: str
    fault: str
    by_itself: bool | None = None
    recovery_s: Figure | None = None
    restart_s: Figure | None = None
    sent: Figure | None = None
    lost: Figure | None = None
    waited_s: float | None = None
    error: str | None = None
    cause: Cause | None = None
    note: str = ""


@dataclass
class FaultResult:
    """A row for each method and fault."""

    rate_per_s: float = RATE_PER_S
    client_timeout_s: float = CLIENT_TIMEOUT_S
    rows: list[FaultRow] = field(default_factory=list)


@dataclass(frozen=True)
class _Plan:
    repeats: int
    wait_s: float
    hang_wait_s: float
    spend: bool
    stopping: threading.Event

    def wait_for(self, service: Deployment) -> float:
        """Return how long to wait for a recovery.

        What restarts hung components takes its time, also with a second crash soon after the first.
        """
        return self.hang_wait_s if service.restarts_hung else self.wait_s


def measure_faults(
    services: Sequence[Deployment],
    repeats: int = 2,
    wait_s: float = 20.0,
    hang_wait_s: float = 130.0,
    spend: bool = False,
    own: Collection[str] = (),
    concurrently: bool = False,
) -> Iterator[Step[FaultResult]]:
    """Break each service in each way, `repeats` times; a hang and a dead node are tried once.

    A service is started for it and stopped, except for the methods in `own`, which were started to
    be measured. Any other method that already runs is not broken, and its row says so. Methods are
    broken one at a time, because a neighbor's restart affects the figures, or `concurrently`, which
    is quicker.
    """
    result, stopping = FaultResult(), threading.Event()
    plan = _Plan(repeats, wait_s, hang_wait_s, spend, stopping)
    order = [service.method for service in services]
    generators = [_break(service, plan, service.method in own) for service in services]
    done = [0.0] * len(services)
    items = run_concurrently(generators, stopping) if concurrently else run_sequentially(generators)
    with contextlib.closing(items):
        for number, item in items:
            if isinstance(item, FaultRow):
                result.rows.append(item)
                result.rows.sort(key=lambda row: order.index(row.method))
            else:
                sentence, done[number] = item
                yield Step(sentence, sum(done) / len(services), result)
    yield Step(Sentence("measure.faults"), 1.0, result)


def measure_part(job: Job) -> Iterator[Step[FaultResult]]:
    """Measure the part with the job's effort."""
    effort = job.effort
    return measure_faults(
        job.services,
        effort.fault_repeats,
        effort.fault_wait_s,
        effort.hang_wait_s,
        job.spend,
        own=job.own,
        concurrently=effort.faults_concurrently,
    )


def _break(
    service: Deployment, plan: _Plan, own: bool
) -> Generator[FaultRow | tuple[Sentence, float], None, None]:
    """Break one service in each way.

    Yields a sentence with the share that is done, and each row when it is complete.
    """
    if not own and (reason := _not_stopped(service)):
        yield FaultRow(service.method, "all", error=reason, cause="failed")
        return
    yield Sentence("measure.starting", method=service.method), 0.0
    try:
        service.start()
        check_spending(service.url, None, plan.spend)
        rate_per_s = _easy_rate(service.url)
        for turn, (name, fault) in enumerate(FAULTS.items()):
            row, trials = FaultRow(service.method, name), list[Trial]()
            for repeat in range(1 if name in ONCE else plan.repeats):
                sentence = Sentence(
                    "measure.fault", method=service.method, fault=TITLES[name], number=repeat + 1
                )
                yield sentence, turn / len(FAULTS)
                try:
                    trials.append(_try(service, fault, plan, rate_per_s))
                except HostingLabError as error:
                    row.error, row.cause = str(error), _cause(service, name, error)
                    break
            if plan.stopping.is_set():
                return  # a fault that was interrupted has no figures
            _fill(row, trials, plan.wait_for(service))
            yield row
        yield Sentence("measure.broken", method=service.method), 1.0
    except HostingLabError as error:
        yield FaultRow(service.method, "all", error=str(error), cause="failed")
    finally:
        if not own:
            service.stop()


def _cause(service: Deployment, fault: str, error: HostingLabError) -> Cause:
    if isinstance(error, NotApplicable):
        return "not applicable"
    required = REQUIRED.get(fault)
    return "impossible" if required and required not in service.capabilities else "failed"


def _easy_rate(url: str) -> float:
    closed = run(ClosedLoad(url, users=8, spend=True), 2.0)
    return min(RATE_PER_S, max(1.0, EASY_SHARE * rate(closed.samples, 2.0)))


def _not_stopped(service: Deployment) -> str | None:
    status = service.status()
    if status.state == "running":
        return "It already runs, and is not broken for a measurement. `hostlab down` stops it."
    return None if status.state == "stopped" else status.reason or f"It is {status.state}."


def _try(service: Deployment, fault: Fault, plan: _Plan, rate_per_s: float) -> Trial:
    if service.status().state != "running":
        service.start()
    steady = SteadyLoad.begin(service, rate_per_s, plan.stopping)
    try:
        return fault(steady, plan.wait_for(service))
    finally:
        if steady.load.running:
            steady.end()


def _fill(row: FaultRow, trials: Sequence[Trial], wait_s: float) -> None:
    if not trials:
        return
    recoveries = [one.recovery_s for one in trials if one.recovery_s is not None]
    restarts = [one.restart_s for one in trials if one.restart_s is not None]
    row.waited_s, row.by_itself = wait_s, len(recoveries) == len(trials)
    row.recovery_s = mean(recoveries, "s") if row.by_itself else None
    row.restart_s = mean(restarts, "s")
    row.note = " ".join(one.note for one in trials if one.note)
    row.sent = mean([float(one.sent) for one in trials], "requests")
    row.lost = mean([float(one.lost) for one in trials], "requests")

"""The bad night of lesson 06: kills the model of every method at the same time.

One method after the other would take minutes. So the recovery times are an upper bound: the methods
that restart share the processor.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.fault_targets import model_component
from hostlab.measure.load.generator import OpenLoad, Sample
from hostlab.measure.parts.faults import FaultResult, FaultRow
from hostlab.measure.parts.steady_load import SteadyLoad
from hostlab.measure.parts.throughput import run
from hostlab.measure.statistics import Figure
from hostlab.measure.steps import Step, not_running
from hostlab.runtime.progress import verbatim
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("compare")

RATE_PER_S = 5.0  # of requests to each method, which a small machine handles easily
WAIT_S = 20.0  # how long a method has to recover by itself
AFTER_RESTART_S = 1.5


@dataclass
class Night:
    """What happened to one method.

    `samples` are ordered by when they were due. All times are in seconds since the load began.
    """

    row: FaultRow
    samples: list[Sample] = field(default_factory=list)
    killed_s: float = 0.0
    restarted_s: float | None = None  # None if the method recovered by itself


def bad_night(
    services: Sequence[Deployment], wait_s: float = WAIT_S
) -> Iterator[Step[dict[str, Night]]]:
    """Kill the model of every running service at the same time, under a small steady load.

    After `wait_s` seconds, restart each method that has not recovered by itself.
    """
    nights = {
        service.method: Night(FaultRow(service.method, "killed model", waited_s=wait_s))
        for service in services
    }
    with ThreadPoolExecutor(max_workers=len(services)) as pool:
        futures = [
            pool.submit(_one_night, service, nights[service.method], wait_s) for service in services
        ]
        began = time.monotonic()
        while not all(one.done() for one in futures):
            elapsed_s = time.monotonic() - began
            progress = min(0.99, elapsed_s / (wait_s + 10))
            yield Step(verbatim(texts("night", seconds=elapsed_s)), progress, nights)
            time.sleep(0.5)
        for one in futures:
            one.result()
    yield Step(verbatim(texts("morning")), 1.0, nights)


def _one_night(service: Deployment, night: Night, wait_s: float) -> None:
    row = night.row
    try:
        row.error = not_running(service)
        if row.error:
            return
        steady = SteadyLoad.begin(service, RATE_PER_S)
        try:
            _kill_and_recover(service, night, steady, wait_s)
        finally:
            ended_s, night.samples = steady.load.elapsed_s, steady.end()
        if not row.by_itself:
            night.samples += _after_restart(service, ended_s)
        after = [sample for sample in night.samples if sample.due_s >= night.killed_s]
        row.sent = Figure(float(len(after)), "requests")
        row.lost = Figure(float(sum(sample.status != 200 for sample in after)), "requests")
    except HostingLabError as error:
        row.error = str(error)


def _kill_and_recover(service: Deployment, night: Night, steady: SteadyLoad, wait_s: float) -> None:
    night.killed_s = steady.load.elapsed_s
    service.kill(model_component(service))
    recovery_s = steady.recovery(night.killed_s, wait_s)
    night.row.by_itself = recovery_s is not None
    if recovery_s is not None:
        night.row.recovery_s = Figure(recovery_s, "s")
    else:
        night.restarted_s = steady.load.elapsed_s
        service.start()
        night.row.restart_s = Figure(steady.load.elapsed_s - night.restarted_s, "s")


def _after_restart(service: Deployment, began_s: float) -> list[Sample]:
    """Load the restarted service at its new address, which the first load does not know."""
    load = OpenLoad(service.url, rate_per_s=RATE_PER_S, arrivals="constant", spend=True)
    samples = run(load, AFTER_RESTART_S).samples
    return [replace(sample, due_s=began_s + sample.due_s) for sample in samples]


def faults_of(nights: dict[str, Night]) -> FaultResult:
    """Return the nights as the part of the report on faults."""
    return FaultResult(rate_per_s=RATE_PER_S, rows=[night.row for night in nights.values()])

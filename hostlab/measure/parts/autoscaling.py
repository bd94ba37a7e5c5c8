"""How soon an autoscaler helps: from the start of a load to the second replica's first prediction.

A closed loop of USERS keeps one replica as busy as it gets. The load begins when one replica runs
and the autoscaler knows its usage. It ends some seconds after the second replica has answered, and
p95 before that answer is compared with p95 after it. Everything is restored afterward.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import ClosedLoad, Sample
from hostlab.measure.parts.throughput import WARM_UP_S
from hostlab.measure.statistics import Figure, percentile
from hostlab.measure.steps import Step
from hostlab.runtime.progress import Sentence
from hostlab.types import CPU_PERCENT, MAX_REPLICAS, MIN_REPLICAS, Autoscaler

USERS = 16
IDLE_TIMEOUT_S = 180.0  # until one replica runs, and its usage is known
ANSWER_TIMEOUT_S = 150.0
POLL_S = 1.0  # asking the cluster takes CPU time from what is measured


@dataclass
class ReplicaPoint:
    """What the autoscaler reported `at_s` seconds after the load began."""

    at_s: float
    wanted: int
    ready: int
    utilization_percent: int | None


@dataclass
class AutoscaleRow:
    """One load on an autoscaled method. Times are in seconds from the start of the load.

    `wanted_s`: until a second replica was wanted; `answer_s`: until it gave its first prediction;
    None where that did not happen. `p95_before_ms` and `p95_after_ms`: before and after that
    prediction. `lost` of `sent` requests got no prediction. `replica_s`: the replicas that were
    wanted, summed over the seconds of the load, which is what they would cost.
    """

    method: str
    minimum: int
    maximum: int
    target_percent: int
    users: int
    wanted_s: float | None = None
    answer_s: float | None = None
    p95_before_ms: Figure | None = None
    p95_after_ms: Figure | None = None
    sent: int = 0
    lost: int = 0
    replica_s: float = 0.0
    timeline: list[ReplicaPoint] = field(default_factory=list)
    error: str | None = None


def measure_autoscaling(
    service: Deployment,
    minimum: int = MIN_REPLICAS,
    maximum: int = MAX_REPLICAS,
    cpu_percent: int = CPU_PERCENT,
    users: int = USERS,
    after_s: float = 20.0,
) -> Iterator[Step[AutoscaleRow]]:
    """Put a load on a running method that its autoscaler has to add replicas for.

    It lasts until `after_s` seconds after the second replica's first prediction. The method has one
    replica before it, and its number of replicas is then restored. Where it cannot be measured, the
    row's `error` says why.
    """
    row = AutoscaleRow(service.method, minimum, maximum, cpu_percent, users)
    yield Step(Sentence("command.scaling", replicas=1), 0.0, row)
    before = max(1, sum(one.role != "api" for one in service.components()))
    try:
        service.scale(minimum)
        try:
            service.autoscale(minimum=minimum, maximum=maximum, cpu_percent=cpu_percent)
            for sentence in _until_idle(service, row):
                yield Step(sentence, 0.1, row)
            if not row.error:
                yield from _under_load(service, row, after_s)
        finally:
            service.autoscale_off()
            service.scale(before)
    except HostingLabError as error:
        row.error = row.error or str(error)
    yield Step(Sentence("measure.autoscaler"), 1.0, row)


def _until_idle(service: Deployment, row: AutoscaleRow) -> Iterator[Sentence]:
    """Wait until `row.minimum` replicas run and their usage is known and below the target."""
    deadline = time.monotonic() + IDLE_TIMEOUT_S
    scaler: Autoscaler | None = None
    while time.monotonic() < deadline:
        scaler = service.status().autoscaler
        if scaler and scaler.wanted == scaler.ready == row.minimum:
            usage = scaler.utilization_percent
            if usage is not None and usage < row.target_percent:
                return
        yield Sentence("measure.autoscaler_idle")
        time.sleep(POLL_S)
    reason = (scaler and scaler.reason) or "Its CPU usage without a load is above the target."
    row.error = f"The autoscaler was not idle after {IDLE_TIMEOUT_S:.0f} s. {reason}"


def _under_load(
    service: Deployment, row: AutoscaleRow, after_s: float
) -> Iterator[Step[AutoscaleRow]]:
    load = ClosedLoad(service.url, users=row.users, spend=True)
    with load:
        while load.elapsed_s < (
            row.answer_s + after_s if row.answer_s is not None else ANSWER_TIMEOUT_S
        ):
            _watch(service, row, load)
            elapsed_s = load.elapsed_s
            sentence = (
                Sentence("measure.one_replica", seconds=elapsed_s)
                if row.answer_s is None
                else Sentence("measure.two_replicas", seconds=elapsed_s)
            )
            share = 0.2 + 0.7 * min(1.0, elapsed_s / ANSWER_TIMEOUT_S)
            yield Step(sentence, share, row)
            time.sleep(POLL_S)
    _fill(row, load.samples)


def _watch(service: Deployment, row: AutoscaleRow, load: ClosedLoad) -> None:
    scaler, now_s = service.status().autoscaler, load.elapsed_s
    if scaler:
        known = scaler.wanted, scaler.ready, scaler.utilization_percent
        since_s = now_s - (row.timeline[-1].at_s if row.timeline else 0.0)
        row.replica_s += scaler.wanted * since_s
        row.timeline.append(ReplicaPoint(now_s, *known))
        if scaler.wanted > row.minimum and row.wanted_s is None:
            row.wanted_s = now_s
    row.answer_s = first_answer_s(list(load.samples), row.minimum)


def first_answer_s(samples: list[Sample], replicas: int) -> float | None:
    """Return when a replica beyond the first `replicas` gave its first prediction, or None."""
    seen: set[str] = set()
    for sample in sorted(samples, key=lambda one: one.came_s):
        if sample.status == 200 and sample.replica and sample.replica not in seen:
            seen.add(sample.replica)
            if len(seen) > replicas:
                return sample.came_s
    return None


def _fill(row: AutoscaleRow, samples: list[Sample]) -> None:
    row.sent, row.lost = len(samples), sum(one.status != 200 for one in samples)
    if row.answer_s is None:
        row.error = (
            f"The autoscaler added no replica that answered within {ANSWER_TIMEOUT_S:.0f} s. "
            f"`kubectl -n hosting-lab describe hpa` says what it saw."
        )
        return
    answered = [one for one in samples if one.status == 200 and one.due_s >= WARM_UP_S]
    before = [one.latency_ms for one in answered if one.came_s < row.answer_s]
    after = [one.latency_ms for one in answered if one.due_s >= row.answer_s + WARM_UP_S]
    row.p95_before_ms, row.p95_after_ms = (percentile(one, 95, "ms") for one in (before, after))

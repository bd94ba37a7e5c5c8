"""The fault tolerance part: what is lost, and how long until all is back, when something breaks
under a steady load.

The load is an open loop at a constant rate: it goes on asking while a service is down, as clients
do. A request is lost when it got no prediction within PATIENCE_OF_A_CLIENT_S. Recovery is counted
from the fault to the later of two moments: the last lost request was due, and all parts were back.
What does not come back by itself within the wait is mended by hand: kill what hangs, start again.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError
from hostlab.http import local_session
from hostlab.measure.fault_injection import api_component, model_component
from hostlab.measure.interleave import after_each_other, beside_each_other
from hostlab.measure.load.generator import ClosedLoad, OpenLoad, Sample
from hostlab.measure.parts.throughput import open_round, rate, run
from hostlab.measure.statistics import Figure, mean
from hostlab.measure.steps import Step
from hostlab.methods.api.spending import check_spending
from hostlab.types import Component

RATE_PER_S = 20.0  # or less, where a service cannot do it with ease:
EASE = 0.3  # of what it does in a closed loop
PATIENCE_OF_A_CLIENT_S = 2.0
SETTLED_S = 1.5  # so long everything has to be answered
POLL_S = 0.25
OVERLOAD = 3.0  # times what the service can do
OUTAGE_S = 5.0
OTHER_VERSIONS = ("1.1", "1.0")  # what a rolling update changes to, whichever does not run
# where methods are broken together, these are done one at a time
_FLOOD = threading.Lock()  # each wants the whole machine, and hundreds of connections
_MEND = threading.Lock()  # a start takes a core for seconds, and is timed


@dataclass
class FaultRow:
    """One fault of one method.

    `recovery_s` where it came back by itself, else `mend_s`: how long starting it again took
    somebody.

    `lost` of `sent` requests, in the mean of the repeats. `error`: why this fault cannot be tried
    on this method.
    """

    method: str
    fault: str
    by_itself: bool | None = None
    recovery_s: Figure | None = None
    mend_s: Figure | None = None
    sent: Figure | None = None
    lost: Figure | None = None
    waited_s: float | None = None
    error: str | None = None


@dataclass
class FaultResult:
    rate_per_s: float = RATE_PER_S
    client_timeout_s: float = PATIENCE_OF_A_CLIENT_S
    rows: list[FaultRow] = field(default_factory=list)


@dataclass(frozen=True)
class Tried:
    """What one try of a fault did."""

    sent: int
    lost: int
    recovery_s: float | None
    mend_s: float | None = None


@dataclass
class Steady:
    """A service under a steady load, and what is watched about it."""

    service: Deployment
    load: OpenLoad
    parts: int
    stopping: threading.Event  # set by whoever will not wait any longer

    @classmethod
    def begin(
        cls,
        service: Deployment,
        rate_per_s: float = RATE_PER_S,
        stopping: threading.Event | None = None,
    ) -> "Steady":
        """Start the load and return once it has run for a moment."""
        load = OpenLoad(
            service.url,
            rate_per_s=rate_per_s,
            arrivals="constant",
            timeout_s=PATIENCE_OF_A_CLIENT_S,
            spend=True,
        ).start()
        steady = cls(service, load, _alive(service), stopping or threading.Event())
        time.sleep(SETTLED_S)
        return steady

    def recovery(
        self, began_s: float, wait_s: float, hung: Component | None = None
    ) -> float | None:
        """Return the seconds from `began_s` (in the load's time) until all parts were back and
        nothing was lost any more; None: not within the wait.

        A part that hangs looks well for a while, or for ever: it is back only when it has been
        started anew.
        """
        whole_since = None
        while (now_s := self.load.elapsed_s) < began_s + wait_s and not self.stopping.is_set():
            whole = _alive(self.service, hung) >= self.parts
            whole_since = (
                (whole_since if whole_since is not None else self.load.elapsed_s) if whole else None
            )
            judged = (
                now_s - PATIENCE_OF_A_CLIENT_S
            )  # what was due before then is answered or lost by now
            seen = [
                sample
                for sample in list(self.load.samples)
                if judged - SETTLED_S <= sample.due_s <= judged
            ]
            if (
                whole
                and judged - SETTLED_S >= began_s
                and seen
                and all(sample.status == 200 for sample in seen)
            ):
                last_lost = max(
                    (
                        sample.due_s
                        for sample in list(self.load.samples)
                        if sample.status != 200 and sample.due_s >= began_s
                    ),
                    default=began_s,
                )
                # a service whose parts were whole at the first look after the fault never was at
                # less than full strength
                back = 0.0 if whole_since - began_s < 2 * POLL_S else whole_since
                return max(0.0, last_lost - began_s, back - began_s)
            time.sleep(POLL_S)
        return None

    def end(self) -> list[Sample]:
        return self.load.stop()


Fault = Callable[[Steady, float], Tried]


def measure_faults(
    services: Sequence[Deployment],
    repeats: int = 2,
    wait_s: float = 20.0,
    hang_wait_s: float = 130.0,
    spend: bool = False,
    own: Collection[str] = (),
    together: bool = False,
) -> Iterator[Step[FaultResult]]:
    """Break each service in each way, `repeats` times.

    A service is started for it and stopped, but for the methods in `own`: they were started to be
    measured, and run. Any other that runs already is not broken: its row says so. A hang is tried
    once. Where somebody notices hangs, all is waited for longer (`hang_wait_s`): they take their
    time, also with a second crash soon after the first.

    One method at a time, because a neighbour's restart shows in the figures; or all `together`,
    which is sooner done.
    """
    result, stopping = FaultResult(), threading.Event()
    tries = _Tries(repeats, wait_s, hang_wait_s, spend, stopping)
    breaking = [_broken(service, tries, service.method in own) for service in services]
    done = [0.0] * len(services)
    with contextlib.closing(
        beside_each_other(breaking, stopping) if together else after_each_other(breaking)
    ) as news:
        for number, one in news:
            if isinstance(one, FaultRow):
                result.rows.append(one)
                result.rows.sort(
                    key=lambda row: [service.method for service in services].index(row.method)
                )
            else:
                sentence, done[number] = one
                yield Step(sentence, sum(done) / len(services), result)
    yield Step("Faults are measured.", 1.0, result)


@dataclass(frozen=True)
class _Tries:
    repeats: int
    wait_s: float
    hang_wait_s: float
    spend: bool
    stopping: threading.Event


def _broken(
    service: Deployment, tries: _Tries, own: bool
) -> Generator[FaultRow | tuple[str, float], None, None]:
    """Break one service in each way.

    Yield what goes on, with the share that is done, and each row once it is whole.
    """
    if not own and (why := _cannot(service)):
        yield FaultRow(service.method, "all", error=why)
        return
    yield f"Starting {service.method}", 0.0
    try:
        service.start()
        check_spending(service.url, None, tries.spend)
        rate_per_s = min(
            RATE_PER_S,
            max(
                1.0,
                EASE * rate(run(ClosedLoad(service.url, users=8, spend=True), 2.0).samples, 2.0),
            ),
        )
        for turn, (name, fault) in enumerate(FAULTS.items()):
            row = FaultRow(service.method, name)
            tried, wait_s = [], tries.hang_wait_s if service.restarts_hung else tries.wait_s
            for repeat in range(1 if name == "hung model" else tries.repeats):
                yield f"{service.method}: {name}, try {repeat + 1}", turn / len(FAULTS)
                try:
                    tried.append(_try(service, fault, wait_s, rate_per_s, tries.stopping))
                except HostingLabError as error:
                    row.error = str(error)
                    break
            if tries.stopping.is_set():
                return  # who stops in the middle of a fault has no figures of it
            _fill(row, tried, wait_s)
            yield row
        yield f"{service.method} is done", 1.0
    except HostingLabError as error:
        yield FaultRow(service.method, "all", error=str(error))
    finally:
        if not own:
            service.stop()


def _cannot(service: Deployment) -> str | None:
    status = service.status()
    if status.state == "running":
        return "It ran already, and is not broken for a measurement. `hostlab down` stops it."
    return None if status.state == "stopped" else status.reason or f"It is {status.state}."


def _try(
    service: Deployment, fault: Fault, wait_s: float, rate_per_s: float, stopping: threading.Event
) -> Tried:
    if service.status().state != "running":
        service.start()
    steady = Steady.begin(service, rate_per_s, stopping)
    try:
        return fault(steady, wait_s)
    finally:
        if steady.load.running:
            steady.end()


def _fill(row: FaultRow, tried: Sequence[Tried], wait_s: float) -> None:
    if not tried:
        return
    row.waited_s = wait_s
    row.by_itself = all(one.recovery_s is not None for one in tried)
    row.recovery_s = mean([one.recovery_s for one in tried], "s") if row.by_itself else None
    row.mend_s = mean([one.mend_s for one in tried if one.mend_s is not None], "s")
    row.sent, row.lost = (
        mean([float(one.sent) for one in tried], "requests"),
        mean([float(one.lost) for one in tried], "requests"),
    )


def _after(steady: Steady, began_s: float, wait_s: float, hung: Component | None = None) -> Tried:
    """Wait for the recovery; where it does not come, do what somebody would do: kill the part that
    hangs, and start again.
    """
    recovery_s = steady.recovery(began_s, wait_s, hung)
    mend_s = None
    if recovery_s is None:
        with _MEND:
            began = time.perf_counter()
            if hung:
                steady.service.kill(hung.name)
            steady.service.start()
            mend_s = time.perf_counter() - began
    return _counted(steady.end(), began_s, recovery_s, mend_s)


def _counted(
    samples: Sequence[Sample], began_s: float, recovery_s: float | None, mend_s: float | None = None
) -> Tried:
    since = [sample for sample in samples if sample.due_s >= began_s]
    return Tried(len(since), sum(sample.status != 200 for sample in since), recovery_s, mend_s)


def _kill_model(steady: Steady, wait_s: float) -> Tried:
    began_s = steady.load.elapsed_s
    steady.service.kill(model_component(steady.service))
    return _after(steady, began_s, wait_s)


def _kill_api(steady: Steady, wait_s: float) -> Tried:
    part = api_component(steady.service)
    if part is None:
        raise BadInput("Model and API are one process here: the row above is both.")
    began_s = steady.load.elapsed_s
    steady.service.kill(part)
    return _after(steady, began_s, wait_s)


def _hang(steady: Steady, wait_s: float) -> Tried:
    name = model_component(steady.service)
    part = next(one for one in steady.service.components() if one.name == name)
    began_s = steady.load.elapsed_s
    steady.service.suspend(name)
    return _after(steady, began_s, wait_s, hung=part)


def _overload(steady: Steady, wait_s: float) -> Tried:
    url = steady.service.url
    with _FLOOD:
        most = rate(run(ClosedLoad(url, users=16, spend=True), 2.0).samples, 2.0)
        flood = open_round(url, OVERLOAD * max(most, 1.0), OUTAGE_S)
    tried = _after(steady, steady.load.elapsed_s, wait_s)
    refused = sum(sample.status != 200 for sample in flood)
    return Tried(len(flood), refused, tried.recovery_s, tried.mend_s)


def _provider_down(steady: Steady, wait_s: float) -> Tried:
    tell = getattr(steady.service, "set_provider_behavior", None)
    if tell is None:
        raise BadInput("It has no provider.")
    began_s = steady.load.elapsed_s
    tell(status=503)
    time.sleep(OUTAGE_S)
    tell()
    recovery_s = steady.recovery(began_s, wait_s)
    return _counted(steady.end(), began_s, recovery_s)


def _update(steady: Steady, wait_s: float) -> Tried:
    began_s, began = steady.load.elapsed_s, time.perf_counter()
    steady.service.update(
        OTHER_VERSIONS[0] if _version(steady.service) != OTHER_VERSIONS[0] else OTHER_VERSIONS[1]
    )
    took_s = time.perf_counter() - began
    time.sleep(SETTLED_S)
    return _counted(steady.end(), began_s, took_s)


def _version(service: Deployment) -> str:
    with local_session() as session:
        return session.get(f"{service.url}/health", timeout=5).json()["version"]


FAULTS: dict[str, Fault] = {
    "killed model": _kill_model,
    "killed API": _kill_api,
    "hung model": _hang,
    "three times too much": _overload,
    "provider down for 5 s": _provider_down,
    "rolling update": _update,
}


def _alive(service: Deployment, hung: Component | None = None) -> int:
    """Return how many parts run, not counting one that hangs unless it has been
    started anew since.
    """
    try:
        parts = [one for one in service.components() if one.state == "running"]
    except HostingLabError:
        return 0
    return sum(
        hung is None or (one.id, one.since, one.restarts) != (hung.id, hung.since, hung.restarts)
        for one in parts
    )

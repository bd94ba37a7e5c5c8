"""What each part of a measurement gets: the services, and how much to measure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hostlab.deployment import Deployment

SCHEMA = 4  # of report.json: raised when a name in it changes, or is added


@dataclass(frozen=True)
class Effort:
    """How much is measured. More takes longer, and narrows the intervals.

    `load_s`: seconds of one round of load. `fault_wait_s`: how long to wait until a service
    recovers by itself; `hang_wait_s`: the same where something restarts hung components.
    """

    name: str
    cold_starts: int
    warm_requests: int
    load_s: float
    load_repeats: int
    fault_repeats: int
    fault_wait_s: float
    hang_wait_s: float
    scale_repeats: int
    faults_concurrently: bool


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
    faults_concurrently=False,
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
    faults_concurrently=True,
)


@dataclass(frozen=True)
class Job:
    """What a part gets.

    `machine_hour`: the user's price. `p99_ms`: the latency that simulated replicas have to meet.
    `results`: the results so far, by part. `own`: the methods that were started for the
    measurement; only these are scaled and broken. `keep` is called with a service that was started
    and is needed later.
    """

    services: Sequence[Deployment]
    effort: Effort
    spend: bool
    machine_hour: float | None
    p99_ms: float
    results: Mapping[str, Any]
    own: set[str] = field(default_factory=set)
    keep: Callable[[Deployment], None] | None = None

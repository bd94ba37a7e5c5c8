"""A simulation of autoscaling: pods over a whole day, on a cluster that this machine is not.

The autoscaler (autoscaler_rule.py) sees the pods' CPU use late: the metrics server reports the mean
of 15 seconds, every 15 seconds, and the nodes' own figures are up to 15 seconds old by then. A pod
that it adds serves only after its start, and if the nodes' cores are reserved already, not at all.
Meanwhile, texts wait, and are rejected when the queues of all pods are full, as with the services'
QUEUE_LIMIT.

864 million requests a day are too many to simulate one by one. So texts flow like water, second by
second: what the pods cannot compute waits in front of them. What a single request adds to that, its
chance to find others before it, comes from the simulation of the queue (simulation.py), for a pod
that is busy for 5%, 10%, ... of the time. In it, at most `MOST_REPLICAS` replicas share the load:
with more of them, the wait at the same use is shorter still.

`other_ms` is what each text costs outside the pods of the model, on the same cores: gateway,
clients, cluster. It is 0 for a cluster where they have machines of their own. On a laptop, it is
why three pods on two cores do not scale.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np

from hostlab.errors import BadInput
from hostlab.measure.autoscaler_rule import Rule, SimulatedAutoscaler, Use
from hostlab.measure.simulation import ServiceTimes, simulate

Load = Callable[[float], float]  # texts a second at a number of seconds since the beginning
RESOLUTION_S = 15  # how often the metrics server asks, and the time that its figures cover
DELAY_S = 10  # how old its figures are: a node looks at its containers every 10 to 15 s
MOST_REPLICAS = 8
BUSY = np.arange(0.05, 0.96, 0.05)
DAY_S = 86_400
# The load of each full hour in percent of the day's peak. Invented, in the shape of many services
# for the public: a quiet night, a plateau at work, and a peak in the evening.
MORNING = (28, 20, 15, 12, 11, 13, 22, 38, 55, 64, 68, 70)
AFTERNOON = (74, 72, 68, 66, 68, 74, 83, 93, 100, 96, 74, 46)


@dataclass(frozen=True)
class Pod:
    """One pod of the model.

    `text_ms`: CPU time of one text. `start_s`: from its creation until it is ready. `queue_limit`:
    how many texts wait in it at most.
    """

    text_ms: float
    request_cores: float = 1.0
    limit_cores: float = 1.0
    start_s: float = 10.0
    queue_limit: int = 256

    @property
    def texts_per_s(self) -> float:
        """How many texts it computes a second where it has its cores for itself."""
        return self.limit_cores * 1000 / self.text_ms


@dataclass(frozen=True)
class NodePool:
    """Nodes with their cores; for `other_ms`, see the module."""

    nodes: int
    cores_per_node: float
    other_ms: float = 0.0

    def room_for(self, pod: Pod) -> int:
        """Return how many pods the scheduler places: it adds up requests, not use."""
        return self.nodes * int(self.cores_per_node / pod.request_cores + 1e-9)


@dataclass(frozen=True)
class Course:
    """What happened. Each field but the last is an array with one value for each second.

    `pods`: those that exist, ready or starting. `needed`: the fewest with which the p99 stays
    within the bound at that moment's load.
    `used_percent`: the mean CPU use of the ready pods in percent of their request.
    """

    rate_per_s: np.ndarray
    wanted: np.ndarray
    pods: np.ndarray
    ready: np.ndarray
    needed: np.ndarray
    used_percent: np.ndarray
    p99_ms: np.ndarray
    rejected_per_s: np.ndarray
    bound_ms: float

    @property
    def pod_hours(self) -> float:
        """What it costs: the hours of all pods together."""
        return float(self.pods.sum()) / 3600

    @property
    def needed_pod_hours(self) -> float:
        """What it would cost if exactly the needed pods were ready at each moment."""
        return float(self.needed.sum()) / 3600

    @property
    def fixed_pod_hours(self) -> float:
        """What it would cost if the pods that the peak needs ran all the time."""
        return float(self.needed.max()) * len(self.needed) / 3600

    @property
    def over_pod_hours(self) -> float:
        """Overprovisioning: the hours of the pods beyond those that were needed."""
        return float(np.maximum(self.pods - self.needed, 0).sum()) / 3600

    @property
    def under_s(self) -> int:
        """Underprovisioning: for how many seconds fewer pods were ready than needed."""
        return int((self.ready < self.needed).sum())

    @property
    def late_share(self) -> float:
        """The share of the texts that came while the p99 was above the bound."""
        return float(self.rate_per_s[self.p99_ms > self.bound_ms].sum() / self.rate_per_s.sum())

    @property
    def rejected_share(self) -> float:
        """The share of the texts that found all queues full."""
        return float(self.rejected_per_s.sum() / self.rate_per_s.sum())


def day(peak_per_s: float) -> Load:
    """Return the load of a day that begins at midnight (see MORNING, AFTERNOON)."""
    hours = np.arange(25)
    shares = np.array([*MORNING, *AFTERNOON, MORNING[0]]) / 100

    def rate(second: float) -> float:
        return peak_per_s * float(np.interp(second % DAY_S / 3600, hours, shares))

    return rate


def with_surge(load: Load, at_s: float, factor: float, seconds: float) -> Load:
    """Return the load with `factor` times as much for some seconds, all at once."""

    def rate(second: float) -> float:
        return load(second) * (factor if at_s <= second < at_s + seconds else 1.0)

    return rate


class _Tail:
    """The p99 of a request where nothing is left over from before, by how busy the pods are."""

    def __init__(self, times: ServiceTimes, pod: Pod) -> None:
        self._times, self._pod = times, pod
        self._known: dict[int, np.ndarray] = {}  # by replicas, one value for each of BUSY

    def __call__(self, busy: float, pods: int) -> float:
        replicas = max(1, min(pods, MOST_REPLICAS))
        if replicas not in self._known:
            self._known[replicas] = np.array([self._p99_ms(one, replicas) for one in BUSY])
        return float(np.interp(busy, BUSY, self._known[replicas]))

    def _p99_ms(self, busy: float, replicas: int) -> float:
        rate_per_s = busy * replicas * self._pod.texts_per_s
        latencies = simulate(self._times, rate_per_s, replicas, requests=3_000)
        return float(np.percentile(latencies, 99))

    def busiest(self, bound_ms: float) -> float:
        """Return how busy many pods may be at most within the bound. Raises BadInput."""
        self(0.0, MOST_REPLICAS)
        within = self._known[MOST_REPLICAS] <= bound_ms
        if not within[0]:
            lowest = self._known[MOST_REPLICAS][0]
            raise BadInput(
                f"No number of pods has a p99 of {bound_ms:g} ms: a single request takes "
                f"{lowest:.0f} ms. Use a higher bound."
            )
        last = len(BUSY) - 1 if within.all() else int(np.argmin(within)) - 1
        return float(BUSY[last])


def simulate_autoscaling(
    rule: Rule,
    pod: Pod,
    cluster: NodePool,
    times: ServiceTimes,
    load: Load,
    seconds: int = DAY_S,
    bound_ms: float = 200.0,
    start_pods: int | None = None,
    first_use_s: int = RESOLUTION_S + DELAY_S,
) -> Course:
    """Run the load on the cluster, and return what happened.

    `times`: of single requests, for the wait and the hop (`simulation.measure_service_times`). It
    begins with `start_pods`, or else as many as the first second needs, all of them ready.
    `first_use_s`: when the autoscaler first looks and knows their use; that of new pods is unknown
    for 30 to 45 s. Raises BadInput for a bound that a single request exceeds.
    """
    tail = _Tail(times, pod)
    per_pod = pod.texts_per_s * tail.busiest(bound_ms)
    needed = np.array([max(1, ceil(load(second) / per_pod)) for second in range(seconds)])
    first = int(needed[0]) if start_pods is None else start_pods
    scaler = SimulatedAutoscaler(rule, min(rule.max_pods, max(rule.min_pods, first)))
    room, backlog, use = cluster.room_for(pod), 0.0, Use(0.0, 0)
    ready_at = [-float(RESOLUTION_S + DELAY_S)] * min(
        scaler.wanted, room
    )  # of each pod, the oldest first
    window: deque[float] = deque(maxlen=RESOLUTION_S + DELAY_S)  # use in percent of request
    rows = np.zeros((seconds, 7))
    for now in range(seconds):
        known_s = now - first_use_s
        if known_s >= 0 and known_s % RESOLUTION_S == 0:
            old = bisect_right(ready_at, now - DELAY_S - RESOLUTION_S)
            percent = float(np.mean(list(window)[:RESOLUTION_S]))
            use = Use(percent, old, len(ready_at) - old)
        if known_s >= 0 and known_s % rule.sync_s == 0:
            existing = min(scaler.sync(now, use), room)
            ready_at += [now + pod.start_s] * (existing - len(ready_at))
            del ready_at[existing:]
        rate, ready = load(now), bisect_right(ready_at, now)
        cores = _cores(cluster, pod, rate, ready, len(ready_at))
        capacity = max(cores * 1000 / pod.text_ms, 1e-9)
        served = min(backlog + rate, capacity)
        waiting = backlog + rate - served
        backlog = min(waiting, ready * pod.queue_limit)
        used = 100 * served * pod.text_ms / 1000 / max(1, ready) / pod.request_cores
        window.append(used)
        p99_ms = tail(min(1.0, rate / capacity), ready) + backlog / capacity * 1000
        rows[now] = rate, scaler.wanted, len(ready_at), ready, used, p99_ms, waiting - backlog
    rates, wanted, pods, ready_pods, used_percent, p99s_ms, rejected = rows.T
    return Course(
        rates, wanted, pods, ready_pods, needed, used_percent, p99s_ms, rejected, bound_ms
    )


def _cores(cluster: NodePool, pod: Pod, rate_per_s: float, ready: int, existing: int) -> float:
    """Return the cores that the ready pods can use together; those that start use theirs, too."""
    free = cluster.nodes * cluster.cores_per_node - rate_per_s * cluster.other_ms / 1000
    return ready * min(pod.limit_cores, max(0.0, free) / max(1, existing))

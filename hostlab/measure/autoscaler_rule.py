"""The rule by which Kubernetes scales pods, in Python: what a HorizontalPodAutoscaler does.

Every 15 seconds, the autoscaler compares the CPU use of the pods with a target, and computes

    wanted = ceil(pods x use / target)

It does nothing while use and target differ by at most a tenth. Pods that are not ready yet, or have
no figure of their own yet, count as unused, so that a slow start does not make it add ever more of
them. Then two things slow it down: how many pods may come or go in a period, and the stabilization
window. With a window of five minutes (the default for removing pods), it takes the highest number
that it computed in the last five minutes.

Sources: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/ and,
for the details, pkg/controller/podautoscaler of Kubernetes. Only the metric "CPU utilization" of
one container is here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, floor


@dataclass(frozen=True)
class ScalingPolicy:
    """How fast pods may be added, or removed.

    `window_s`: the stabilization window. In `period_s` seconds, the number of pods may change by
    `pods`, or by `percent` of what it was, whichever is more.
    """

    window_s: int
    pods: int
    percent: float
    period_s: int


@dataclass(frozen=True)
class Rule:
    """What a HorizontalPodAutoscaler declares, and what its cluster sets; Kubernetes' defaults.

    `target_percent`: the mean CPU use to hold, in percent of a pod's CPU *request*.
    """

    min_pods: int
    max_pods: int
    target_percent: float
    tolerance: float = 0.1
    sync_s: int = 15
    up: ScalingPolicy = ScalingPolicy(window_s=0, pods=4, percent=100, period_s=15)
    down: ScalingPolicy = ScalingPolicy(window_s=300, pods=0, percent=100, period_s=15)


@dataclass(frozen=True)
class Use:
    """What the metrics server reports: the mean use of the `measured` pods in percent of request.

    `young`: how many further pods are not ready yet, or have no figure for the time since.
    """

    percent: float
    measured: int
    young: int = 0


@dataclass
class SimulatedAutoscaler:
    """The autoscaler at work. `wanted`: how many pods it wants now."""

    rule: Rule
    wanted: int
    _computed: list[tuple[float, int]] = field(default_factory=list)  # when, and how many
    _changes: list[tuple[float, int]] = field(default_factory=list)  # when, and by how many

    def sync(self, now_s: float, use: Use) -> int:
        """Compare once, and return how many pods are wanted from now on."""
        computed = self._within(computed_pods(self.rule, self.wanted, use))
        self._computed.append((now_s, computed))
        wanted = self._within(self._limited(now_s, self._stabilized(now_s)))
        if wanted != self.wanted:
            self._changes.append((now_s, wanted - self.wanted))
        self.wanted = wanted
        return wanted

    def _within(self, pods: int) -> int:
        return max(self.rule.min_pods, min(self.rule.max_pods, pods))

    def _stabilized(self, now_s: float) -> int:
        """Return the number of now that the windows allow: the least change within each."""
        oldest_s = now_s - max(self.rule.up.window_s, self.rule.down.window_s)
        self._computed = [one for one in self._computed if one[0] >= oldest_s]

        def extreme(behavior: ScalingPolicy, choose: Callable[[list[int]], int]) -> int:
            since_s = now_s - behavior.window_s
            return choose([pods for at_s, pods in self._computed if at_s >= since_s])

        lowest, highest = extreme(self.rule.up, min), extreme(self.rule.down, max)
        return min(max(self.wanted, lowest), highest)

    def _limited(self, now_s: float, pods: int) -> int:
        """Return the nearest number that the pods per period allow."""
        if pods > self.wanted:
            up = self.rule.up
            before = self.wanted - self._changed(now_s, up.period_s, added=True)
            limit = max(before + up.pods, ceil(before * (1 + up.percent / 100)))
            return min(pods, max(limit, self.wanted))
        down = self.rule.down
        before = self.wanted + self._changed(now_s, down.period_s, added=False)
        limit = min(before - down.pods, floor(before * (1 - down.percent / 100)))
        return max(pods, min(limit, self.wanted))

    def _changed(self, now_s: float, period_s: float, added: bool) -> int:
        """Return how many pods were added, or removed, in the last `period_s` seconds."""
        recent = [change for at_s, change in self._changes if at_s > now_s - period_s]
        return sum(abs(change) for change in recent if (change > 0) == added)


def computed_pods(rule: Rule, current: int, use: Use) -> int:
    """Return the number of pods by the formula alone, before any limit."""
    if not use.measured:
        return current
    ratio = use.percent / rule.target_percent
    if ratio <= 1 or not use.young:
        unchanged = 1 - rule.tolerance <= ratio <= 1 + rule.tolerance
        return current if unchanged else ceil(ratio * use.measured)
    pods = use.measured + use.young
    with_young = ratio * use.measured / pods  # young pods count as unused
    if with_young <= 1 + rule.tolerance:
        return current
    return max(current, ceil(with_young * pods))

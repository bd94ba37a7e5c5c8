"""One method under load: its samples, its figures, and what happens to it.

Every method has a time of its own: the seconds that it has been under load, without the warm-up of
each bout. So the lines of all methods share one axis in a chart, whether the methods follow one
another or alternate.
"""

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from demo.tabs.load.bins import Bins
from demo.tabs.load.outage import LoadOutage, outages
from hostlab.measure.load.generator import Sample
from hostlab.measure.parts.throughput import WARM_UP_S
from hostlab.measure.single_load import LoadFigures, figures
from hostlab.types import Autoscaler

MIN_PHASE_S = 0.5  # figures of a shorter phase mean nothing

Disturbance = Literal["kill", "start"]
EventKind = Disturbance | Literal["change"]


@dataclass(frozen=True)
class LoadEvent:
    """What was done to a method at `at_s` seconds of its time; a change leads to `level`."""

    at_s: float
    what: EventKind
    level: float | None = None


@dataclass(frozen=True)
class ReplicaCount:
    """How many replicas an autoscaler wanted, and how many were ready, from `at_s` on."""

    at_s: float
    wanted: int
    ready: int


@dataclass
class Phase:
    """A time at one level, and its figures. The ramp-up belongs to no phase."""

    level: float
    from_s: float
    until_s: float | None = None
    figures: LoadFigures | None = None


@dataclass
class Track:
    """One method under load, in seconds of its own time."""

    method: str
    samples: list[Sample] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)  # of predictions
    bins: Bins = field(default_factory=Bins)
    events: list[LoadEvent] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    replicas: list[ReplicaCount] = field(default_factory=list)  # only while autoscaled
    usage_known: bool = True  # whether its autoscaler knows the CPU usage
    elapsed_s: float = 0.0
    generator_cpu_s: float = 0.0
    lost_by_status: Counter[int] = field(default_factory=Counter)  # 0: no response
    url: str | None = None  # the last known address
    error: str | None = None

    @property
    def restarted(self) -> bool:
        """Whether somebody restarted the method during the load."""
        return any(event.what == "start" for event in self.events)

    @property
    def outages(self) -> list[LoadOutage]:
        """What the kills during the load cost."""
        kills_s = [event.at_s for event in self.events if event.what == "kill"]
        return list(outages(self.samples, kills_s)) if kills_s else []

    def add(self, samples: list[Sample], begin_s: float, end_s: float) -> None:
        """Add samples of a bout that lasts from `begin_s` to `end_s`.

        Excludes what was due in the bout's warm-up, and predictions that arrived after its end.
        """
        for sample in samples:
            moved = replace(sample, due_s=sample.due_s + begin_s - WARM_UP_S)
            if begin_s <= moved.due_s < end_s:
                self.samples.append(moved)
                self.bins.add_due(moved)
                if moved.status != 200:
                    self.lost_by_status[moved.status or 0] += 1
            if moved.status == 200 and begin_s <= moved.came_s < end_s:
                self.arrivals.append(moved.came_s)
                self.bins.add_arrival(moved.came_s)

    def follow(self, level: float, ramp_s: float) -> None:
        """Begin a phase if the ramp-up is over or the level has changed."""
        if self.elapsed_s < ramp_s:
            return
        if not self.phases:
            self.phases.append(Phase(level, ramp_s))
        elif self.phases[-1].level != level:
            self.phases[-1].until_s = self.elapsed_s
            self.phases.append(Phase(level, self.elapsed_s))
            self.events.append(LoadEvent(self.elapsed_s, "change", level))

    def note_replicas(self, scaler: Autoscaler | None) -> None:
        """Note what the method's autoscaler reports now, if it is on."""
        if scaler:
            self.replicas.append(ReplicaCount(self.elapsed_s, scaler.wanted, scaler.ready))
        self.usage_known = scaler is None or scaler.utilization_percent is not None

    def compute_figures(self, intervals: bool) -> None:
        """Compute the figures of every phase so far; without intervals, this is quick."""
        generator_cpu = self.generator_cpu_s / max(self.elapsed_s, 1e-9)
        for phase in self.phases:
            until_s = phase.until_s if phase.until_s is not None else self.elapsed_s
            seconds = until_s - phase.from_s
            if seconds < MIN_PHASE_S:
                continue
            due = [one for one in self.samples if phase.from_s <= one.due_s < until_s]
            arrived = sum(phase.from_s <= at_s < until_s for at_s in self.arrivals)
            phase.figures = figures(due, arrived, seconds, generator_cpu, intervals)

    def as_dict(self) -> dict[str, Any]:
        """Return the track as plain data: times in seconds, latencies in milliseconds."""
        return {
            "method": self.method,
            "error": self.error,
            "phases": [asdict(phase) for phase in self.phases if phase.figures],
            "events": [asdict(event) for event in self.events],
            "lost_by_status": dict(self.lost_by_status),
            "outages": [asdict(outage) for outage in self.outages],
            "replicas": [asdict(count) for count in self.replicas],
            "seconds": [asdict(second) for second in self.bins.figures(self.elapsed_s)],
        }

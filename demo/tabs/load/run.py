"""Loads on running variants: what is asked for, and what has come of it so far. Nothing here draws.

Every variant has a time of its own: the seconds that it has been under load, the warm-up of each bout left out. So variants lie
upon one another in a chart, whether one comes after the other or they take turns. The generator runs in a process of its own
(hostlab/measure/load/isolated.py): neither gradio's work nor its queue is in a figure.
"""

import random
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from demo.run_queue import RunQueue
from demo.tabs.load.bins import Bins
from hostlab import get
from hostlab.errors import BadInput, HostingLabError
from hostlab.measure.load.generator import Sample
from hostlab.measure.load.isolated import IsolatedLoad, LoadKind
from hostlab.measure.load.measurement import MAX_LEVEL, LoadFigures, figures
from hostlab.measure.parts.throughput import WARM_UP_S

BOUT_S = 2.0  # of load, when variants take turns
TICK_S = 0.1
SETTLE_S = 1.0  # between two makings of the figures while it goes on
LOOK_S = 1.0  # where a method is that was started again
MAX_SECONDS = 300.0


@dataclass(frozen=True)
class Plan:
    """A load: `level` users (closed) or requests a second (open) on each method for `seconds`, after `ramp_s` seconds of growth to it.

    `in_turn`: the methods take turns, in a new order each round; else one comes after the other.
    """

    methods: tuple[str, ...]
    kind: LoadKind
    level: float
    seconds: float = 10.0
    ramp_s: float = 0.0
    in_turn: bool = False
    spend: bool = False

    def check(self) -> None:
        """Raise BadInput where it cannot be done."""
        if not self.methods:
            raise BadInput("There is no method to put the load on.")
        check_level(self.kind, self.level)
        if not 1 <= self.seconds <= MAX_SECONDS or not 0 <= self.ramp_s <= MAX_SECONDS:
            raise BadInput(
                f"A load takes 1 to {MAX_SECONDS:.0f} seconds, and so many at most to grow."
            )


def check_level(kind: LoadKind, level: float) -> None:
    """Raise BadInput for a number of users or requests a second that the generator cannot do."""
    if kind not in MAX_LEVEL:
        raise BadInput(
            f"There is no kind of load {kind!r}. There are: closed (users), open (requests a second)."
        )
    if not 0.1 <= level <= MAX_LEVEL[kind] or (kind == "closed" and level != round(level)):
        raise BadInput(
            f"{level:g} cannot be done: a closed loop has 1 to {MAX_LEVEL['closed']} users, an open one 0.1 to {MAX_LEVEL['open']} requests a second."
        )


@dataclass(frozen=True)
class Event:
    """Something done to a variant at `at_s` seconds of its time: `what` is kill, start or change, `level` what a change leads to."""

    at_s: float
    what: str
    level: float | None = None


@dataclass
class Phase:
    """One level, and what came of it; the seconds of growth belong to none."""

    level: float
    from_s: float
    until_s: float | None = None
    figures: LoadFigures | None = None


@dataclass
class Track:
    """One variant under load: its samples and all that is made of them, in seconds of its own time."""

    method: str
    samples: list[Sample] = field(default_factory=list)
    came: list[float] = field(default_factory=list)
    bins: Bins = field(default_factory=Bins)
    events: list[Event] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    elapsed_s: float = 0.0
    cpu_s: float = 0.0  # the generator's
    url: str | None = None  # where it was last
    error: str | None = None

    def take(self, samples: list[Sample], begin_s: float, end_s: float) -> None:
        """Take the samples of a bout that lies between two times of the track. What is due in its warm-up, or comes after it, is left out."""
        shift = begin_s - WARM_UP_S
        for one in samples:
            due_s = one.due_s + shift
            came_s = due_s + one.latency_ms / 1000
            if begin_s <= due_s < end_s:
                self.samples.append(replace(one, due_s=due_s))
                self.bins.due(self.samples[-1])
            if one.status == 200 and begin_s <= came_s < end_s:
                self.came.append(came_s)
                self.bins.came(came_s)

    def settle(self, intervals: bool) -> None:
        """Make the figures of every phase that has begun; without intervals it is quick."""
        for phase in self.phases:
            until_s = phase.until_s if phase.until_s is not None else self.elapsed_s
            if until_s - phase.from_s >= 0.5:  # of less, nothing can be said
                due = [one for one in self.samples if phase.from_s <= one.due_s < until_s]
                came = sum(phase.from_s <= at_s < until_s for at_s in self.came)
                phase.figures = figures(
                    due,
                    came,
                    until_s - phase.from_s,
                    self.cpu_s / max(self.elapsed_s, 1e-9),
                    intervals,
                )


class LoadRun:
    """One load, in a thread of its own. `state` is waiting, running, ending (what is under way is waited for) or ended."""

    def __init__(self, plan: Plan, turns: RunQueue) -> None:
        """Raises BadInput where the plan cannot be done."""
        plan.check()
        self.plan, self.methods, self.level = plan, plan.methods, plan.level
        self.tracks = {method: Track(method) for method in plan.methods}
        self.state, self.now, self.began, self.version = "waiting", None, time.time(), 0
        self._turns, self._stop, self._looked, self._settled, self._killed = (
            turns,
            threading.Event(),
            0.0,
            0.0,
            None,
        )
        self._thread = threading.Thread(target=self._work, name="load", daemon=True)

    def start(self) -> "LoadRun":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Send no more. Figures are made of what was sent."""
        self._stop.set()

    def join(self) -> None:
        self._thread.join()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        return self.state == "ended"

    @property
    def left_s(self) -> float:
        whole = self.plan.ramp_s + self.plan.seconds
        return sum(
            max(0.0, whole - track.elapsed_s) for track in self.tracks.values() if not track.error
        )

    def change(self, level: float) -> None:
        """Go on with another number of users, or of requests a second. Raises BadInput where it cannot be done."""
        check_level(self.plan.kind, level)
        self.level = level

    def target(self, what: str) -> str:
        """Return the method that a kill or a start would be for: that which is under load now; to start, that which was killed last."""
        return (self._killed if what == "start" else None) or self.now or self.plan.methods[0]

    def mark(self, what: str, method: str) -> None:
        """Note that somebody kills a part of a method, or starts it again. Raises BadInput."""
        if method not in self.tracks:
            raise BadInput(f"{method} is not under this load. It is on: {', '.join(self.tracks)}.")
        if what == "kill":
            self._killed = method
        self.tracks[method].events.append(Event(self.tracks[method].elapsed_s, what))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, the form of the JSON: times in seconds of each method's own, latencies in milliseconds."""
        rows = []
        for track in self.tracks.values():
            told = {
                "method": track.method,
                "error": track.error,
                "phases": [asdict(phase) for phase in track.phases if phase.figures],
            }
            rows.append(
                told
                | {
                    "events": [asdict(event) for event in track.events],
                    "seconds": [asdict(one) for one in track.bins.points(track.elapsed_s)],
                }
            )
        began = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(self.began))
        return {"began": began, "state": self.state, "plan": asdict(self.plan), "rows": rows}

    def _work(self) -> None:
        try:
            with self._turns.reserve(self) as mine:
                if mine:
                    self.state, self.began = "running", time.time()
                    self._bouts()
        finally:
            for track in self.tracks.values():
                track.settle(intervals=True)
            self.state, self.now = "ended", None
            self.version += 1

    def _bouts(self) -> None:
        whole = self.plan.ramp_s + self.plan.seconds
        bout = BOUT_S if self.plan.in_turn else whole
        number = 0
        while not self.stopping:
            left = [
                track
                for track in self.tracks.values()
                if not track.error and track.elapsed_s < whole - 0.05
            ]
            if not left:
                return
            for track in random.sample(left, len(left)) if self.plan.in_turn else left:
                if not self.stopping:
                    self.now = track.method
                    self._bout(track, min(bout, whole - track.elapsed_s), number)
            number += 1

    def _bout(self, track: Track, seconds: float, seed: int) -> None:
        try:
            load = IsolatedLoad(
                self._url(track), self.plan.kind, self._applied(track), seed, self.plan.spend
            ).start()
        except HostingLabError as error:
            track.error = str(error)
            return
        begin_s, taken = track.elapsed_s, 0
        try:
            while (passed := load.elapsed_s - WARM_UP_S) < seconds and not self.stopping:
                track.elapsed_s = begin_s + max(0.0, passed)
                self._follow(track)
                load.change(self._applied(track))
                self._find_again(track, load)
                new = load.samples[taken:]
                track.take(new, begin_s, begin_s + seconds)
                taken += len(new)
                if time.monotonic() - self._settled > SETTLE_S:
                    self._settled = time.monotonic()
                    track.settle(intervals=False)
                self.version += 1
                self._stop.wait(TICK_S)
            track.elapsed_s = begin_s + max(0.0, min(passed, seconds))
            self.state = "ending"
        except HostingLabError as error:
            track.error = str(error)
        finally:
            track.error = _ended(load) or track.error
            track.take(load.samples[taken:], begin_s, begin_s + seconds)
            track.cpu_s += load.cpu_s
            self.state = "running"
            self.version += 1

    def _url(self, track: Track) -> str:
        """Return where a method is; of one that was under load and has died, where it was: what is sent there is lost. Raises HostingLabError."""
        try:
            track.url = get(track.method).url
        except HostingLabError:
            if track.url is None:
                raise
        return track.url

    def _applied(self, track: Track) -> float:
        """Return the level that is put on a track now: while it grows, a part of what is asked for."""
        ramp_s = self.plan.ramp_s
        if track.elapsed_s >= ramp_s:
            return self.level
        grown = self.level * track.elapsed_s / ramp_s
        return max(1.0, round(grown)) if self.plan.kind == "closed" else max(0.5, grown)

    def _find_again(self, track: Track, load: IsolatedLoad) -> None:
        """Follow a method that was started again: that may have given it another port."""
        if (
            any(event.what == "start" for event in track.events)
            and time.monotonic() - self._looked > LOOK_S
        ):
            self._looked = time.monotonic()
            track.url = get(track.method).status().url or load.url
            load.redirect(track.url)

    def _follow(self, track: Track) -> None:
        """Begin a new phase where the load has grown to its level, or was changed."""
        if track.elapsed_s < self.plan.ramp_s:
            return
        if not track.phases:
            track.phases.append(Phase(self.level, self.plan.ramp_s))
        elif track.phases[-1].level != self.level:
            track.phases[-1].until_s = track.elapsed_s
            track.phases.append(Phase(self.level, track.elapsed_s))
            track.events.append(Event(track.elapsed_s, "change", self.level))


def _ended(load: IsolatedLoad) -> str | None:
    try:
        load.stop()
    except HostingLabError as error:
        return str(error)
    return None

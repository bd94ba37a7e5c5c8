"""Put load on running methods, in a thread. Gradio is not involved.

The generator is a process of its own (hostlab/measure/load/isolated.py), so the work of the page
affects no figure.
"""

import random
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import psutil

from demo.run_queue import ExclusiveRun, RunQueue
from demo.tabs.load.plan import Plan, check_level
from demo.tabs.load.track import EventKind, LoadEvent, Track
from hostlab import get
from hostlab.errors import BadInput, HostingLabError
from hostlab.measure.load.isolated import IsolatedLoad
from hostlab.measure.parts.throughput import WARM_UP_S
from hostlab.measure.single_load import new_seed
from hostlab.types import Autoscaler

BOUT_S = 2.0  # how long one method is under load before the next, if methods alternate
TICK_S = 0.1
FIGURES_EVERY_S = 1.0  # while the load runs
LOCATE_EVERY_S = 1.0  # after a restart


Autoscalers = Callable[[str], Autoscaler | None]  # by method


def _none(method: str) -> None:
    """Say that a method has no autoscaler."""


class LoadRun(ExclusiveRun):
    """One load. To stop it means to send no more requests; the figures cover what was sent."""

    def __init__(
        self,
        plan: Plan,
        queue: RunQueue,
        autoscaler: Autoscalers = _none,
        guest_url: Callable[[str], str | None] = _none,
    ) -> None:
        """Raises BadInput if the plan is impossible.

        `autoscaler` returns at once what a method's autoscaler did last, or None, and `guest_url`
        the address of a guest, or None for a method.
        """
        plan.check()
        super().__init__(plan.methods, queue)
        self.plan, self.level, self._autoscaler = plan, plan.level, autoscaler
        self._guest_url = guest_url
        self.tracks = {method: Track(method) for method in plan.methods}
        self.now: str | None = None  # the method under load
        self.seed = new_seed()  # of the arrivals, the same for each method
        self.began = time.time()
        self.load_average: float | None = None  # of the minute before it began
        self.version = 0  # changes with everything that a page shows
        self._killed: str | None = None  # the method that lost a component last
        self._computed_at = self._located_at = 0.0

    @property
    def left_s(self) -> float:
        """How many seconds the load still takes."""
        active = [track for track in self.tracks.values() if not track.error]
        return sum(max(0.0, self.plan.total_s - track.elapsed_s) for track in active)

    def change(self, level: float) -> None:
        """Continue at another level. Raises BadInput if the generator cannot produce it."""
        check_level(self.plan.kind, level)
        self.level = level

    def end(self) -> None:
        """Compute the final figures."""
        for track in self.tracks.values():
            track.compute_figures(intervals=True)
        self.now = None
        self.version += 1

    def target(self, what: EventKind) -> str:
        """Return the method that a kill or a restart is for.

        That is the one under load; for a restart, the one that lost a component last.
        """
        return (self._killed if what == "start" else None) or self.now or self.plan.methods[0]

    def mark(self, what: EventKind, method: str) -> None:
        """Note that somebody kills a component of a method, or restarts the method.

        Raises BadInput for a method that is not under this load.
        """
        if method not in self.tracks:
            raise BadInput(
                f"{method} is not under this load. The load is on: {', '.join(self.tracks)}."
            )
        if what == "kill":
            self._killed = method
        self.tracks[method].events.append(LoadEvent(self.tracks[method].elapsed_s, what))

    def as_dict(self) -> dict[str, Any]:
        """Return the load as plain data, with each method's times in seconds of its own."""
        return {
            "began": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(self.began)),
            "state": self.state,
            "load_average_before": self.load_average,
            "plan": asdict(self.plan),
            "seed": self.seed,
            "rows": [track.as_dict() for track in self.tracks.values()],
        }

    def run(self) -> None:
        """Put the methods under load: in turn, or one after the other."""
        self.began, total_s = time.time(), self.plan.total_s
        self.load_average = psutil.getloadavg()[0]
        bout_s = BOUT_S if self.plan.in_turn else total_s
        number = 0
        while not self.stopping and (unfinished := self._unfinished()):
            if self.plan.in_turn:
                random.shuffle(unfinished)
            for track in unfinished:
                if not self.stopping:
                    self.now = track.method
                    self._run_bout(
                        track, min(bout_s, total_s - track.elapsed_s), self.seed + number
                    )
            number += 1

    def _unfinished(self) -> list[Track]:
        end_s = self.plan.total_s - 0.05  # no bout for a remainder of the arithmetic
        return [one for one in self.tracks.values() if not one.error and one.elapsed_s < end_s]

    def _run_bout(self, track: Track, seconds: float, seed: int) -> None:
        begin_s, end_s = track.elapsed_s, track.elapsed_s + seconds
        level = self.plan.ramped(self.level, begin_s)
        try:
            url = self._url(track)
            load = IsolatedLoad(url, self.plan.kind, level, seed, self.plan.spend).start()
        except HostingLabError as error:
            track.error = str(error)
            return
        added = 0
        try:
            while (passed_s := load.elapsed_s - WARM_UP_S) < seconds and not self.stopping:
                track.elapsed_s = begin_s + max(0.0, passed_s)
                self._steer(track, load)
                new = load.samples[added:]
                track.add(new, begin_s, end_s)
                added += len(new)
                self._compute_figures(track)
                self.version += 1
                self._stop.wait(TICK_S)
            track.elapsed_s = begin_s + max(0.0, min(passed_s, seconds))
            self.state = "ending"
        except HostingLabError as error:
            track.error = str(error)
        finally:
            track.error = _failure_at_end(load) or track.error
            track.add(load.samples[added:], begin_s, end_s)
            track.generator_cpu_s += load.cpu_s
            self.state = "running"
            self.version += 1

    def _steer(self, track: Track, load: IsolatedLoad) -> None:
        """Apply the level that is due now, at the method's address of now."""
        track.follow(self.level, self.plan.ramp_s)
        load.change(self.plan.ramped(self.level, track.elapsed_s))
        if track.restarted and time.monotonic() - self._located_at > LOCATE_EVERY_S:
            self._located_at = time.monotonic()
            # A restart may have given it another port.
            track.url = get(track.method).status().url or load.url
            load.redirect(track.url)

    def _compute_figures(self, track: Track) -> None:
        if time.monotonic() - self._computed_at > FIGURES_EVERY_S:
            self._computed_at = time.monotonic()
            track.compute_figures(intervals=False)
            track.note_replicas(self._autoscaler(track.method))

    def _url(self, track: Track) -> str:
        """Return a method's address; its last one if it has died under the load.

        What is sent there is lost, and counts as lost. Raises HostingLabError if the method has
        not run under this load.
        """
        try:
            track.url = self._guest_url(track.method) or get(track.method).url
        except HostingLabError:
            if track.url is None:
                raise
        return track.url


def _failure_at_end(load: IsolatedLoad) -> str | None:
    """Stop the generator, and return its error if it died."""
    try:
        load.stop()
    except HostingLabError as error:
        return str(error)
    return None

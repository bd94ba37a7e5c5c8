"""Measure all guests in the same way, for the board that ranks them. Gradio is not involved."""

import random
import time
from collections.abc import Sequence

from demo.guests import Guest, GuestFigures
from demo.run_queue import ExclusiveRun, RunQueue
from hostlab.errors import HostingLabError
from hostlab.measure.comparison import measure_in_turn
from hostlab.measure.load.isolated import IsolatedLoad
from hostlab.measure.load.texts import TEXTS
from hostlab.measure.parts.throughput import WARM_UP_S
from hostlab.measure.single_load import between
from hostlab.measure.statistics import quantile

REPEATS = 20  # warm requests to each guest
TIMEOUT_S = 5.0  # of a request: the others wait meanwhile
USERS = 4  # of the closed loop
LOAD_S = 2.0
TICK_S = 0.1
_START_S = 1.0  # about, for the generator of a load


class GuestMeasurement(ExclusiveRun):
    """The median latency of each guest, in turn, and then its throughput, one after the other."""

    def __init__(self, guests: Sequence[Guest], queue: RunQueue) -> None:
        super().__init__(tuple(guest.name for guest in guests), queue)
        self.version = 0  # changes with everything that a page shows
        self._guests = list(guests)
        self._measured = 0

    @property
    def left_s(self) -> float:
        """About how many seconds it still takes."""
        return (len(self._guests) - self._measured) * (WARM_UP_S + LOAD_S + _START_S)

    @property
    def progress(self) -> tuple[int, int]:
        """How many guests have all their figures, and of how many."""
        return self._measured, len(self._guests)

    def run(self) -> None:
        """Measure the latency of all, and then the throughput of each."""
        for guest in self._guests:
            guest.figures = GuestFigures()
        self._measure_latency()
        for guest in random.sample(self._guests, len(self._guests)):
            if not self.stopping and not guest.figures.error:
                self._measure_throughput(guest)
            self._measured += 1
            self.version += 1

    def end(self) -> None:
        """Let the pages show that it is over."""
        self.version += 1

    def _measure_latency(self) -> None:
        latencies: dict[str, list[float]] = {guest.name: [] for guest in self._guests}
        figures = {guest.name: guest.figures for guest in self._guests}
        endpoints = [guest.endpoint for guest in self._guests]
        for one in measure_in_turn(endpoints, TEXTS, REPEATS + 1, TIMEOUT_S):
            if one.latency_ms is not None:
                latencies[one.method].append(one.latency_ms)
            figures[one.method].error = one.error
            if self.stopping:
                return
        for name, known in latencies.items():
            if not figures[name].error:
                figures[name].p50_ms = quantile(known[1:], 50)  # without the warm-up

    def _measure_throughput(self, guest: Guest) -> None:
        total_s = WARM_UP_S + LOAD_S
        try:
            with IsolatedLoad(guest.url, "closed", USERS) as load:
                while load.elapsed_s < total_s and not self.stopping:
                    time.sleep(TICK_S)
            if not self.stopping:
                _, came = between(load.samples, WARM_UP_S, total_s)
                guest.figures.per_s = came / LOAD_S
        except HostingLabError as error:
            guest.figures.error = str(error)

"""A server with a virtual clock: workers that take requests from one queue, and what may go wrong.

A search of a minute takes a moment on it, and its limit can be computed.
"""

import heapq
import math
import random
from dataclasses import dataclass, field

from hostlab.errors import NotRunning
from hostlab.measure.load.generator import Sample

TIMEOUT_MS = 10_000.0  # of the client


@dataclass
class SimulatedServer:
    """`workers` take `service_s` seconds for a request; at random (exponential) if `varies`.

    It is both target and clock of a search. It refuses what would wait behind `queue` requests. It
    pauses for `pause_s` at each of the times in `pauses_at_s`, and dies at `dies_at_s`.
    """

    service_s: float
    workers: int = 1
    varies: bool = False
    queue: int | None = None
    pauses_at_s: tuple[float, ...] = ()
    pause_s: float = 1.0
    dies_at_s: float = float("inf")
    time_s: float = 0.0
    loads: list["SimulatedLoad"] = field(default_factory=list)

    def now_s(self) -> float:
        return self.time_s

    def wait(self, seconds: float) -> None:
        self.time_s += seconds

    def load(self, rate_per_s: float, seed: int) -> "SimulatedLoad":
        self.check()
        self.loads.append(SimulatedLoad(self, rate_per_s, seed))
        return self.loads[-1]

    def check(self) -> None:
        if self.time_s >= self.dies_at_s:
            raise NotRunning("It has died. Start it again.")


class SimulatedLoad:
    """An open loop on a simulated server, from now on."""

    cpu_s = 0.0

    def __init__(self, server: SimulatedServer, rate_per_s: float, seed: int) -> None:
        self._server, self._rate_per_s = server, rate_per_s
        self._random = random.Random(seed)
        self._began_s = server.time_s
        self._due_s = self._random.expovariate(rate_per_s)
        self._free_at = [0.0] * server.workers
        self._begun: list[float] = []  # when each request that was taken begins to be served
        self._sent = 0
        self._in_flight: list[tuple[float, int, Sample]] = []  # a heap, by when they come back
        self._came: list[Sample] = []
        self.stopped_s: float | None = None

    @property
    def elapsed_s(self) -> float:
        return self._server.time_s - self._began_s

    @property
    def sent(self) -> int:
        self._advance()
        return self._sent

    @property
    def samples(self) -> list[Sample]:
        self._advance()
        while self._in_flight and self._in_flight[0][0] <= self.elapsed_s:
            self._came.append(heapq.heappop(self._in_flight)[2])
        return self._came

    def stop(self) -> list[Sample]:
        self._advance()
        self.stopped_s = self.elapsed_s
        last_s = max((came_s for came_s, *_ in self._in_flight), default=0.0)
        self._server.time_s += max(0.0, last_s - self.elapsed_s)
        return self.samples

    def _advance(self) -> None:
        """Send what is due by now."""
        if self.stopped_s is not None:
            return
        while self._due_s <= self.elapsed_s:
            sample = self._serve(self._due_s)
            self._sent += 1
            heapq.heappush(self._in_flight, (sample.came_s, self._sent, sample))
            self._due_s += self._random.expovariate(self._rate_per_s)

    def _serve(self, due_s: float) -> Sample:
        server = self._server
        if due_s + self._began_s >= server.dies_at_s:
            return Sample(due_s, 0.0, 1.0, None)
        if server.queue is not None:
            waiting = sum(begin_s > due_s for begin_s in self._begun[-2 * server.queue :])
            if waiting >= server.queue:
                return Sample(due_s, 0.0, 1.0, 503)
        begin_s = max(due_s, heapq.heappop(self._free_at))
        for pause_s in server.pauses_at_s:
            if pause_s <= begin_s + self._began_s < pause_s + server.pause_s:
                begin_s = pause_s + server.pause_s - self._began_s
        service_s = server.service_s * (self._random.expovariate(1) if server.varies else 1)
        heapq.heappush(self._free_at, begin_s + service_s)
        self._begun.append(begin_s)
        latency_ms = (begin_s + service_s - due_s) * 1000
        if latency_ms > TIMEOUT_MS:
            return Sample(due_s, 0.0, TIMEOUT_MS, None)
        return Sample(due_s, 0.0, latency_ms, 200)


def limit_of(service_s: float, percent: float, latency_ms: float) -> float:
    """Return the limit of one worker whose times vary: that of a queue M/M/1, which has a formula.

    The time in such a queue is exponential, too, with the rate by which the server is faster than
    the requests come.
    """
    return 1 / service_s - math.log(1 / (1 - percent / 100)) / (latency_ms / 1000)

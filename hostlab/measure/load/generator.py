"""Two ways to put load on a service, both in a background thread with an event loop of its own.

- Closed loop: each of `users` sends its next request when it has the response to the last one. It
  finds how much a service can do at most. It says nothing about latency at a given rate: when the
  service stalls, the users wait, and nothing counts the requests that were not sent.
- Open loop: requests are due at times that do not depend on the service, as with real clients, at a
  constant rate or at random (Poisson). Latency is counted from the time at which a request was
  *due*. A generator that counts from the time at which it sent the request hides stalls
  ("coordinated omission", Gil Tene).

`users` and `rate_per_s` may be set while a load runs, and take effect at once. When the rate
changes, arrivals remain a Poisson process.
"""

import asyncio
import random
import selectors
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Literal, Self

from hostlab.measure.load.connection import Connection, requests_for
from hostlab.measure.load.texts import TEXTS
from hostlab.methods.api.spending import check_spending

# What select() and the usual limit on open files allow. Further requests wait, and the wait counts.
MAX_CONNECTIONS = 400
POLL_S = 0.05  # how soon a change of users or rate takes effect
ERROR_PAUSE_S = 0.05
Arrivals = Literal["poisson", "constant"]


@dataclass(frozen=True)
class Sample:
    """One request.

    `due_s`: when it was due, in seconds since the load began; in a closed loop, when it was sent.
    `late_ms`: how much later it was sent. `latency_ms`: from when it was due. `status`: the
    response's, or None where there was none. `server_timing`: its header of that name. `replica`:
    which replica of the model answered, where the service reports it.
    """

    due_s: float
    late_ms: float
    latency_ms: float
    status: int | None
    server_timing: str = ""
    replica: str | None = None

    @property
    def came_s(self) -> float:
        """When the response arrived or the request failed, in seconds since the load began."""
        return self.due_s + self.latency_ms / 1000


@dataclass
class Load(ABC):
    """A load in the background: `with ClosedLoad(url, users=20) as load: …`, then `load.samples`.

    `texts`: what the requests contain, in turn, each one text or a list of texts. `events`: times
    in seconds since the load began, by name. `sent`: how many requests have begun. `cpu_s`: the CPU
    time of the generator itself. If it is near the seconds that the load ran, the generator was the
    bottleneck.
    """

    url: str
    timeout_s: float = 10.0
    spend: bool = False
    texts: Sequence[str | list[str]] = TEXTS
    samples: list[Sample] = field(default_factory=list)
    events: dict[str, float] = field(default_factory=dict)
    sent: int = 0
    cpu_s: float = 0.0

    def start(self) -> Self:
        """Begin. Raises BadInput where each request costs money, unless `spend` is true."""
        check_spending(self.url, None, self.spend)
        self._requests = cycle(requests_for(self.url, self.texts))
        self._idle: list[Connection] = []
        self._stopping = threading.Event()
        self._began = time.perf_counter()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()
        return self

    def end(self) -> None:
        """Send no more requests. While those in flight are awaited, `running` is true."""
        self._stopping.set()

    def stop(self) -> list[Sample]:
        """Send no more requests, wait for those in flight, and return the samples by due time."""
        self.end()
        self._thread.join()
        self.samples.sort(key=lambda sample: sample.due_s)
        return self.samples

    @property
    def lost(self) -> list[Sample]:
        """The requests that got no prediction."""
        return [sample for sample in self.samples if sample.status != 200]

    @property
    def elapsed_s(self) -> float:
        """Seconds since the load began."""
        return time.perf_counter() - self._began

    def mark(self, event: str) -> None:
        """Record that something happens now."""
        self.events[event] = self.elapsed_s

    @property
    def running(self) -> bool:
        """Whether requests are sent or in flight."""
        return self._thread.is_alive()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        # select() waits with a resolution of microseconds. epoll(), the default, has milliseconds,
        # which would be part of each latency.
        def loop() -> asyncio.SelectorEventLoop:
            return asyncio.SelectorEventLoop(selectors.SelectSelector())

        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(self._send_all())
        self.cpu_s = time.thread_time()

    async def _send_all(self) -> None:
        try:
            await self._drive()
        finally:
            for connection in self._idle:
                connection.close()

    @abstractmethod
    async def _drive(self) -> None:
        """Send requests until `_stopping` is set, and wait for those in flight."""

    async def _send(self, due: float) -> None:
        """Send one request over an idle connection or a new one, and record the sample."""
        sent, status, connection = time.perf_counter(), None, self._idle_connection()
        self.sent += 1
        try:
            if connection is None:
                opening = Connection.open(self.url)
                connection = await asyncio.wait_for(opening, self.timeout_s)
            status = await connection.ask(next(self._requests), self.timeout_s)
        except (OSError, TimeoutError):
            if connection:
                connection.close()
        if connection and connection.usable:
            self._idle.append(connection)
        now = time.perf_counter()
        answered = connection if status is not None else None
        sample = Sample(
            due_s=due - self._began,
            late_ms=(sent - due) * 1000,
            latency_ms=(now - due) * 1000,
            status=status,
            server_timing=answered.server_timing if answered else "",
            replica=answered.replica if answered else None,
        )
        self.samples.append(sample)

    def _idle_connection(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        return None


@dataclass
class ClosedLoad(Load):
    """A closed loop of `users`. When the number shrinks, users leave after their response.

    After an error, a user waits `error_pause_s` seconds before the next request.
    """

    users: int = 16
    error_pause_s: float = ERROR_PAUSE_S

    async def _drive(self) -> None:
        tasks: dict[int, asyncio.Task[None]] = {}
        while not self._stopping.is_set():
            for number in range(self.users):
                if number not in tasks or tasks[number].done():
                    tasks[number] = asyncio.create_task(self._user(number))
            await asyncio.sleep(POLL_S)
        await asyncio.gather(*tasks.values())

    async def _user(self, number: int) -> None:
        while number < self.users and not self._stopping.is_set():
            await self._send(time.perf_counter())
            if self.samples[-1].status != 200:
                # An error comes at once. Without a pause, the users would collect only errors.
                await asyncio.sleep(self.error_pause_s)


@dataclass
class OpenLoad(Load):
    """An open loop of `rate_per_s` requests a second. The same `seed` gives the same arrivals."""

    rate_per_s: float = 10.0
    arrivals: Arrivals = "poisson"
    seed: int = 0

    async def _drive(self) -> None:
        in_flight: set[asyncio.Task[None]] = set()
        connections = asyncio.Semaphore(MAX_CONNECTIONS)
        random_gaps, due = random.Random(self.seed), self._began

        def done(task: asyncio.Task[None]) -> None:
            in_flight.discard(task)
            connections.release()

        while not self._stopping.is_set():
            gap = 1.0 if self.arrivals == "constant" else random_gaps.expovariate(1.0)
            due = await self._wait_until_due(due, gap)
            if self._stopping.is_set():
                break
            await connections.acquire()
            task = asyncio.create_task(self._send(due))
            in_flight.add(task)
            task.add_done_callback(done)
        await asyncio.gather(*in_flight)

    async def _wait_until_due(self, last_due: float, gap: float) -> float:
        """Wait for `gap` mean intervals after the last request, and return when this one is due."""
        rate = self.rate_per_s
        due = last_due + gap / rate
        while (wait_s := due - time.perf_counter()) > 0 and not self._stopping.is_set():
            if rate != self.rate_per_s:
                # The rest of the gap shrinks or grows with the rate, so that no long gap of the old
                # rate is waited for.
                wait_s *= rate / self.rate_per_s
                due, rate = time.perf_counter() + wait_s, self.rate_per_s
            await asyncio.sleep(min(wait_s, POLL_S))
        return due

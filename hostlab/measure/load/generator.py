"""Two ways to put load on a service, both in a background thread with an event loop of its own.

- Closed loop: each of `users` sends its next request when it has the answer to the last. It finds
  how much a service can do at most, and nothing about latency at a given rate: when the service
  stalls, the users wait, and nobody counts what did not come.
- Open loop: requests fall due at times that do not depend on the service, as with real clients: at
  a constant rate, or by chance (Poisson). Latency is counted from the time at which a request was
  *due*. A generator that counts from when it got round to sending hides the stalls (Gil Tene's
  "coordinated omission").

`users` and `rate_per_s` may be set while a load runs: it follows at once. Under a rate that
changes, arrivals stay Poisson's.

The existing `ClosedLoop` (load.py) keeps each answer's replica and words, for the lessons; this one
is lean, for figures.
"""

import asyncio
import random
import selectors
import threading
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Literal, Self

from hostlab.measure.load.connection import Connection, requests_for
from hostlab.measure.load.texts import TEXTS
from hostlab.methods.api.spending import check_spending

# what select() and an ordinary limit on open files allow; requests beyond wait, and their time
# counts
MAX_CONNECTIONS = 400
LOOK_S = 0.05  # how soon a change is followed
Arrivals = Literal["poisson", "constant"]


@dataclass(frozen=True)
class Sample:
    """One request: when it was due (seconds since the load began), how late it was sent, its
    latency from when it was due.

    In a closed loop a request is due when it is sent. `status`: the answer's, None where there was
    none; `server_timing`: its header of that name, where the time went.
    """

    due_s: float
    late_ms: float
    latency_ms: float
    status: int | None
    server_timing: str = ""

    @property
    def came_s(self) -> float:
        """When the answer came, or it was given up: in seconds since the load began."""
        return self.due_s + self.latency_ms / 1000


@dataclass
class Load:
    """What a load did: use it as a context, or start() and stop(). `samples` grows as answers come.

    `texts`: what the requests ask, in turn, each one text or a list of them. `cpu_s` is what the
    generator itself took, to be held against the seconds it ran: near 1 a second it was the
    bottleneck.
    """

    url: str
    timeout_s: float = 10.0
    spend: bool = False
    texts: Sequence[str | list[str]] = TEXTS
    samples: list[Sample] = field(default_factory=list)
    events: dict[str, float] = field(
        default_factory=dict
    )  # moments in seconds since the load began, by name
    cpu_s: float = 0.0

    def start(self) -> Self:
        """Begin. Raises BadInput where each request would be paid for, unless `spend` is true."""
        check_spending(self.url, None, self.spend)
        self._requests = cycle(requests_for(self.url, self.texts))
        self._idle: list[Connection] = []
        self._stopping = threading.Event()
        self._began = time.perf_counter()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()
        return self

    def end(self) -> None:
        """Send no more. What is under way is still waited for: `running` says so."""
        self._stopping.set()

    def stop(self) -> list[Sample]:
        """Send no more, wait for what is under way, and return the samples in the order in which
        they were due.
        """
        self.end()
        self._thread.join()
        self.samples.sort(key=lambda sample: sample.due_s)
        return self.samples

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self._began

    def mark(self, event: str) -> None:
        """Note that something happens now."""
        self.events[event] = self.elapsed_s

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        # select() waits to the microsecond; epoll(), the loop's own choice, to the millisecond,
        # which would be part of each latency
        with asyncio.Runner(
            loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())
        ) as runner:
            runner.run(self._work())
        self.cpu_s = time.thread_time()

    async def _work(self) -> None:
        try:
            await self._drive()
        finally:
            for connection in self._idle:
                connection.close()

    def _drive(self) -> Coroutine[None, None, None]:
        raise NotImplementedError

    async def _send(self, due: float) -> None:
        """Send one request over an idle connection or a new one, and keep what came of it."""
        sent, status, timing, connection = time.perf_counter(), None, "", None
        try:
            connection = self._connection() or await asyncio.wait_for(
                Connection.open(self.url), self.timeout_s
            )
            status = await connection.ask(next(self._requests), self.timeout_s)
            timing = connection.server_timing
        except (OSError, TimeoutError):
            if connection:
                connection.close()
        if connection and connection.usable:
            self._idle.append(connection)
        now = time.perf_counter()
        self.samples.append(
            Sample(due - self._began, (sent - due) * 1000, (now - due) * 1000, status, timing)
        )

    def _connection(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        return None


@dataclass
class ClosedLoad(Load):
    """A closed loop of `users`.

    With fewer, those who are too many go when they have their answer.
    """

    users: int = 16

    async def _drive(self) -> None:
        at_work: dict[int, asyncio.Task] = {}
        while not self._stopping.is_set():
            for number in range(self.users):
                if number not in at_work or at_work[number].done():
                    at_work[number] = asyncio.create_task(self._user(number))
            await asyncio.sleep(LOOK_S)
        await asyncio.gather(*at_work.values())

    async def _user(self, number: int) -> None:
        while number < self.users and not self._stopping.is_set():
            await self._send(time.perf_counter())
            if self.samples[-1].status != 200:
                await asyncio.sleep(
                    0.05
                )  # a refusal comes at once: without a pause the users would only collect refusals


@dataclass
class OpenLoad(Load):
    """An open loop of `rate_per_s` requests a second. The same `seed` gives the same arrivals."""

    rate_per_s: float = 10.0
    arrivals: Arrivals = "poisson"
    seed: int = 0

    async def _drive(self) -> None:
        under_way: set[asyncio.Task] = set()
        room = asyncio.Semaphore(MAX_CONNECTIONS)
        draw, due = random.Random(self.seed), self._began
        while not self._stopping.is_set():
            rate = self.rate_per_s
            due += (1.0 if self.arrivals == "constant" else draw.expovariate(1.0)) / rate
            while (wait_s := due - time.perf_counter()) > 0 and not self._stopping.is_set():
                if (
                    rate != self.rate_per_s
                    # what is left of the gap shrinks or grows with the rate: no old, long gap is
                    # waited for
                ):
                    wait_s *= rate / self.rate_per_s
                    due, rate = time.perf_counter() + wait_s, self.rate_per_s
                await asyncio.sleep(min(wait_s, LOOK_S))
            if self._stopping.is_set():
                break
            await room.acquire()
            task = asyncio.create_task(self._send(due))
            under_way.add(task)
            task.add_done_callback(lambda done: (under_way.discard(done), room.release()))
        await asyncio.gather(*under_way)

"""Send a steady load to a service while something is done to it, and keep what became of every
request.

A closed loop: each of `users` sends its next request when it has the answer to the last, over a
connection of its own.
"""

import threading
import time
from dataclasses import dataclass
from itertools import cycle
from typing import Self

from hostlab.client import Client
from hostlab.errors import RequestFailed
from hostlab.measure.load.texts import TEXTS
from hostlab.methods.api.spending import check_spending


@dataclass(frozen=True)
class Outcome:
    """One request: when it was sent (seconds since the load began), how long it took, what came of
    it (status 200, or the error).
    """

    sent_s: float
    latency_ms: float
    status: int | None
    replica: str | None = None
    error: str | None = None

    @property
    def came_s(self) -> float:
        """When the answer came, or the error: in seconds since the load began."""
        return self.sent_s + self.latency_ms / 1000


class ClosedLoop:
    """A load in the background: `with ClosedLoop(url, users=20) as load: …`, then `load.outcomes`.

    Starting it raises BadInput where each request would be paid for, unless `spend` is true.
    """

    def __init__(self, url: str, users: int, timeout_s: float = 30.0, spend: bool = False) -> None:
        self.url, self.users, self.timeout_s, self.spend = url, users, timeout_s, spend
        self.outcomes: list[Outcome] = []
        self.events: dict[str, float] = {}  # moments in seconds since the load began, by name
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._user, args=(number,), daemon=True)
            for number in range(users)
        ]

    def start(self) -> Self:
        check_spending(self.url, None, self.spend)
        self._began = time.perf_counter()
        for thread in self._threads:
            thread.start()
        return self

    def mark(self, event: str) -> None:
        """Note that something happens now."""
        self.events[event] = time.perf_counter() - self._began

    def stop(self) -> list[Outcome]:
        """Let every user finish its request, and return all outcomes, oldest first."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.outcomes.sort(key=lambda outcome: outcome.sent_s)
        return self.outcomes

    @property
    def lost(self) -> list[Outcome]:
        """The requests that got no prediction."""
        return [outcome for outcome in self.outcomes if outcome.status != 200]

    def _user(self, number: int) -> None:
        texts = cycle(TEXTS[number % len(TEXTS) :] + TEXTS[: number % len(TEXTS)])
        with Client(self.url, self.timeout_s) as client:
            while not self._stop.is_set():
                self.outcomes.append(self._send(client, next(texts)))

    def _send(self, client: Client, text: str) -> Outcome:
        sent = time.perf_counter()
        status, replica, error = 200, None, None
        try:
            replica = client.ask(text).headers.get("X-Replica")
        except RequestFailed as failure:
            status, error = failure.status, str(failure)
        return Outcome(
            sent - self._began, (time.perf_counter() - sent) * 1000, status, replica, error
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

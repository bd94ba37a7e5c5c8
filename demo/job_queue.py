"""One load or measurement at a time on this machine; the others wait, in the order in which they came, and can tell for what."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Heavy(Protocol):
    """What takes the whole machine for a while."""

    methods: tuple[str, ...]

    @property
    def left_s(self) -> float | None:
        """About how many seconds it has still to go, or None where nobody knows."""

    @property
    def stopping(self) -> bool:
        """Whether somebody has asked it to stop."""

    def stop(self) -> None: ...


class Turns:
    """The queue for the machine. May be used from any thread."""

    def __init__(self, machine: threading.Lock) -> None:
        self.machine = machine
        self._queue: list[Heavy] = []
        self._moved = threading.Condition()

    @contextmanager
    def mine(self, heavy: Heavy) -> Iterator[bool]:
        """Wait for the turn of `heavy` and hold the machine for it. The value is False where it was stopped while it waited."""
        with self._moved:
            self._queue.append(heavy)
            while self._queue[0] is not heavy and not heavy.stopping:
                self._moved.wait(0.2)
        try:
            if heavy.stopping:
                yield False
            else:
                with self.machine:
                    yield True
        finally:
            with self._moved:
                self._queue.remove(heavy)
                self._moved.notify_all()

    @property
    def current(self) -> Heavy | None:
        with self._moved:
            return self._queue[0] if self._queue else None

    def ahead(self, heavy: Heavy | None) -> list[Heavy]:
        """Return what comes before `heavy`, first the one that goes on; all that is there, for one that does not wait itself."""
        with self._moved:
            return (
                self._queue[: self._queue.index(heavy)]
                if heavy in self._queue
                else list(self._queue)
            )

    def behind(self, heavy: Heavy) -> int:
        """Return how many wait for `heavy`."""
        with self._moved:
            return len(self._queue) - self._queue.index(heavy) - 1 if heavy in self._queue else 0

    def close(self, timeout_s: float) -> None:
        """Stop everything, and wait until it has ended."""
        with self._moved:
            for heavy in self._queue:
                heavy.stop()
            self._moved.wait_for(lambda: not self._queue, timeout_s)

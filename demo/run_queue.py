"""The queue for the machine: one load or measurement runs at a time, the others wait in order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class ExclusiveRun(Protocol):
    """A load or a measurement, which needs the whole machine for a while."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it runs on."""

    @property
    def left_s(self) -> float | None:
        """About how many seconds it still takes, or None where that is unknown."""

    @property
    def stopping(self) -> bool:
        """Whether it has been asked to stop."""

    def stop(self) -> None:
        """Ask it to stop."""


class RunQueue:
    """The queue for the machine. All its methods may be called from any thread."""

    def __init__(self, machine: threading.Lock) -> None:
        self.machine = machine
        self._queue: list[ExclusiveRun] = []
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, run: ExclusiveRun) -> Iterator[bool]:
        """Wait until `run` is first in the queue, and hold the machine for it.

        The value is False where the run was stopped while it waited; then the machine is not held.
        """
        with self._changed:
            self._queue.append(run)
            while self._queue[0] is not run and not run.stopping:
                self._changed.wait(0.2)
        try:
            if run.stopping:
                yield False
            else:
                with self.machine:
                    yield True
        finally:
            with self._changed:
                self._queue.remove(run)
                self._changed.notify_all()

    @property
    def current(self) -> ExclusiveRun | None:
        """The first run in the queue, or None where it is empty."""
        with self._changed:
            return self._queue[0] if self._queue else None

    def ahead(self, run: ExclusiveRun | None) -> list[ExclusiveRun]:
        """Return the runs before `run`, the current one first; all runs if `run` is not queued."""
        with self._changed:
            end = self._queue.index(run) if run in self._queue else len(self._queue)
            return self._queue[:end]

    def behind(self, run: ExclusiveRun) -> int:
        """Return how many runs wait behind `run`."""
        with self._changed:
            return len(self._queue) - self._queue.index(run) - 1 if run in self._queue else 0

    def close(self, timeout_s: float) -> None:
        """Stop all runs, and wait at most `timeout_s` seconds until they have ended."""
        with self._changed:
            for run in self._queue:
                run.stop()
            self._changed.wait_for(lambda: not self._queue, timeout_s)

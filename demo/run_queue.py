"""The queue for the machine: one load or measurement runs at a time, the others wait in order."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Self, TypeVar

from demo.session import Session

# Ending: no more requests are sent, and the outstanding responses are awaited.
RunState = Literal["waiting", "running", "ending", "ended"]


class ExclusiveRun(ABC):
    """A load or a measurement, in a thread of its own. It needs the whole machine for a while.

    `methods` are those that it runs on. Several threads may read it while it runs.
    """

    def __init__(self, methods: tuple[str, ...], queue: "RunQueue") -> None:
        self.methods = methods
        self.state: RunState = "waiting"
        self._queue, self._stop = queue, threading.Event()
        self._thread = threading.Thread(target=self._wait_and_run, daemon=True)

    @property
    @abstractmethod
    def left_s(self) -> float | None:
        """About how many seconds it still takes, or None where that is unknown."""

    @abstractmethod
    def run(self) -> None:
        """Do the work. The machine is held for it."""

    @abstractmethod
    def end(self) -> None:
        """Do what has to be done at the end, even of a run that was stopped while it waited."""

    def start(self) -> Self:
        """Begin as soon as the machine is free."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask it to stop. What it has found by then is kept."""
        self._stop.set()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join()

    @property
    def stopping(self) -> bool:
        """Whether somebody has stopped it."""
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        """Whether it has ended, and what it has found is final."""
        return self.state == "ended"

    def _wait_and_run(self) -> None:
        try:
            with self._queue.reserve(self) as reserved:
                if reserved:
                    self.state = "running"
                    self.run()
        finally:
            self.end()
            self.state = "ended"


R = TypeVar("R", bound=ExclusiveRun)


def active_run(session: Session, kind: type[R]) -> R | None:
    """Return the reader's own run of one kind if it is queued or running."""
    own = session.last(kind)
    return own if own and not own.over else None


_starting = threading.Lock()  # clicks on two pages of one browser arrive in two threads


def start_own(session: Session, run: ExclusiveRun) -> bool:
    """Start a reader's run, and return whether it began: there is one of each kind at a time."""
    with _starting:
        if active_run(session, type(run)):
            return False
        session.add(run.start())
        return True


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

    def run_for(self, session: Session, kind: type[R]) -> R | None:
        """Return the run of one kind that a reader sees: the active one of their own, or else the
        current one, or else the last one of their own.
        """
        if own := active_run(session, kind):
            return own
        current = self.current
        return current if isinstance(current, kind) else session.last(kind)

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

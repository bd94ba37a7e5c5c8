"""Poll the state of every method in the background, so that no event of the page waits for a tool.

All methods are polled at the same time, each in its own thread, so that one slow tool does not
delay the others. The demo polls only while somebody has the page open.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from demo.component_monitor import ComponentMonitor, PollSchedule
from hostlab import METHODS, get
from hostlab.types import Status

log = logging.getLogger("hostlab")

POLL_S = 1.5
MAX_INTERVAL_S = 5.0  # between two polls of a method that takes long to ask
# A comparison holds the machine for a third of a second. A load holds it for long: poll anyway.
WAIT_FOR_MACHINE_S = 2.0
IDLE_S = 10.0  # a page asks every two seconds; after this long without one, nobody reads


@dataclass(frozen=True)
class Endpoint:
    """The address of a method at the last poll, and its engine; None where that is not known.

    To ask the cluster again before each request would take longer than the request.
    """

    method: str
    url: str
    engine: str | None = None


class StatusPoller:
    """The last known state of every method. All its methods may be called from any thread."""

    def __init__(self, machine: threading.Lock, closed: threading.Event) -> None:
        """The poller holds `machine` while it polls, and ends when `closed` is set."""
        self.components = ComponentMonitor()
        self._machine, self._closed = machine, closed
        self._statuses = {method: Status(method, "stopped") for method in METHODS}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(len(METHODS), thread_name_prefix="poll")
        self._polls: dict[str, Future[None]] = {}
        self._schedule = PollSchedule(MAX_INTERVAL_S)
        self._read_at = time.monotonic()
        self._components_read_at = -IDLE_S
        self._on_running: Callable[[str], None] = lambda method: None

    def start(self) -> None:
        """Poll in the background from now on."""
        threading.Thread(target=self._keep_polling, name="status poller", daemon=True).start()

    def on_running(self, callback: Callable[[str], None]) -> None:
        """Call `callback` with each method that is found running and was not before."""
        self._on_running = callback

    def read(self, components: bool = False) -> None:
        """Note that somebody reads the state; poll first if nobody has for a while.

        With `components`, the next polls ask for the methods' components too.
        """
        before, self._read_at = self._read_at, time.monotonic()
        if components:
            self._components_read_at = self._read_at
        if self._read_at - before > IDLE_S:
            self.poll()

    def status(self, method: str) -> Status:
        """Return the last known state."""
        return self._statuses[method]

    def poll(self, timeout_s: float = POLL_S) -> None:
        """Poll every method that is due, and wait at most `timeout_s` seconds for the results."""
        for method in METHODS:
            pending = method in self._polls and not self._polls[method].done()
            if not pending and self._schedule.due(method):
                self._polls[method] = self._pool.submit(self.refresh, method)
        wait(self._polls.values(), timeout=timeout_s)

    def refresh(self, method: str) -> None:
        """Poll one method now."""
        began = time.monotonic()
        try:
            status = get(method).status()
        except Exception as error:  # an unforeseen failure of a tool must not end the polling
            log.exception("Could not read the state of %s", method)
            reason = f"The state of {method} could not be read: {error}"
            status = Status(method, "unavailable", reason=reason)
        self._schedule.completed(method, began)
        if time.monotonic() - self._components_read_at < IDLE_S:
            self.components.poll(method, status.state)
        with self._lock:
            before, self._statuses[method] = self._statuses[method], status
        if status.state == "running" and before.state != "running":
            self._on_running(method)

    def close(self) -> None:
        """Discard the polls that are still to come."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _keep_polling(self) -> None:
        while not self._closed.wait(POLL_S):
            if time.monotonic() - self._read_at < IDLE_S:
                acquired = self._machine.acquire(timeout=WAIT_FOR_MACHINE_S)
                try:
                    self.poll()
                finally:
                    if acquired:
                        self._machine.release()

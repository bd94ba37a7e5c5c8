"""Watch whether the guests respond, while somebody has the page open."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

import requests

from demo.guests import Guest, GuestList
from demo.status_poller import IDLE_S, POLL_S, WAIT_FOR_MACHINE_S
from hostlab.bounded_http import bounded_session

PROBE_TIMEOUT_S = 1.5
WAIT_S = 0.3  # for the probes, with the machine held; a guest that takes longer is left alone
THREADS = 8


class GuestWatcher:
    """Probes all guests now and then, each in a thread of its own."""

    def __init__(self, guests: GuestList, machine: threading.Lock, closed: threading.Event) -> None:
        """The watcher holds `machine` while it probes, and ends when `closed` is set."""
        self._guests, self._machine, self._closed = guests, machine, closed
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="guest probe")
        self._probes: dict[int, Future[None]] = {}
        self._read_at = time.monotonic()

    def start(self) -> None:
        """Watch in the background from now on."""
        threading.Thread(target=self._keep_watching, name="guest watcher", daemon=True).start()

    def read(self) -> None:
        """Note that somebody looks at the guests."""
        self._read_at = time.monotonic()

    def probe(self) -> None:
        """Probe each guest whose last probe has ended."""
        known = {id(guest): guest for guest in self._guests.all()}
        pending = {key: probe for key, probe in self._probes.items() if not probe.done()}
        due = {key: guest for key, guest in known.items() if key not in pending}
        self._probes = pending | {
            key: self._pool.submit(_probe, guest) for key, guest in due.items()
        }
        wait(self._probes.values(), timeout=WAIT_S)

    def close(self) -> None:
        """Discard the probes that are still to come."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _keep_watching(self) -> None:
        while not self._closed.wait(POLL_S):
            if time.monotonic() - self._read_at < IDLE_S and self._guests.all():
                acquired = self._machine.acquire(timeout=WAIT_FOR_MACHINE_S)
                try:
                    self.probe()
                finally:
                    if acquired:
                        self._machine.release()


def _probe(guest: Guest) -> None:
    """Ask a guest whether it is ready. One without a proper /ready is as long as it responds."""
    try:
        with bounded_session() as session:
            response = session.get(f"{guest.url}/ready", timeout=PROBE_TIMEOUT_S)
        guest.note(response.status_code < 500 or guest.ready_status is not None)
    except requests.Timeout:
        guest.note(None)
    except requests.RequestException:
        guest.note(False)

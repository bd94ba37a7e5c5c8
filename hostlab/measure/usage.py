"""CPU seconds and memory of a running service: the sum over its components."""

import threading
from collections.abc import Sequence
from typing import Self

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError

POLL_S = 0.5


class Usage:
    """What a service uses while it is measured: `with Usage(service) as usage: …`.

    Then `usage.cpu_s` and `usage.peak_bytes`, or None where they cannot be known. Memory is polled
    twice a second, and the peak is the highest of the sums over all components.
    """

    def __init__(self, service: Deployment) -> None:
        self.cpu_s: float | None = None
        self.peak_bytes: int | None = None
        self._service, self._done = service, threading.Event()
        self._thread = threading.Thread(target=self._poll, name="usage", daemon=True)

    def __enter__(self) -> Self:
        self._cpu_before_s, self.peak_bytes = current(self._service)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        cpu_s, memory = current(self._service)
        self._update_peak(memory)
        if cpu_s is not None and self._cpu_before_s is not None:
            self.cpu_s = cpu_s - self._cpu_before_s

    def _poll(self) -> None:
        # Querying a pod or an engine uses CPU time itself, so the values before and after suffice.
        while self._service.components()[0].kind == "process" and not self._done.wait(POLL_S):
            self._update_peak(current(self._service)[1])

    def _update_peak(self, memory: int | None) -> None:
        known = memory is not None and self.peak_bytes is not None
        self.peak_bytes = max(memory or 0, self.peak_bytes or 0) if known else None


def current(service: Deployment) -> tuple[float | None, int | None]:
    """Return the CPU seconds since the start and the bytes of memory now, over all components.

    None where one of the components does not report it.
    """
    try:
        running = [one for one in service.components() if one.state == "running"]
        usages = [service.supervisor.usage(one) for one in running]
    except HostingLabError:
        return None, None
    memory = _sum([memory for _, memory in usages])
    return _sum([cpu_s for cpu_s, _ in usages]), None if memory is None else int(memory)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None

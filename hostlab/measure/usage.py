"""CPU seconds and memory of a running service, all of its processes, containers or
pods together.
"""

import threading
from typing import Self

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError

POLL_S = 0.5


class Usage:
    """What a service takes while it is measured: `with Usage(service) as usage: …`, then
    `usage.cpu_s`, `usage.peak_bytes`.

    Memory is looked at twice a second: the peak is of those looks, summed over all parts. None
    where it cannot be known.
    """

    def __init__(self, service: Deployment) -> None:
        self.cpu_s: float | None = None
        self.peak_bytes: int | None = None
        self._service, self._over = service, threading.Event()
        self._thread = threading.Thread(target=self._watch, name="usage", daemon=True)

    def __enter__(self) -> Self:
        self._before = look(self._service)
        self.peak_bytes = self._before[1]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        cpu_s, memory = look(self._service)
        self._peak(memory)
        self.cpu_s = cpu_s - self._before[0] if None not in (cpu_s, self._before[0]) else None

    def _watch(self) -> None:
        # asking a pod or an engine takes CPU itself: there, the looks before and after have to do
        while self._service.components()[0].kind == "process" and not self._over.wait(POLL_S):
            self._peak(look(self._service)[1])

    def _peak(self, memory: int | None) -> None:
        self.peak_bytes = (
            max(memory, self.peak_bytes) if None not in (memory, self.peak_bytes) else None
        )


def look(service: Deployment) -> tuple[float | None, int | None]:
    """Return the CPU seconds since their start and the bytes of memory now, summed over a service's
    parts; None where one does not tell.
    """
    try:
        told = [
            service.supervisor.usage(one) for one in service.components() if one.state == "running"
        ]
    except HostingLabError:
        return None, None
    return _sum(cpu for cpu, _ in told), _sum(memory for _, memory in told)


def _sum(values: object) -> float | None:
    known = list(values)
    return None if None in known or not known else sum(known)

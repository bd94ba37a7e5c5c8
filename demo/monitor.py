"""The parts of each method, seen closely: processes, containers, pods, what they take, and the log while they start.

Looking costs: kubectl and the engine's statistics take CPU from what is being shown. So Board looks here only while the tab
Services is open somewhere, and what takes long is looked at less often: a look may take one twentieth of the time, at most.
"""

import time
from dataclasses import dataclass

from hostlab import get
from hostlab.errors import HostingLabError
from hostlab.types import Component

SHARE = 0.05
LONGEST_S = 20.0
LOG_LINES = 8


class Pace:
    """Says when something is due again, by how long it took the last time: a share of the time, and `longest_s` at most."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s, self._due = longest_s, {}

    def due(self, name: str) -> bool:
        return time.monotonic() >= self._due.get(name, 0.0)

    def took(self, name: str, began: float) -> None:
        """Remember that it began at `began`, by the monotonic clock, and has just ended."""
        now = time.monotonic()
        self._due[name] = now + min((now - began) / SHARE, self._longest_s)

    def at_once(self, name: str) -> None:
        self._due.pop(name, None)


@dataclass(frozen=True)
class Seen:
    """One part, with the CPU it took since the look before in percent of one core, None where that is not known (yet)."""

    part: Component
    cpu_percent: float | None = None


@dataclass(frozen=True)
class _Usage:
    at: float
    cpu_s: float | None
    memory_bytes: int | None
    cpu_percent: float | None = None


class Watch:
    """What was seen last, for each method. Each method is looked at by one thread at a time."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[Seen, ...]] = {}
        self._logs: dict[str, str] = {}
        self._usage: dict[tuple[str, str], _Usage] = {}
        self._pace, self._usage_pace = Pace(LONGEST_S), Pace(LONGEST_S)

    def parts(self, method: str) -> tuple[Seen, ...]:
        return self._parts.get(method, ())

    def log(self, method: str) -> str:
        """The log's last lines, while it starts."""
        return self._logs.get(method, "")

    def changed(self, method: str) -> None:
        """Somebody did something to it: the next look is due at once."""
        self._pace.at_once(method)

    def look(self, method: str, state: str) -> None:
        """Look at a method whose state was found to be `state`."""
        if state not in ("running", "failed", "starting"):
            self._parts.pop(method, None)
            self._logs.pop(method, None)
            return
        if not self._pace.due(method):
            return
        began, service = time.monotonic(), get(method)
        try:
            self._logs[method] = service.logs(LOG_LINES) if state == "starting" else ""
            parts = service.components()
            self._pace.took(method, began)
            if self._usage_pace.due(method) or any(
                (method, part.id) not in self._usage for part in parts
            ):
                began = time.monotonic()
                for part in parts:
                    self._look_at(method, service, part)
                self._usage_pace.took(method, began)
        except HostingLabError:  # gone, or not to be asked just now: the method's state says so
            parts = []
        self._parts[method] = tuple(self._seen(method, part) for part in parts)

    def _look_at(self, method: str, service: object, part: Component) -> None:
        before, now = self._usage.get((method, part.id)), time.time()
        cpu_s, memory = service.supervisor.usage(part) if part.state == "running" else (None, None)
        percent = None
        if (
            before
            and None not in (cpu_s, before.cpu_s)
            and cpu_s >= before.cpu_s
            and now > before.at
        ):
            percent = (cpu_s - before.cpu_s) / (now - before.at) * 100
        self._usage[method, part.id] = _Usage(now, cpu_s, memory, percent)

    def _seen(self, method: str, part: Component) -> Seen:
        used = self._usage.get((method, part.id))
        if used is None or part.state != "running":
            return Seen(part)
        return Seen(
            Component(
                part.name,
                part.kind,
                part.id,
                part.state,
                part.since,
                used.cpu_s,
                used.memory_bytes,
                part.restarts,
            ),
            used.cpu_percent,
        )

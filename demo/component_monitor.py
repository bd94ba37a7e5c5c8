"""The components of each method: processes, containers, pods, their usage, and the log at startup.

Asking costs CPU: kubectl and Docker's statistics take it from what the page shows. So the demo
asks for components only while the Services tab is open somewhere, and what takes long to ask is
asked less often: it may take at most one twentieth of the time.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hostlab import get
from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.types import Component, MethodState

SHARE = 0.05
MAX_INTERVAL_S = 20.0
LOG_LINES = 8


class PollSchedule:
    """When something is due again, by how long it took last time; `max_interval_s` at most."""

    def __init__(self, max_interval_s: float) -> None:
        self._max_interval_s = max_interval_s
        self._due: dict[str, float] = {}

    def due(self, name: str) -> bool:
        """Return whether `name` is due."""
        return time.monotonic() >= self._due.get(name, 0.0)

    def completed(self, name: str, began: float) -> None:
        """Note that a poll that began at `began`, by the monotonic clock, is complete."""
        now = time.monotonic()
        self._due[name] = now + min((now - began) / SHARE, self._max_interval_s)

    def reset(self, name: str) -> None:
        """Make `name` due at once."""
        self._due.pop(name, None)


@dataclass(frozen=True)
class ComponentUsage:
    """A component and its CPU usage since the last poll.

    The usage is in percent of one core; None where it is not known, or not known yet.
    """

    component: Component
    cpu_percent: float | None = None


@dataclass(frozen=True)
class _Usage:
    at: float
    cpu_s: float | None
    memory_bytes: int | None
    cpu_percent: float | None = None


class ComponentMonitor:
    """The last known components of each method. Only one thread at a time may poll a method."""

    def __init__(self) -> None:
        self._components: dict[str, tuple[ComponentUsage, ...]] = {}
        self._logs: dict[str, str] = {}
        self._usage: dict[tuple[str, str], _Usage] = {}
        self._schedule = PollSchedule(MAX_INTERVAL_S)
        self._usage_schedule = PollSchedule(MAX_INTERVAL_S)

    def components(self, method: str) -> tuple[ComponentUsage, ...]:
        """Return the last known components."""
        return self._components.get(method, ())

    def log(self, method: str) -> str:
        """Return the last lines of the log while the method starts, else an empty string."""
        return self._logs.get(method, "")

    def changed(self, method: str) -> None:
        """Make the next poll due at once, because something changed the method."""
        self._schedule.reset(method)

    def poll(self, method: str, state: MethodState) -> None:
        """Ask for the components of a method that is in `state`, if that is due."""
        if state not in ("running", "failed", "starting"):
            self._components.pop(method, None)
            self._logs.pop(method, None)
            return
        if not self._schedule.due(method):
            return
        began, deployment = time.monotonic(), get(method)
        try:
            self._logs[method] = deployment.logs(LOG_LINES) if state == "starting" else ""
            components = deployment.components()
            self._schedule.completed(method, began)
            self._poll_usage(deployment, components)
        except HostingLabError:  # gone, or out of reach just now: the method's state says so
            components = []
        self._components[method] = tuple(self._with_usage(method, one) for one in components)

    def _poll_usage(self, deployment: Deployment, components: Iterable[Component]) -> None:
        method = deployment.method
        new = any((method, component.id) not in self._usage for component in components)
        if not new and not self._usage_schedule.due(method):
            return
        began = time.monotonic()
        for component in components:
            key = (method, component.id)
            self._usage[key] = _usage_of(deployment, component, self._usage.get(key))
        self._usage_schedule.completed(method, began)

    def _with_usage(self, method: str, component: Component) -> ComponentUsage:
        usage = self._usage.get((method, component.id))
        if usage is None or component.state != "running":
            return ComponentUsage(component)
        known = replace(component, cpu_s=usage.cpu_s, memory_bytes=usage.memory_bytes)
        return ComponentUsage(known, usage.cpu_percent)


def _usage_of(deployment: Deployment, component: Component, before: _Usage | None) -> _Usage:
    now = time.time()
    if component.state != "running":
        return _Usage(now, None, None)
    cpu_s, memory_bytes = deployment.supervisor.usage(component)
    if before is None or before.cpu_s is None or cpu_s is None:
        return _Usage(now, cpu_s, memory_bytes)
    if cpu_s < before.cpu_s or now <= before.at:
        return _Usage(now, cpu_s, memory_bytes)
    percent = (cpu_s - before.cpu_s) / (now - before.at) * 100
    return _Usage(now, cpu_s, memory_bytes, percent)

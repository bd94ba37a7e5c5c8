"""Deployment: the one interface to every way of hosting the model.

A deployment knows the life cycle: check the tools, launch, wait until it answers, own it, stop it. What it is made of
(processes, containers, pods) is its host's business: `deployments.processes.ProcessHost` for processes.
"""

import atexit
import contextlib
import os
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from . import state
from .client import Client, Prediction
from .errors import BadInput, HostingLabError, NotRunning, StartFailed, Unavailable
from .ready import wait_until_ready

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Found:
    """What a host found running. `run_id` is None when somebody started it by hand; `state` is starting, running or failed."""

    run_id: str | None
    state: str
    url: str | None
    since: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Part:
    """One process, container or pod. `since` is in Unix seconds, `cpu_s` in seconds since its start, `memory_bytes` resident; None: not known."""

    name: str
    kind: str  # process, container, pod
    id: str
    state: str  # running, starting, dead
    since: float | None = None
    cpu_s: float | None = None
    memory_bytes: int | None = None
    restarts: int = 0


@dataclass(frozen=True)
class Status:
    """A method's state: running, starting, stopped, failed or unavailable. `since` is in Unix seconds."""

    method: str
    state: str
    url: str | None = None
    since: float | None = None
    run_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Tool:
    """Something that a method needs. `missing` says what is wrong with it, or None when it is there."""

    name: str
    purpose: str
    install: str
    missing: Callable[[], str | None]


class Host(Protocol):
    """What a deployment is made of."""

    def find(self) -> Found | None: ...
    def parts(self) -> list[Part]: ...
    def mend(self) -> None: ...
    def kill(self, part: str | None) -> str: ...
    def logs(self, tail: int) -> str: ...
    def end(self) -> None: ...


class Deployment(ABC):
    """One method of hosting. Subclasses say what they need and how they launch."""

    method: ClassVar[str]
    ready_timeout_s: ClassVar[float] = 120.0
    by_hand: ClassVar[tuple[str, ...]] = ()  # the commands that start it without us, in the project's folder, a terminal each
    notices_hangs: ClassVar[bool] = False  # whether somebody looks out for a part that lives and does not answer, and starts it anew
    host: Host

    def tools(self) -> list[Tool]:
        """Return what this method needs on the machine."""
        return []

    @abstractmethod
    def launch(self, record: state.Record, progress: Progress) -> None:
        """Start everything under `record.run_id` and set `record.url`; whether it answers is checked afterwards."""

    def start(self, *, keep: bool = False, progress: Progress = lambda sentence: None) -> Self:
        """Start the method and return when it answers. What runs already is attached to, and not owned.

        What is started here ends with this Python, unless `keep` is true: then it stays until stopped. A run of which a part
        has died is mended. Raises Unavailable where a tool is missing, StartFailed (with the last log lines) where it does
        not come up; then nothing is left behind.
        """
        with state.lock(self.method):
            found = self.host.find()
            if found and found.state == "running":
                return self
            self.require_tools()
            me = state.ProcessId.of(os.getpid())
            if found and (found.state == "failed" or found.run_id is None):  # what is started by hand is waited for
                return self._mend(found, progress)
            if found:  # somebody began and was killed in the middle
                self.host.end()
            record = state.Record(self.method, uuid.uuid4().hex[:12], owner=me)
            state.write(record)
            self._guard(record)
            try:
                self.launch(record, progress)
                wait_until_ready(record.url, record.run_id, self.ready_timeout_s, self._death, progress)
            except BaseException as error:  # Ctrl-C too: nothing half started stays
                tail = self.host.logs(20)
                self.host.end()
                state.forget(self.method)
                if isinstance(error, StartFailed):
                    raise StartFailed(f"{self.method} did not start. {error}", tail) from error
                raise
            record.state = "running"
            if keep:
                record.owner = None  # the watchdog sees it and goes
            else:
                atexit.register(self.end_run, record.run_id)
            state.write(record)
        return self

    def stop(self) -> None:
        """Stop the method, whoever started it; nothing happens where it does not run."""
        with state.lock(self.method):
            if self.host.find():
                self.host.end()
            state.forget(self.method)

    def end_run(self, run_id: str) -> None:
        """Stop the method if it is still the run of that id."""
        with contextlib.suppress(HostingLabError), state.lock(self.method):
            found, record = self.host.find(), state.read(self.method)  # in this order: find() forgets a run that is over
            mine = record is not None and record.run_id == run_id
            if (mine and not found) or (found and found.run_id == run_id):
                self.host.end()
            if mine:
                state.forget(self.method)

    def forget(self) -> None:
        """Remove the file of a run that is over, or of an engine or a cluster that nobody can ask."""
        with state.lock(self.method):
            try:
                found = self.host.find()
            except Unavailable:
                found = None
            if not found:
                state.forget(self.method)

    def status(self) -> Status:
        """Return the state as it is now, told by the processes, the engine or the cluster themselves."""
        try:
            found = self.host.find()
        except Unavailable as error:
            return Status(self.method, "unavailable", reason=str(error))
        if found:
            return Status(self.method, found.state, found.url, found.since, found.run_id, found.reason)
        missing = self.missing_tools()
        return Status(self.method, "unavailable" if missing else "stopped", reason=missing)

    @property
    def url(self) -> str:
        """The base address that clients use. Raises NotRunning."""
        status = self.status()
        if not status.url:
            raise NotRunning(f"{self.method} does not run. Start it: `hostlab up {self.method}`, or get({self.method!r}).start() in Python.")
        return status.url

    def predict(self, texts: str | list[str]) -> list[Prediction]:
        """Return a prediction for each text, in order. Raises NotRunning, RequestFailed."""
        with Client(self.url) as client:
            return client.ask(texts).predictions

    def logs(self, tail: int = 20) -> str:
        """Return the last `tail` lines of the log of each part."""
        return self.host.logs(tail)

    def parts(self) -> list[Part]:
        """Return the processes, containers or pods that it is made of."""
        return self.host.parts()

    def kill(self, part: str | None = None) -> str:
        """Kill one part outright, as a crash would, and return its name; without a name, a part that holds the model."""
        return self.host.kill(part)

    def scale(self, replicas: int) -> None:
        """Run `replicas` copies of the model. Raises BadInput where the method has no replicas."""
        raise BadInput(f"{self.method} has one copy of its model and cannot be scaled. docker and kubernetes can.")

    def update(self, version: str, progress: Progress = lambda sentence: None) -> None:
        """Replace what runs by another version without losing a request. Raises BadInput where the method cannot."""
        raise BadInput(f"{self.method} has no rolling update to version {version}. docker and kubernetes have.")

    def rollback(self, progress: Progress = lambda sentence: None) -> None:
        """Go back to the version before this one, as gently as an update. Raises BadInput where the method cannot."""
        raise BadInput(f"{self.method} keeps no earlier version to go back to. kubernetes does.")

    def evict(self, part: str | None = None) -> str:
        """Ask for one part to be moved away, and return its name. Raises BadInput where the method cannot."""
        raise BadInput(f"{self.method} has nobody who could move {part or 'a part'} elsewhere. kubernetes has.")

    def missing_tools(self) -> str | None:
        """Return what is missing, in sentences, or None."""
        missing = [(tool, why) for tool in self.tools() if (why := tool.missing())]
        return " ".join(f"{tool.name} ({tool.purpose}): {why} {tool.install}" for tool, why in missing) or None

    def require_tools(self) -> None:
        """Raise Unavailable where a tool is missing."""
        if missing := self.missing_tools():
            raise Unavailable(f"{self.method} cannot start here. {missing}")

    def _mend(self, found: Found, progress: Progress) -> Self:
        progress(found.reason or "It is starting.")
        try:
            self.host.mend()
            found = self.host.find() or found
            wait_until_ready(found.url, found.run_id, self.ready_timeout_s, self._death, progress)
        except StartFailed as error:
            raise StartFailed(f"{self.method} could not be mended. {error}", self.host.logs(20)) from error
        return self

    def _death(self) -> str | None:
        found = self.host.find()
        return (found.reason if found.state == "failed" else None) if found else "All of its processes have ended."

    def _guard(self, record: state.Record) -> None:
        from .watchdog import guard  # it imports this module's users

        guard(self.method, record.run_id, record.owner)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

"""Deployment: the common interface to every hosting method.

A deployment handles the life cycle: check the tools, launch, wait until the service is ready, track
which process owns it, stop it. Its supervisor handles the processes, containers, or pods.
"""

import atexit
import contextlib
import os
import uuid
from abc import ABC, abstractmethod
from typing import ClassVar, Self

from deployments.services.prediction import Prediction
from hostlab.client import Client
from hostlab.errors import HostingLabError, StartFailed, Unavailable, unsupported
from hostlab.runtime import state, tools
from hostlab.runtime.engines import ENGINES, require_engine
from hostlab.runtime.process_id import ProcessId
from hostlab.runtime.progress import Progress, Sentence, silent
from hostlab.runtime.readiness import wait_until_ready
from hostlab.runtime.status import address, status_of
from hostlab.runtime.watching import start_watchdog
from hostlab.types import (
    CPU_PERCENT,
    MAX_REPLICAS,
    MIN_REPLICAS,
    Capability,
    Component,
    ComponentLog,
    RunInfo,
    Status,
    Supervisor,
    Tool,
)


class Deployment(ABC):
    """One hosting method. Subclasses define which tools they need and how they launch.

    `by_hand`: the commands that start it without hostlab, each in its own terminal.
    `restarts_hung`: something restarts hung components. `engines`: what MODEL_ENGINE may be.
    """

    method: ClassVar[str]
    ready_timeout_s: float = 120.0
    by_hand: ClassVar[tuple[str, ...]] = ()
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SUSPEND})
    restarts_hung: ClassVar[bool] = False
    engines: ClassVar[frozenset[str]] = frozenset(ENGINES)
    supervisor: Supervisor

    def tools(self) -> list[Tool]:
        """Return what this method needs on the machine."""
        return []

    @abstractmethod
    def launch(self, record: state.Record, progress: Progress) -> None:
        """Start everything under `record.run_id` and set `record.url`.

        The caller waits for readiness.
        """

    def start(self, *, keep: bool = False, progress: Progress = silent) -> Self:
        """Start the method and return when it is ready.

        If it already runs, this process attaches to it and does not own it. Dead components of a
        run are restarted. A run that is started here stops when this Python process exits, unless
        `keep` is true: then it runs until stopped. Raises Unavailable if a tool is missing, and
        StartFailed, with the last log lines, if the method does not become ready; a new run then
        leaves nothing behind. Raises BadInput if it does not have the engine MODEL_ENGINE.
        """
        with state.lock(self.method):
            found = self.supervisor.find()
            if found and state.owner_is_gone(self.method, found.run_id):
                self.supervisor.shut_down()  # as its watchdog is about to do
                state.forget(self.method)
                found = None
            if found and found.state == "running":
                return self
            require_engine(self.method, self.engines)
            self.require_tools()
            if found and (found.state == "failed" or found.run_id is None):
                return self._recover(found, progress)  # or wait for a run that is starting by hand
            if found:  # an earlier start was interrupted, and its owner still runs
                self.supervisor.shut_down()
            owner = ProcessId.of(os.getpid())
            record = state.Record(self.method, uuid.uuid4().hex[:12], owner=owner)
            state.write(record)
            start_watchdog(self.method, record.run_id, owner)
            self._launch_or_clean_up(record, progress)
            record.state = "running"
            if keep:
                record.owner = None  # the watchdog sees this and exits
            else:
                atexit.register(self.end_run, record.run_id)
            state.write(record)
        return self

    def stop(self) -> None:
        """Stop the method, no matter who started it. Does nothing if it is not running."""
        with state.lock(self.method):
            if self.supervisor.find():
                self.supervisor.shut_down()
            state.forget(self.method)

    def end_run(self, run_id: str) -> None:
        """Stop the method if its current run is still the one with that ID."""
        with contextlib.suppress(HostingLabError), state.lock(self.method):
            # In this order, because find() forgets a run that is over.
            found, record = self.supervisor.find(), state.read(self.method)
            mine = record is not None and record.run_id == run_id
            if (mine and not found) or (found and found.run_id == run_id):
                self.supervisor.shut_down()
            if mine:
                state.forget(self.method)

    def forget(self) -> None:
        """Remove the state file of a run that is over, or cannot be reached."""
        with state.lock(self.method):
            found = None
            with contextlib.suppress(Exception):  # status() says what is wrong with the engine
                found = self.supervisor.find()
            if not found:
                state.forget(self.method)

    def status(self) -> Status:
        """Return what the processes, the engine, or the cluster report. Never raises."""
        return status_of(self.method, self.supervisor, self.missing_tools)

    @property
    def url(self) -> str:
        """The base address that clients use. Raises NotRunning, Unavailable."""
        return address(self.status())

    def predict(self, texts: str | list[str]) -> list[Prediction]:
        """Return a prediction for each text, in order. Raises NotRunning, RequestFailed."""
        with Client(self.url) as client:
            return client.ask(texts).predictions

    def logs(self, tail: int = 20) -> str:
        """Return the last `tail` lines of each component's log, as text."""
        return "\n".join(map(str, self.component_logs(tail)))

    def component_logs(self, tail: int = 20) -> list[ComponentLog]:
        """Return the last `tail` lines of each component's log, as data."""
        return self.supervisor.component_logs(tail)

    def components(self) -> list[Component]:
        """Return the processes, containers, or pods that run the method."""
        return self.supervisor.components()

    def kill(self, name: str | None = None) -> str:
        """Kill one component outright, as a crash would, and return its name.

        Without a name, kills a component that holds the model. Raises BadInput if there is no
        such component.
        """
        return self.supervisor.kill(name)

    def suspend(self, name: str) -> None:
        """Freeze one component: it stays alive but does not respond.

        Raises BadInput if there is no component of that name.
        """
        self.supervisor.suspend(name)

    def scale(self, replicas: int) -> None:
        """Run `replicas` replicas of the model. Raises Unsupported."""
        raise unsupported(self.method, Capability.SCALE)

    def autoscale(
        self,
        *,
        minimum: int = MIN_REPLICAS,
        maximum: int = MAX_REPLICAS,
        cpu_percent: int = CPU_PERCENT,
        install_metrics: bool = False,
        progress: Progress = silent,
    ) -> None:
        """Let the load set the number of replicas of the model. Raises Unsupported."""
        raise unsupported(self.method, Capability.AUTOSCALE)

    def autoscale_off(self, progress: Progress = silent) -> None:
        """Keep the number of replicas as it is from now on. Raises Unsupported."""
        raise unsupported(self.method, Capability.AUTOSCALE)

    def update(self, version: str, progress: Progress = silent) -> None:
        """Roll out another version without losing a request. Raises Unsupported."""
        raise unsupported(self.method, Capability.ROLLOUT)

    def rollback(self, progress: Progress = silent) -> None:
        """Roll back to the version before this one. Raises Unsupported."""
        raise unsupported(self.method, Capability.ROLLBACK)

    def evict(self, name: str | None = None) -> str:
        """Move one component to another node, and return its name. Raises Unsupported."""
        raise unsupported(self.method, Capability.EVICT)

    def missing_tools(self) -> str | None:
        """Return what is missing, in sentences, or None."""
        return tools.missing(self.tools())

    def require_tools(self) -> None:
        """Raise Unavailable if a tool is missing."""
        if missing := self.missing_tools():
            raise Unavailable(f"{self.method} cannot start here. {missing}")

    def _launch_or_clean_up(self, record: state.Record, progress: Progress) -> None:
        tail = ""
        try:
            self.launch(record, progress)
            record.engine = self._wait(record.url, record.run_id, progress)
        except BaseException as error:  # even Ctrl-C: leave no half-started run
            with contextlib.suppress(HostingLabError):
                tail = self.logs()
            self.supervisor.shut_down()
            state.forget(self.method)
            if isinstance(error, StartFailed):
                raise error.extended(f"{self.method} did not start.", tail) from error
            raise

    def _recover(self, found: RunInfo, progress: Progress) -> Self:
        reason = found.reason
        progress(Sentence("start.recovering", reason=reason) if reason else Sentence("start.alone"))
        try:
            self.supervisor.recover()
            found = self.supervisor.find() or found
            engine = self._wait(found.url, found.run_id, progress)
        except StartFailed as error:
            raise error.extended(f"{self.method} could not be restarted.", self.logs()) from error
        state.record_engine(self.method, found.run_id, engine)
        return self

    def _wait(self, url: str | None, run_id: str | None, progress: Progress) -> str | None:
        if url is None:
            raise StartFailed(self._failure() or "It has no address.")
        return wait_until_ready(url, run_id, self.ready_timeout_s, self._failure, progress)

    def _failure(self) -> str | None:
        found = self.supervisor.find()
        if found is None:
            return "All of its processes have exited."
        return found.reason if found.state == "failed" else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

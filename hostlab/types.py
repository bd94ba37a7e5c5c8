"""The values that deployments, methods, and their callers exchange.

This module imports no other module of hostlab.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

Role = Literal["model", "api", "both", "provider"]  # what a component does for the service
ComponentKind = Literal["process", "container", "pod"]
ComponentState = Literal["running", "starting", "dead"]
RunState = Literal["starting", "running", "failed"]
MethodState = Literal["running", "starting", "stopped", "failed", "unavailable"]


class Capability(StrEnum):
    """What only some deployments can do."""

    SCALE = "scale"  # run several replicas of the model
    ROLLOUT = "rollout"  # replace the running version without losing a request
    ROLLBACK = "rollback"  # go back to the version before
    AUTOSCALE = "autoscale"  # let the load set the number of replicas
    EVICT = "evict"  # move a component to another node
    SUSPEND = "suspend"  # freeze a component, so that it is alive but unresponsive


class Language(StrEnum):
    """A language of the lessons."""

    EN = "en"
    RU = "ru"


# What an autoscaler is asked for where nobody says otherwise: the overlay in
# deployments/kubernetes/overlays/autoscaling has the same values.
MIN_REPLICAS, MAX_REPLICAS, CPU_PERCENT = 1, 4, 60


@dataclass(frozen=True)
class Autoscaler:
    """What sets the number of a method's replicas by their load, and what it does now.

    It aims at a mean CPU usage of `target_percent` percent of what a replica requests, with
    `minimum` to `maximum` replicas. `utilization_percent` is that percentage as last measured, or
    None where it is not known, as in the first 40 s or so. `wanted` replicas should run now, and
    `ready` of them take requests. `reason` says why the usage is not known, or why the autoscaler
    adds no more replicas. `target_percent` is None where it goes by something other than CPU.
    """

    minimum: int
    maximum: int
    target_percent: int | None
    utilization_percent: int | None
    wanted: int
    ready: int
    reason: str | None = None


@dataclass(frozen=True)
class RunInfo:
    """What a supervisor found running.

    `run_id` is None when a person started it by hand; `since` is in Unix seconds. `autoscaler` is
    None where a person sets the number of replicas.
    """

    run_id: str | None
    state: RunState
    url: str | None
    since: float | None
    reason: str | None = None
    autoscaler: Autoscaler | None = None


@dataclass(frozen=True)
class ForeignRun:
    """A run of somebody else in the same engine or cluster.

    `owner` says in a phrase whose it is.
    """

    owner: str
    url: str | None

    def __str__(self) -> str:
        place = f": {self.url}" if self.url else ""
        return f"{self.owner} runs it here, too{place}."


@dataclass(frozen=True)
class Component:
    """One process, container, or pod of a running method.

    `since` is in Unix seconds, `cpu_s` is the CPU time since its start in seconds, and
    `memory_bytes` is its resident memory. `node` is the name of the cluster's node that a pod runs
    on. A value that is not known is None.
    """

    name: str
    kind: ComponentKind
    role: Role
    id: str
    state: ComponentState
    since: float | None = None
    cpu_s: float | None = None
    memory_bytes: int | None = None
    restarts: int = 0
    node: str | None = None


@dataclass(frozen=True)
class ComponentLog:
    """The last lines of one component's log, oldest first.

    `note` distinguishes the lines of a program that ended from those of its successor.
    """

    name: str
    lines: list[str]
    note: Literal["", "until it ended", "started again"] = ""

    def __str__(self) -> str:
        title = f"{self.name}, {self.note}" if self.note else self.name
        return "\n".join([f"--- {title}", *self.lines])


@dataclass(frozen=True)
class Status:
    """The state of a method.

    `since` is in Unix seconds. `engine` is what runs the model of a running method, or None if that
    is not known. `reason` explains a state other than running. `autoscaler` is None where a person
    sets the number of replicas.
    """

    method: str
    state: MethodState
    url: str | None = None
    since: float | None = None
    run_id: str | None = None
    engine: str | None = None
    reason: str | None = None
    autoscaler: Autoscaler | None = None


@dataclass(frozen=True)
class Tool:
    """Something that a method needs on the machine.

    `missing` returns what is wrong with it, or None when it is there.
    """

    name: str
    purpose: str
    install: str
    missing: Callable[[], str | None]


class Supervisor(Protocol):
    """Finds, watches, breaks, and removes the components of one method."""

    def find(self) -> RunInfo | None:
        """Return what this user runs, or what was started by hand, or None.

        Raises Unavailable if the engine does not respond, or somebody else's run leaves no room.
        """

    def others(self) -> list[ForeignRun]:
        """Return the runs of other people beside which one's own can start.

        Raises Unavailable if the engine does not respond.
        """

    def end_others(self) -> list[str]:
        """Stop and remove the runs of other people. Returns whose they were, in phrases."""

    def components(self) -> list[Component]:
        """Return the components of what runs, the model's first."""

    def recover(self) -> None:
        """Restart the dead components."""

    def kill(self, name: str | None) -> str:
        """Kill one component outright, as a crash would, and return its name.

        Without a name, kills a component that holds the model.
        """

    def suspend(self, name: str) -> None:
        """Freeze one component: it stays alive but does not respond.

        Raises BadInput if there is no component of that name.
        """

    def usage(self, component: Component) -> tuple[float | None, int | None]:
        """Return the CPU seconds of a component since its start, and its bytes of memory now."""

    def component_logs(self, tail: int) -> list[ComponentLog]:
        """Return the last `tail` lines of the log of each component."""

    def shut_down(self) -> None:
        """Stop the components and remove everything that belongs to the run."""

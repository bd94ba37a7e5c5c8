"""What the Docker engine says happened to the containers of a service during a load.

`with WatchedContainers(service) as containers, OpenLoad(…) as load: …`, and afterwards
`plots.timeline(load, containers.rows(load))`.
"""

import contextlib
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from hostlab.measure.load.generator import Load
from hostlab.methods.docker import engine
from hostlab.methods.docker.deployment import Docker
from notebooks.lessons.timeline import Life, Row, State, rows_until

# What each of the engine's events makes of a container. The engine also reports `kill` for a signal
# that asks the program to end, and `die` when it has ended.
BEGINS: dict[str, State] = {
    "create": "starting",
    "start": "starting",
    "health_status: healthy": "ready",
    "health_status: unhealthy": "starting",
    "kill": "terminating",
    "stop": "terminating",
}
Event = dict[str, Any]  # the engine's JSON for one event


class WatchedContainers:
    """The containers of a service for the duration of a block.

    The engine keeps only its last 256 events, and each health check makes three: watch for a minute
    at most.
    """

    def __init__(self, service: Docker) -> None:
        self._service = service

    def __enter__(self) -> Self:
        self._project = self._service.supervisor.project().name
        # The engine's clock may be another one: that of a virtual machine.
        self._ahead_s = _engine_time_s() - time.perf_counter()
        self._began_s = self._ahead_s + time.perf_counter()
        before = self._service.supervisor.containers()
        self._before = {one.id: (one.name, _state_of(one)) for one in before}
        return self

    def __exit__(self, *_: object) -> None:
        self._ended_s = self._ahead_s + time.perf_counter()
        self._events = _events(self._project, self._began_s, self._ended_s)

    def rows(self, load: Load) -> list[Row]:
        """Return a row for each container, in the seconds of a load that ran in the block."""
        load_began_s = self._ahead_s + time.perf_counter() - load.elapsed_s
        return rows_of(self._before, self._events, load_began_s, self._ended_s, self._project)


def rows_of(
    before: dict[str, tuple[str, State | None]],
    events: Iterable[Event],
    began_s: float,
    ended_s: float,
    project: str,
) -> list[Row]:
    """Return a row for each container that existed between two times, in Unix seconds.

    `before` has, by its short ID, the name and the state of each container before the first of the
    `events`, which are ordered by time and may have begun earlier.
    """
    lives = {id_: Life(name, state, 0.0) for id_, (name, state) in before.items()}
    for event in events:
        id_, name = event["Actor"]["ID"][:12], event["Actor"]["Attributes"]["name"]
        life = lives.setdefault(id_, Life(name.removeprefix(f"{project}-"), None, 0.0))
        life.become(_next(event["Action"], life.state), event["timeNano"] / 1e9 - began_s)
    return rows_until(ended_s - began_s, sorted(lives.values(), key=lambda life: life.name))


def _next(action: str, state: State | None) -> State | None:
    """Return the state after an event, or None after the end of a container that was to end."""
    if action == "die":
        return None if state in ("terminating", None) else "killed"
    if action == "destroy" or (action == "stop" and state is None):  # `stop` comes after `die`
        return None
    return BEGINS.get(action, state)


def _state_of(container: engine.Container) -> State | None:
    if container.ended:
        return None
    return "ready" if container.ready else "starting"


def _events(project: str, since_s: float, until_s: float) -> list[Event]:
    client = engine.api()
    filters = {"type": "container", "label": f"{engine.PROJECT}={project}"}
    with engine.engine_errors():
        # The engine takes nanoseconds as a fraction, but docker-py passes on only whole seconds.
        found = client.events(
            since=int(since_s), until=int(until_s) + 1, filters=filters, decode=True
        )
        with contextlib.closing(found):
            events = [event for event in found if since_s <= event["timeNano"] / 1e9 <= until_s]
    return sorted(events, key=lambda event: event["timeNano"])


def _engine_time_s() -> float:
    """Return the engine's time in Unix seconds. Raises Unavailable."""
    client, asked = engine.api(), time.perf_counter()
    with engine.engine_errors():
        reported_s = datetime.fromisoformat(client.info()["SystemTime"]).timestamp()
    return reported_s + (time.perf_counter() - asked) / 2

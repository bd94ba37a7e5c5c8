"""A container as a component of the method: since when it runs, and what it uses."""

from datetime import datetime

from hostlab.methods.docker import engine
from hostlab.methods.docker.engine import Container, Details
from hostlab.types import Component, ComponentState


def started_at(details: Details | None) -> str | None:
    """Return when the program was started, or None if it is not running.

    The engine says of a container that it waits to restart that it is running, too. It waits twice
    as long after each crash, up to a minute.
    """
    state = details["State"] if details else {"Running": False}
    if not state["Running"] or state["Restarting"]:
        return None
    return str(state["StartedAt"])


def component(one: Container) -> Component:
    """Return a container in the form that all methods share. Raises Unavailable."""
    details = engine.inspect(one.id)
    restarts = details["RestartCount"] if details else 0
    started = started_at(details)
    if started is None:
        return Component(one.name, "container", one.role, one.id, "dead", restarts=restarts)
    condition: ComponentState = "running" if one.ready else "starting"
    if one.ended or one.state == "restarting":
        condition = "dead"
    cpu_s, memory_bytes = _usage(one)
    return Component(
        name=one.name,
        kind="container",
        role=one.role,
        id=one.id,
        state=condition,
        since=datetime.fromisoformat(started[:19] + "+00:00").timestamp(),
        cpu_s=cpu_s,
        memory_bytes=memory_bytes,
        restarts=restarts,
    )


def _usage(one: Container) -> tuple[float, int | None]:
    client = engine.api()
    with engine.engine_errors():
        # one_shot: skip the second sample, 1 s later, which only percentages need
        stats = client.stats(one.id, stream=False, one_shot=True)
    memory = stats["memory_stats"]
    details = memory.get("stats", {})
    # Like `docker stats`, leave out the page cache that can be reclaimed. Its name differs between
    # cgroup v1 and v2.
    cached = details.get("total_inactive_file", details.get("inactive_file", 0))
    used = memory["usage"] - cached if "usage" in memory else None
    return stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9, used

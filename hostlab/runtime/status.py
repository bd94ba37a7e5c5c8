"""The state of a method, whatever its tool does."""

from collections.abc import Callable

from hostlab.errors import NotRunning, Unavailable, explain
from hostlab.runtime.engines import engine_of
from hostlab.types import Status, Supervisor


def status_of(
    method: str, supervisor: Supervisor, missing_tools: Callable[[], str | None]
) -> Status:
    """Return the state of a method. Never raises.

    Where an engine or a cluster answers with an error, known or not, the state is `unavailable`: it
    must not hide the other methods.
    """
    try:
        if found := supervisor.find():
            run = (found.state, found.url, found.since, found.run_id)
            engine = engine_of(method, found)
            return Status(method, *run, engine, found.reason, found.autoscaler)
        if missing := missing_tools():
            return Status(method, "unavailable", reason=missing)
        others = " ".join(map(str, supervisor.others()))
        return Status(method, "stopped", reason=others or None)
    except Exception as error:
        return Status(method, "unavailable", reason=explain(error))


def address(status: Status) -> str:
    """Return the base address that clients use. Raises NotRunning, Unavailable."""
    method = status.method
    if status.state == "unavailable":
        raise Unavailable(f"{method} cannot be used now. {status.reason}")
    if not status.url and status.state in ("running", "failed"):
        raise NotRunning(f"{method} cannot be reached. {status.reason}")
    if not status.url:
        raise NotRunning(
            f"{method} does not run. Start it: `hostlab up {method}`, "
            f"or get({method!r}).start() in Python."
        )
    return status.url

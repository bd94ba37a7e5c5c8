"""The state of a method, whatever its tool does."""

from collections.abc import Callable

from hostlab.errors import explain
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
            return Status(method, *run, engine_of(method, found), found.reason)
        if missing := missing_tools():
            return Status(method, "unavailable", reason=missing)
        others = " ".join(map(str, supervisor.others()))
        return Status(method, "stopped", reason=others or None)
    except Exception as error:
        return Status(method, "unavailable", reason=explain(error))

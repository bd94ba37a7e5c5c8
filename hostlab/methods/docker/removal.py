"""Remove containers and networks, completely, even while Compose is still creating some."""

import contextlib
import time
from collections.abc import Callable, Collection

from docker.errors import APIError

from hostlab.errors import StartFailed
from hostlab.methods.docker import engine
from hostlab.methods.docker.compose import kill_compose
from hostlab.methods.docker.engine import PROJECT, Container

STOP_TIMEOUT_S = 15  # stop_grace_period of docker-compose.yml
REMOVE_TIMEOUT_S = 60.0
POLL_S = 0.3


def remove_until_none(find: Callable[[], Collection[Container]]) -> None:
    """Stop and remove what `find` returns until it returns nothing twice.

    Raises StartFailed where one stays.
    """
    _until_nothing_found(lambda: _remove(find()))


def remove_project(project: str) -> None:
    """Stop and remove all containers and networks of a Compose project.

    Raises StartFailed where one stays.

    The API goes first, so that requests in flight still find their model. An interrupted launch may
    still be creating containers: Compose is killed, and the engine is queried until it finds
    nothing twice.
    """
    _until_nothing_found(lambda: _remove_project_once(project))


def _until_nothing_found(remove: Callable[[], bool]) -> None:
    """Call `remove`, which returns whether it found anything, until it has found nothing twice."""
    deadline, found_nothing = time.monotonic() + REMOVE_TIMEOUT_S, 0
    while found_nothing < 2:
        found_nothing = 0 if remove() else found_nothing + 1
        if time.monotonic() > deadline:
            raise StartFailed(
                "Docker does not remove the containers. To see them, run `docker ps -a --filter "
                f"label={engine.SERVICE}`. To remove them, run `docker rm -f`."
            )
        if found_nothing < 2:
            time.sleep(POLL_S)


def _remove_project_once(project: str) -> bool:
    kill_compose(project)
    client, filters = engine.api(), {"label": [f"{PROJECT}={project}"]}
    ours = [one for one in engine.containers() if one.project == project]
    for role in ("api", "model"):
        _remove([one for one in ours if one.role == role])
    with engine.engine_errors():
        containers = client.containers(all=True, filters=filters)
        networks = client.networks(filters=filters)
        for one in containers:
            with contextlib.suppress(APIError):
                client.remove_container(one["Id"], force=True, v=True)
        for one in networks:
            with contextlib.suppress(APIError):
                client.remove_network(one["Id"])
    return bool(ours or containers or networks)


def _remove(containers: Collection[Container]) -> bool:
    """Stop and remove these, side by side, and return whether there were any.

    All get the signal before the first is waited for. It takes no threads, because a Python process
    that exits can start none, and a run ends with its owner (`Deployment.end_run`).

    An error of the engine is ignored: the container is gone already, or is removed on the next try.
    """
    client = engine.api()
    with engine.engine_errors():
        for one in containers:
            with contextlib.suppress(APIError):
                client.kill(one.id, "SIGTERM")
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for one in containers:
            with contextlib.suppress(APIError):
                client.stop(one.id, timeout=max(0, round(deadline - time.monotonic())))
            with contextlib.suppress(APIError):
                client.remove_container(one.id, force=True, v=True)
    return bool(containers)

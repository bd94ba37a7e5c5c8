"""What the Docker engine reports about our containers. Its errors become ours.

`import docker` means docker-py, here and everywhere.
"""

import contextlib
import functools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import docker
import requests
from docker.context import ContextAPI
from docker.errors import APIError, DockerException, NotFound

from hostlab.errors import RequestFailed, Unavailable
from hostlab.http import is_loopback
from hostlab.methods.docker.address import elsewhere_reason
from hostlab.types import Role

# Labels in docker-compose.yml
SERVICE, RUN_ID, OWNER = "hosting-lab.service", "hosting-lab.run-id", "hosting-lab.owner"
PROJECT = "com.docker.compose.project"  # a label of Compose itself
# A label of our images. The name of a container's image does not tell: once the tag is moved to a
# newer build, the engine lists the image's ID instead.
VERSION = "org.opencontainers.image.version"
TIMEOUT_S = 15
START_ADVICE = (
    "Start Docker Desktop, or the engine (`sudo systemctl start docker` on Linux), and try again."
)
PERMISSION_ADVICE = "On Linux: `sudo usermod -aG docker $USER`, then log out and in again."

ContainerState = Literal["created", "running", "restarting", "exited", "dead"]
Details = dict[str, Any]  # the engine's JSON for `docker inspect`


@dataclass(frozen=True)
class Container:
    """One container of this project.

    `owner` is the label of whose run it is, or None if a person started it by hand. `health` is
    healthy, unhealthy, starting, or empty; `created` is in Unix seconds; `port` is a
    port of this machine.
    """

    id: str
    name: str
    role: Role
    project: str
    run_id: str | None
    owner: str | None
    version: str
    state: ContainerState
    health: str
    created: float
    port: int | None

    @property
    def ready(self) -> bool:
        """Whether it runs and its health check passes."""
        return self.state == "running" and self.health == "healthy"

    @property
    def ended(self) -> bool:
        """Whether it has ended and the engine does not restart it."""
        return self.state in ("exited", "dead")


def api() -> docker.APIClient:
    """Return the connection to the engine that DOCKER_HOST or the current Docker context names.

    Raises Unavailable.
    """
    with engine_errors():
        return _connect(_address())


def elsewhere() -> str | None:
    """Return why the engine cannot be used, because it is on another machine, or None."""
    return elsewhere_reason(_address())


def _address() -> str:
    """Return the engine's address: DOCKER_HOST, or else that of the current context."""
    named = os.environ.get("DOCKER_HOST") or ContextAPI.kwargs_from_context().get("base_url")
    return str(named or "")


@functools.cache
def _connect(address: str) -> docker.APIClient:
    """Connect as docker-py does by itself; `address` tells one engine from another."""
    if reason := elsewhere_reason(address):
        raise Unavailable(reason)
    return _DirectClient.from_env(timeout=TIMEOUT_S).api


class _DirectApiClient(docker.APIClient):
    """Calls an engine on this machine directly, like Docker's own client.

    docker-py would send a request for tcp://127.0.0.1 to the proxy for the internet.
    """

    def request(self, method: str | bytes, url: str | bytes, *rest: Any, **more: Any) -> Any:
        # Set here because the constructor sends a request already.
        self.trust_env = not is_loopback(urlsplit(str(url)).hostname or "")
        return super().request(method, url, *rest, **more)


class _DirectClient(docker.DockerClient):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.api = _DirectApiClient(*arguments, **options)


@contextlib.contextmanager
def engine_errors() -> Iterator[None]:
    """Raise Unavailable where the engine does not answer, and RequestFailed where it rejects a
    request.
    """
    try:
        yield
    except APIError as error:
        detail, status = str(error.explanation or error), error.status_code
        raise RequestFailed("The Docker engine rejected the request", detail, status) from error
    except requests.Timeout as error:
        raise Unavailable(
            f"The Docker engine has not answered within {TIMEOUT_S} s: it hangs or is overloaded. "
            "Try again."
        ) from error
    except (DockerException, requests.RequestException, OSError) as error:
        raise unavailable(str(error)) from error


def unavailable(message: str) -> Unavailable:
    """Return the error for the message of a client that did not reach the engine."""
    if re.search(r"permission ?denied", message, re.IGNORECASE):
        return Unavailable(
            f"There is a Docker engine, but this user may not use it. {PERMISSION_ADVICE}"
        )
    if address := os.environ.get("DOCKER_HOST"):
        return Unavailable(
            f"No Docker engine answers at {address}, which DOCKER_HOST names. Start it, or unset "
            "DOCKER_HOST to use this machine's own engine."
        )
    return Unavailable(f"No Docker engine answers. {START_ADVICE}")


def containers() -> list[Container]:
    """Return all containers of this project, whoever started them, oldest first.

    Raises Unavailable.
    """
    client = api()
    with engine_errors():
        listed = client.containers(all=True, filters={"label": [SERVICE, PROJECT]})
    return sorted(map(_container, listed), key=lambda one: (one.created, one.name))


def inspect(id_: str) -> Details | None:
    """Return all that the engine knows of one container, or None when it is gone.

    Raises Unavailable.
    """
    client = api()
    with engine_errors():
        try:
            return cast(Details, client.inspect_container(id_))
        except NotFound:
            return None


def start_error(id_: str) -> str | None:
    """Return why the engine could not start a container, such as a port in use, or None.

    Raises Unavailable.
    """
    details = inspect(id_)
    return str(details["State"].get("Error") or "").rstrip(".") or None if details else None


def execute(id_: str, script: str) -> None:
    """Run a shell script in a container, without waiting for it.

    Raises Unavailable, RequestFailed.
    """
    client = api()
    with engine_errors():
        exec_id = client.exec_create(id_, ["sh", "-c", script])["Id"]
        client.exec_start(exec_id, detach=True)


def _container(data: Details) -> Container:
    labels = data["Labels"]
    health = re.search(r"\((?:health: )?(healthy|unhealthy|starting)\)", data["Status"])
    return Container(
        id=data["Id"][:12],
        name=data["Names"][0].removeprefix("/").removeprefix(f"{labels[PROJECT]}-"),
        role=labels[SERVICE],
        project=labels[PROJECT],
        run_id=labels.get(RUN_ID) or None,
        owner=labels.get(OWNER) or None,
        version=labels.get(VERSION, ""),
        state=data["State"],
        health=health[1] if health else "",
        created=data["Created"],
        port=next((port["PublicPort"] for port in data["Ports"] if "PublicPort" in port), None),
    )

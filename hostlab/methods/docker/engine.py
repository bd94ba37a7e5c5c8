"""What the Docker engine says of our containers: one question to it, and its troubles in a person's words.

An import of `docker` means docker-py here and everywhere: this folder is only ever imported as `deployments.docker`.
"""

import contextlib
import functools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, NotFound

from hostlab.errors import RequestFailed, Unavailable

SERVICE, RUN_ID = (
    "hosting-lab.service",
    "hosting-lab.run-id",
)  # the labels that docker-compose.yml gives
PROJECT = "com.docker.compose.project"  # and Compose itself
TIMEOUT_S = 15.0
START_IT = (
    "Start Docker Desktop, or the engine (`sudo systemctl start docker` on Linux), and try again."
)
PERMIT_IT = "On Linux: `sudo usermod -aG docker $USER`, then log out and in again."


@dataclass(frozen=True)
class Container:
    """One container of ours. `service` is model or api, `health` is healthy, unhealthy, starting or nothing, `created` in Unix seconds."""

    id: str
    name: str
    service: str
    project: str
    run_id: str | None
    version: str
    state: str  # created, running, restarting, exited, dead
    health: str
    created: float
    port: int | None  # on this machine

    @property
    def ready(self) -> bool:
        return self.state == "running" and self.health == "healthy"


def api() -> docker.APIClient:
    """Return the connection to the engine that DOCKER_HOST, or the Docker context in use, names. Raises Unavailable."""
    with asking():
        return _connect(os.environ.get("DOCKER_HOST"), os.environ.get("DOCKER_CONTEXT"))


@functools.cache
def _connect(host: str | None, context: str | None) -> docker.APIClient:
    return docker.from_env(timeout=TIMEOUT_S).api


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """Raise Unavailable, in words, where the engine cannot be asked, and RequestFailed where it refuses."""
    try:
        yield
    except APIError as error:
        raise RequestFailed(
            "The Docker engine refused", str(error.explanation or error), error.status_code
        ) from error
    except requests.Timeout as error:
        raise Unavailable(
            f"The Docker engine is there, but has not answered within {TIMEOUT_S:.0f} s: it hangs, or has too much to do. Try again."
        ) from error
    except (DockerException, requests.RequestException, OSError) as error:
        raise unavailable(str(error)) from error


def unavailable(said: str) -> Unavailable:
    """Return the error for what a client said that did not reach the engine."""
    if re.search(r"permission ?denied", said, re.IGNORECASE):
        return Unavailable(f"There is a Docker engine, but this user may not use it. {PERMIT_IT}")
    where = os.environ.get("DOCKER_HOST")
    if where:
        return Unavailable(
            f"No Docker engine answers at {where}, which DOCKER_HOST names. Start it, or unset DOCKER_HOST for this machine's own."
        )
    return Unavailable(f"No Docker engine answers. {START_IT}")


def containers() -> list[Container]:
    """Return all containers of ours, whoever started them, oldest first. Raises Unavailable."""
    client = api()
    with asking():
        listed = client.containers(all=True, filters={"label": [SERVICE, PROJECT]})
    return sorted(map(_container, listed), key=lambda one: (one.created, one.name))


def _container(data: dict[str, Any]) -> Container:
    labels = data["Labels"]
    health = re.search(r"\((?:health: )?(healthy|unhealthy|starting)\)", data["Status"])
    return Container(
        id=data["Id"][:12],
        name=data["Names"][0].removeprefix("/").removeprefix(f"{labels[PROJECT]}-"),
        service=labels[SERVICE],
        project=labels[PROJECT],
        run_id=labels.get(RUN_ID) or None,
        version=data["Image"].rpartition(":")[2],
        state=data["State"],
        health=health[1] if health else "",
        created=data["Created"],
        port=next((port["PublicPort"] for port in data["Ports"] if "PublicPort" in port), None),
    )


def inspect(id_: str) -> dict[str, Any] | None:
    """Return all that the engine knows of one container, or None when it is gone. Raises Unavailable."""
    client = api()
    with asking():
        try:
            return client.inspect_container(id_)
        except NotFound:
            return None

"""The containers that the checks of lesson 03 create, and the commands that they run in them.

Each container carries the label of the service's Compose project. It is removed with the service's
run, even if the notebook is killed halfway.
"""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import requests

from hostlab.errors import Unavailable
from hostlab.methods.docker import engine
from hostlab.methods.docker.compose import IMAGES, VERSION
from hostlab.methods.docker.deployment import Docker
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import Wrong

texts = LessonTexts("docker")

MODEL_IMAGE, API_IMAGE = (f"{image}:{VERSION}" for image in IMAGES)
NS_PER_S = 1_000_000_000


def models(service: Docker) -> list[engine.Container]:
    """Return the model containers of a service that run."""
    containers = service.supervisor.containers()
    return [one for one in containers if one.role == "model" and one.state == "running"]


def ready_models(service: Docker) -> list[engine.Container]:
    """Return the model containers of a service that are ready. Raises NotRunning."""
    service.url  # raises NotRunning  # noqa: B018
    return [one for one in models(service) if one.ready]


def details_of(id_: str) -> engine.Details:
    """Return what the engine reports about a container. Raises Unavailable if there is none."""
    details = engine.inspect(id_)
    if details is None:
        raise Unavailable(texts("container_gone", id=id_))
    return details


def execute(id_: str, command: list[str], user: str = "") -> tuple[int, str]:
    """Run a command in a container, and return its exit status and its output.

    Without `user`, the command runs as the container's own user.
    """
    client = engine.api()
    with engine.engine_errors():
        exec_id = client.exec_create(id_, command, user=user)["Id"]
        output = client.exec_start(exec_id).decode(errors="replace").strip()
        return client.exec_inspect(exec_id)["ExitCode"], output


@contextlib.contextmanager
def temporary_container(
    service: Docker, image: str, command: list[str] | None = None, **settings: Any
) -> Iterator[str]:
    """Run a container without a network for the duration of the block, and yield its ID.

    `settings` are those of docker-py, either for a container or for its host configuration.
    """
    client, labels = engine.api(), {engine.PROJECT: service.supervisor.project().name}
    with engine.engine_errors():
        own = {
            name: settings.pop(name)
            for name in ("user", "environment", "healthcheck")
            if name in settings
        }
        host = client.create_host_config(network_mode="none", init=True, **settings)
        id_ = client.create_container(image, command, labels=labels, host_config=host, **own)["Id"]
        try:
            client.start(id_)
            yield id_
        finally:
            client.remove_container(id_, force=True, v=True)


@contextlib.contextmanager
def api_container(service: Docker, options: list[str]) -> Iterator[str]:
    """Run the API's image with `docker run` and a student's options, and yield the container's ID.

    Raises Wrong if `docker run` fails.
    """
    label = f"{engine.PROJECT}={service.supervisor.project().name}"
    command = ["docker", "run", "--detach", "--publish", "127.0.0.1::5000", "--label", label]
    done = subprocess.run([*command, *options, API_IMAGE], capture_output=True, text=True)
    id_ = done.stdout.strip().rpartition("\n")[2]
    try:
        if done.returncode:
            # Docker's reason is its first line; the others point to its help.
            message = done.stderr.strip().partition("\n")[0]
            raise Wrong(texts("options_rejected", message=message))
        yield id_
    finally:
        if id_:  # Docker also prints the ID of a container that it created but could not start.
            subprocess.run(["docker", "rm", "--force", "--volumes", id_], capture_output=True)


def first_response(id_: str, timeout_s: float = 30.0) -> requests.Response:
    """Send a text to a new API container, and retry until it responds.

    Raises Wrong if the container exits, or does not respond within `timeout_s` seconds.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        details = details_of(id_)
        if not details["State"]["Running"]:
            raise Wrong(texts("options_exited", log=_last_log_lines(id_)))
        bound = details["NetworkSettings"]["Ports"].get("5000/tcp")
        with contextlib.suppress(requests.ConnectionError):
            if bound:
                return requests.post(
                    f"http://127.0.0.1:{bound[0]['HostPort']}/predict",
                    json={"text": "What a lovely film!"},
                    timeout=timeout_s,
                )
        time.sleep(0.2)
    raise Wrong(texts("options_silent", seconds=timeout_s))


def _last_log_lines(id_: str) -> str:
    command = ["docker", "logs", "--tail", "2", id_]
    output = subprocess.run(command, capture_output=True, text=True)
    return (output.stdout + output.stderr).strip()

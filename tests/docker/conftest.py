"""One real run of the method `docker` for each file."""

from collections.abc import Iterator

import docker
import pytest

from hostlab import get
from hostlab.deployment import Deployment
from tests.conftest import fail_if_running, require


@pytest.fixture(scope="module", autouse=True)
def no_other_run() -> None:
    require("docker")
    fail_if_running("docker")


@pytest.fixture(scope="module")
def service() -> Iterator[Deployment]:
    deployment = get("docker")
    deployment.start()
    yield deployment
    deployment.stop()


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


def traces(client: docker.DockerClient, run_id: str) -> list[str]:
    """Return the names of all containers and networks that carry this run id."""
    filters = {"label": f"hosting-lab.run-id={run_id}"}
    return [
        one.name
        for one in (
            *client.containers.list(all=True, filters=filters, ignore_removed=True),
            *client.networks.list(filters=filters),
        )
    ]

"""Prometheus in a container, as Compose's profile starts it: it finds all replicas by their name,
and notices one that has stopped.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from hostlab import get
from hostlab.methods.docker import compose
from hostlab.methods.docker.deployment import Docker
from hostlab.runtime.ports import free_port
from tests.conftest import fail_if_running, require
from tests.docker.conftest import traces
from tests.monitoring.image import prometheus_image
from tests.monitoring.watching import (
    RECORDED,
    Prometheus,
    at,
    copy_quick,
    until,
    until_firing,
    until_quiet,
)

pytestmark = [pytest.mark.docker, pytest.mark.prometheus]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    for tool in ("docker", "prometheus"):
        require(tool)
    require("vmagent", named="prometheus")
    with prometheus_image(tmp_path_factory.mktemp("image")) as image:
        yield image


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="module")
def service(image: str, engine: docker.DockerClient) -> Iterator[Docker]:
    """A run, which leaves nothing behind when it ends, of Prometheus neither."""
    fail_if_running("docker")
    deployment: Docker = get("docker").start()
    run_id = deployment.status().run_id
    yield deployment
    volumes = {one.id for one in engine.volumes.list()}
    deployment.stop()
    assert traces(engine, run_id) == []
    assert {one.id for one in engine.volumes.list()} <= volumes


@pytest.fixture(scope="module")
def prometheus(
    service: Docker, image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """The container of the Compose file, which reads copies of its files with shorter times."""
    folder, port = tmp_path_factory.mktemp("deployments"), free_port()
    copy_quick(folder / "monitoring")
    (folder / "docker").mkdir()
    shutil.copy(compose.FILE, folder / "docker")
    project = service.supervisor.project(None)
    project.variables.update(PROMETHEUS_IMAGE=image, PROMETHEUS_PORT=str(port))
    arguments = ("--profile", "monitoring", "up", "--detach", "--wait", "--no-recreate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "FILE", folder / "docker" / Path(compose.FILE).name)
        project.run(*arguments, "prometheus", doing="Starting Prometheus", progress=print)
    return at(f"http://127.0.0.1:{port}")


def replicas(prometheus: Prometheus, number: int) -> None:
    """Wait until Prometheus has the metrics of this number of model services, and of the API."""
    until(lambda: len(prometheus.up("model-service")) == number, lambda: prometheus.query("up"))
    until(lambda: len(prometheus.up("api-service")) == 1, lambda: prometheus.query("up"))


def test_replicas_are_found_when_they_are_added_and_missed_when_they_stop(
    service: Docker, prometheus: Prometheus, engine: docker.DockerClient
) -> None:
    replicas(prometheus, 1)
    until(lambda: prometheus.rules() == RECORDED, prometheus.rules)
    service.scale(3)
    replicas(prometheus, 3)
    until_quiet(prometheus)
    ran = prometheus.query('hostlab_build_info{job="model-service"}')
    assert {(one["metric"]["version"], one["metric"]["method"]) for one in ran} == {
        ("1.0", "docker")
    }

    # The rule compares with most of the last 20 s. With three in all of them, it has the longest
    # time to notice that one is missing.
    fewest = 'min_over_time(job:up:sum{job="model-service"}[20s])'
    until(lambda: bool(prometheus.query(f"{fewest} == 3")), lambda: prometheus.query(fewest))
    stopped = next(one for one in service.components() if one.role == "model")
    container = engine.containers.get(stopped.id)
    container.kill()  # the engine takes this for intended, and does not restart it
    until_firing(prometheus, ("ReplicaGone", "model-service"))
    assert ("ServiceDown", "model-service") not in prometheus.firing()
    container.start()
    replicas(prometheus, 3)
    until_quiet(prometheus)


def test_it_listens_on_this_machine_only_and_is_no_component(
    service: Docker, prometheus: Prometheus, engine: docker.DockerClient
) -> None:
    run_id = service.status().run_id
    name = f"{compose.project_name(run_id)}-prometheus-1"
    assert name in traces(engine, run_id)
    container = engine.containers.get(name)
    ports = [binding["HostIp"] for it in container.ports.values() for binding in it or []]
    assert ports == ["127.0.0.1"]
    assert {row[1] for row in container.top(ps_args="-eo pid,uid")["Processes"]} == {"65534"}
    assert {one.role for one in service.components()} == {"model", "api"}

"""The running containers, as seen from outside."""

import subprocess

import docker
import pytest
import requests

from hostlab import get
from hostlab.deployment import Deployment
from hostlab.errors import BadInput
from hostlab.runtime import state
from tests.docker.conftest import traces
from tests.programs import hostlab

pytestmark = pytest.mark.docker


@pytest.fixture
def containers(service: Deployment, engine: docker.DockerClient) -> list:
    return [engine.containers.get(one.id) for one in service.components()]


def test_not_root_and_nothing_can_be_written(containers: list) -> None:
    assert len(containers) == 2
    for container in containers:
        processes = container.top(ps_args="-eo pid,uid")["Processes"]
        assert processes and {uid for _, uid in processes} == {"10001"}
        host = container.attrs["HostConfig"]
        assert (
            host["ReadonlyRootfs"]
            and host["Init"]
            and host["CapDrop"] == ["ALL"]
            and not host["Privileged"]
        )
        assert 0 < host["Memory"] <= 2**30 and host["NanoCpus"] > 0
        assert container.exec_run("touch /app/x").exit_code != 0
        assert container.exec_run("touch /usr/local/lib/x").exit_code != 0
        assert container.exec_run("touch /tmp/x").exit_code == 0


def test_only_the_api_has_a_port_and_only_on_this_machine(containers: list) -> None:
    bound = [
        binding
        for container in containers
        for bindings in container.ports.values()
        for binding in bindings or []
    ]
    assert [binding["HostIp"] for binding in bound] == ["127.0.0.1"]


def test_components_know_their_cpu_memory_and_replica(service: Deployment) -> None:
    components = {one.name: one for one in service.components()}
    assert set(components) == {"model-service-1", "api-service-1"}
    assert all(
        one.kind == "container" and one.state == "running" and one.cpu_s > 0
        for one in components.values()
    )
    assert (
        components["model-service-1"].memory_bytes > components["api-service-1"].memory_bytes > 1e6
    )
    answer = requests.post(f"{service.url}/predict", json={"text": "fine"}, timeout=30)
    assert answer.headers["X-Replica"] == components["model-service-1"].id


def test_everything_carries_the_run_id(service: Deployment, engine: docker.DockerClient) -> None:
    run_id = service.status().run_id
    assert len(traces(engine, run_id)) == 3  # two containers and their network
    assert all(run_id in name for name in traces(engine, run_id))


def test_what_runs_is_found_without_a_file(service: Deployment) -> None:
    expected, record = service.status(), state.read("docker")
    state.forget("docker")
    try:
        found = get("docker").status()
    finally:
        state.write(record)
    assert (found.state, found.url, found.run_id) == ("running", expected.url, expected.run_id)


def test_somebody_else_starts_a_run_of_their_own_and_ends_only_that(
    service: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    ours = service.status()
    with monkeypatch.context() as patch:
        patch.setenv("HOSTLAB_HOME", str(tmp_path))
        other = get("docker")
        status = other.status()
        assert status.state == "stopped" and ours.url in status.reason
        try:
            other.start()
            assert other.url != ours.url and other.predict("side by side")
            assert hostlab("down", "--all").returncode == 0
            assert other.status().state == "stopped"
        finally:
            other.stop()
    assert service.status() == ours and service.predict("still there")


def test_logs_come_from_both(service: Deployment) -> None:
    service.predict("for the log")
    log = service.logs(5)
    assert (
        "--- model-service-1" in log and "--- api-service-1" in log and "POST /predict 200" in log
    )


def test_a_container_that_is_not_there_cannot_be_killed(service: Deployment) -> None:
    with pytest.raises(BadInput, match="model-service-1"):
        service.kill("no-such-container")


def test_the_engine_restarts_what_crashed(service: Deployment) -> None:
    name = service.kill("api-service-1")
    assert name == "api-service-1"
    service.start()  # attaches, and waits
    assert service.predict("back again")
    assert {one.name: one.restarts for one in service.components()}["api-service-1"] == 1


def test_what_docker_stopped_is_reported_and_restarted(service: Deployment) -> None:
    model = next(one for one in service.components() if one.name.startswith("model"))
    subprocess.run(["docker", "kill", model.id], check=True, capture_output=True)
    status = service.status()
    assert (
        status.state == "failed" and "model-service-1" in status.reason and "137" in status.reason
    )
    service.start()
    assert service.status().state == "running" and service.predict("back again")

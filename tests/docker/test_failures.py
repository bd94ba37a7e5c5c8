"""What cannot start says why and leaves nothing behind, even when it is interrupted."""

import os
import signal
import subprocess
import sys
import time

import docker
import pytest

from hostlab import get
from hostlab.errors import BadInput, RequestFailed, StartFailed
from hostlab.methods.docker import compose
from hostlab.methods.docker.deployment import Docker
from hostlab.methods.docker.engine import engine_errors
from hostlab.runtime import state
from hostlab.runtime.paths import ROOT
from hostlab.runtime.ports import free_port

pytestmark = pytest.mark.docker
ANY = {"label": "hosting-lab.run-id"}


def ours(client: docker.DockerClient) -> set[str]:
    return {
        one.id
        for one in (
            *client.containers.list(all=True, filters=ANY, ignore_removed=True),
            *client.networks.list(filters=ANY),
        )
    }


@pytest.fixture
def nothing_left(engine: docker.DockerClient):
    before = ours(engine)
    yield
    assert ours(engine) == before
    assert state.read("docker") is None


def test_a_service_that_cannot_start_is_reported_with_its_log(
    nothing_left: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Docker, "engines", frozenset({"torch"}))
    monkeypatch.setenv("MODEL_ENGINE", "torch")
    with pytest.raises(StartFailed) as error:
        get("docker").start()
    assert "model-service-1 ended with exit status 1" in str(error.value)
    assert "engine torch (MODEL_ENGINE)" in error.value.log_tail


def test_a_model_that_cannot_be_exported(
    nothing_left: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_ID", "/no/such/model")
    with pytest.raises(StartFailed, match="MODEL_ID names could not be exported") as error:
        get("docker").start()
    assert "MODEL_ID is '/no/such/model'" in error.value.log_tail


def test_a_folder_of_this_machine_cannot_be_built_into_an_image(
    nothing_left: None, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("MODEL_ID", str(tmp_path))
    with pytest.raises(BadInput, match="build of an image does not see"):
        get("docker").start()


def test_a_base_image_that_does_not_exist(
    nothing_left: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASE_IMAGE", "python:no-such-tag")
    with pytest.raises(StartFailed, match="python:no-such-tag"):
        compose.build(lambda sentence: None, version="never-built")


def test_too_little_memory_is_reported(nothing_left: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_MEMORY", "60M")
    with pytest.raises(
        StartFailed, match=r"model-service-1 was killed because it used more memory than its limit"
    ):
        get("docker").start()


@pytest.mark.parametrize(
    "stage", ["the images", "Starting the containers", "waiting until it is ready"]
)
def test_a_start_that_is_killed_in_the_middle_leaves_nothing(
    stage: str, engine: docker.DockerClient
) -> None:
    before = ours(engine)
    code = (
        "from hostlab import get; "
        "get('docker').start(progress=lambda sentence: print(sentence, flush=True))"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    for line in owner.stdout:
        if stage in line:
            break
    else:
        pytest.fail(f"it never reported {stage!r}")
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    deadline = time.monotonic() + 90  # of a busy machine; a quiet one takes some seconds
    while ours(engine) != before or state.read("docker"):
        assert time.monotonic() < deadline, "after 90 s something is left"
        time.sleep(0.2)
    time.sleep(2)  # what outlived the cleaning up would come now
    assert ours(engine) == before


def test_what_a_person_started_by_hand_is_shown_and_left_alone(
    engine: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    command = ["docker", "compose", "-f", str(ROOT / "deployments/docker/docker-compose.yml")]
    environment = os.environ | {"API_PORT": str(port)}
    try:
        subprocess.run(
            [*command, "up", "--detach", "--wait"], env=environment, check=True, capture_output=True
        )
        status = get("docker").status()
        assert (status.state, status.run_id, status.url) == (
            "running",
            None,
            f"http://127.0.0.1:{port}",
        )
        get("docker").start().predict("attached")
        done = subprocess.run(
            [sys.executable, "-m", "hostlab.cli", "down", "--all"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert "started by hand and keeps running" in done.stdout
        assert get("docker").status().state == "running"
        get("docker").stop()
        assert get("docker").status().state == "stopped"
    finally:
        subprocess.run([*command, "down"], env=environment, check=True, capture_output=True)
    assert not ours(engine)


def test_a_rejection_by_the_engine_is_not_taken_for_its_absence(
    engine: docker.DockerClient,
) -> None:
    with pytest.raises(RequestFailed, match="no-such-container") as error, engine_errors():
        engine.api.start("no-such-container")
    assert error.value.status == 404


def test_two_may_stop_it_at_once(engine: docker.DockerClient, nothing_left: None) -> None:
    get("docker").start()
    project = compose.project_name(get("docker").status().run_id)
    # Not stop(), whose lock lets one of them wait
    code = f"from hostlab.methods.docker import removal; removal.remove_project({project!r})"
    stopping = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(2)]
    assert [process.wait(timeout=60) for process in stopping] == [0, 0]
    get("docker").stop()


def test_a_program_that_ends_takes_its_run_with_it(
    engine: docker.DockerClient, nothing_left: None
) -> None:
    before = ours(engine)
    program = subprocess.run(
        [sys.executable, "-c", "from hostlab import get; get('docker').start()"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert program.returncode == 0 and not program.stderr, program.stderr
    assert ours(engine) == before  # at once, not only when its watchdog has noticed

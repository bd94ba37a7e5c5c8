"""How a container ended, and its last log lines, are reported even after Docker restarted it and it
has logged a lot.
"""

import time
from collections.abc import Callable, Iterator

import docker
import pytest

from hostlab import get
from hostlab.errors import StartFailed
from hostlab.methods.docker import compose
from hostlab.methods.docker.supervisor import ContainerSupervisor

pytestmark = pytest.mark.docker
PROJECT = "hosting-lab-mortal"
DIES_ALWAYS = "echo the reason; exit 3"
DIES_ONCE = (
    "if [ -e /tmp/again ]; then seq 500; exec sleep 600; fi; "
    "touch /tmp/again; echo the reason; exit 3"
)


@pytest.fixture(scope="module", autouse=True)
def image(no_other_run: None) -> None:
    compose.build(lambda sentence: None)


@pytest.fixture
def run(engine: docker.DockerClient) -> Iterator[Callable]:
    """Start a container like those of docker-compose.yml, with a line of shell for a program."""

    def start(script: str, name: str = "model-service-1") -> docker.models.containers.Container:
        return engine.containers.run(
            f"hosting-lab/api-service:{compose.VERSION}",
            ["sh", "-c", script],
            name=f"{PROJECT}-{name}",
            labels={"hosting-lab.service": "model", "com.docker.compose.project": PROJECT},
            restart_policy={"Name": "unless-stopped"},
            init=True,
            detach=True,
        )

    yield start
    ContainerSupervisor("docker").shut_down()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_runs_again_and_has_written_much(run: Callable) -> None:
    container = run(DIES_ONCE)
    wait_until(lambda: b"\n500\n" in container.logs())
    status = get("docker").status()
    assert (
        status.state == "failed"
        and "model-service-1 ended with exit status 3. Docker restarts it" in status.reason
    )
    log = get("docker").logs(5)
    assert log.splitlines() == [
        *("--- model-service-1, until it ended", "the reason"),
        *("--- model-service-1, started again", "496", "497", "498", "499", "500"),
    ]


def test_it_dies_again_and_again(run: Callable) -> None:
    container = run(DIES_ALWAYS)
    wait_until(lambda: container.reload() or container.attrs["RestartCount"] > 0)
    seen = set()
    ends_at = time.monotonic() + 5
    while time.monotonic() < ends_at:  # before, at, and after each exit
        container.reload()
        seen.add(container.status)
        assert "ended with exit status 3" in get("docker").status().reason
        assert "the reason" in get("docker").logs(2)
    assert "restarting" in seen


def test_a_watch_reports_exits_since_it_began(run: Callable) -> None:
    first = run("exit 4")
    wait_until(lambda: first.reload() or first.status == "restarting")
    first.stop()
    second = run("sleep 600", "model-service-2")
    watch = ContainerSupervisor("docker").start_watch("Waiting", 60, {second.id[:12]})
    watch(False)
    watch(True)  # the first was dead before
    second.exec_run(["sh", "-c", "kill -9 -1"], detach=True)
    wait_until(lambda: second.reload() or second.attrs["RestartCount"] > 0)
    watch(False)  # it served, so others may go on …
    with pytest.raises(StartFailed, match=r"model-service-2 ended with exit status 137"):
        watch(True)  # … but where Compose failed, this is why
    run(DIES_ALWAYS, "model-service-3")
    with pytest.raises(StartFailed, match=r"model-service-3 ended with exit status 3"):
        wait_until(lambda: watch(False))


def test_a_watch_ends_when_its_time_is_over(run: Callable) -> None:
    run("sleep 600")
    with pytest.raises(StartFailed, match="Waiting took longer than 0 s"):
        ContainerSupervisor("docker").start_watch("Waiting", 0)(False)


def test_what_dies_all_the_time_is_removed(run: Callable, engine: docker.DockerClient) -> None:
    kept, dying = run("sleep 600"), run(DIES_ALWAYS, "model-service-2")
    ContainerSupervisor("docker").remove_models_except({kept.id[:12]})
    assert [
        one.id
        for one in engine.containers.list(
            all=True, filters={"label": f"com.docker.compose.project={PROJECT}"}
        )
    ] == [kept.id]
    assert dying.id != kept.id

"""Without an engine or a client there is a sentence, no traceback, and nothing is tried."""

from pathlib import Path

import pytest

from hostlab import get
from hostlab.errors import Unavailable
from hostlab.methods.docker import tools


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/dead.sock")


def test_status_says_that_the_engine_is_down_and_how_to_go_on(tmp_path: Path) -> None:
    status = get("docker").status()
    assert status.state == "unavailable"
    assert "dead.sock" in status.reason and "DOCKER_HOST" in status.reason


def test_start_fails_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"No Docker engine answers"):
        get("docker").start()
    assert not list(tmp_path.glob("*.json"))


def test_logs_and_forget_do_without_an_engine() -> None:
    docker = get("docker")
    assert docker.logs() == ""
    docker.forget()


def test_each_tool_that_is_missing_is_named_with_its_purpose(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    client, engine, compose, buildx = tools.tools()
    assert "no program" in client.missing() and "docs.docker.com" in client.install
    assert engine.missing() is compose.missing() is buildx.missing() is None  # once is enough


@pytest.mark.parametrize(
    ("answer", "compose", "buildx"),
    [
        ("exit 1", "finds none", "finds none"),
        ("echo Docker Compose version v1.29.2", "there is only 1.29", None),
        ("echo Docker Compose version v2.26.1", None, None),
    ],
)
def test_compose_1_is_not_enough(
    answer: str,
    compose: str | None,
    buildx: str | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    program = tmp_path / "docker"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    missing = {tool.name: tool.missing() for tool in tools.tools()}
    for name, expected in (("Docker Compose v2", compose), ("Docker Buildx", buildx)):
        assert (expected in missing[name]) if expected else missing[name] is None

"""What the engine says of a container, as a component."""

import pytest

from hostlab.methods.docker import engine as docker_engine
from hostlab.methods.docker.components import started_at
from tests.unit.hostlab.methods.docker.conftest import Engine

MOMENT = "2026-11-27T09:49:40.1Z"


@pytest.mark.parametrize(
    ("running", "restarting", "started"),
    [(True, False, MOMENT), (True, True, None), (False, False, None)],
)
def test_a_container_that_waits_to_restart_does_not_run(
    running: bool, restarting: bool, started: str | None
) -> None:
    state = {"Running": running, "Restarting": restarting, "StartedAt": MOMENT}
    assert started_at({"State": state}) == started


def test_a_container_that_is_gone_does_not_run() -> None:
    assert started_at(None) is None


def test_the_version_is_known_after_the_tag_has_moved_to_a_newer_build(engine: Engine) -> None:
    engine.run("abc", "owner", 20001)
    assert {one.version for one in docker_engine.containers()} == {"1.0"}

"""What the engine says of a container, as a component."""

import pytest

from hostlab.methods.docker.components import started_at

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

"""What Kubernetes says of a pod."""

import pytest

from hostlab.methods.kubernetes.pods import running_since

RUNNING = {"running": {"startedAt": "2026-11-27T09:49:40Z"}}
WAITING = {"waiting": {"reason": "CrashLoopBackOff"}}


@pytest.mark.parametrize(
    ("status", "since"),
    [
        ({"containerStatuses": [{"state": RUNNING}]}, ["2026-11-27T09:49:40Z"]),
        ({"containerStatuses": [{"state": WAITING}]}, []),
        ({"containerStatuses": [{"state": {"terminated": {"exitCode": 137}}}]}, []),
        ({}, []),
    ],
)
def test_a_container_that_waits_to_restart_does_not_run(
    status: dict[str, object], since: list[str]
) -> None:
    assert running_since({"metadata": {"name": "a"}, "status": status}) == since

"""What `docker compose` printed before it failed, as a reason."""

import pytest

from hostlab.errors import StartFailed, Unavailable
from hostlab.methods.docker import output


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("write /var/lib/docker/tmp/x: no space left on device", "disk is full"),
        ("Bind for 127.0.0.1:5000 failed: port is already allocated", "API_PORT"),
        ("ERROR: docker.io/library/python:0-none: not found", "name and tag"),
        ("ERROR: No matching distribution found for torch==9.9.9+cpu", "download.pytorch.org"),
        ("ERROR: No matching distribution found for fastapi", "connection"),
        (
            (
                'ERROR: process "/bin/sh -c python -m deployments.model.export no/model /export" '
                "did not complete successfully: exit code: 3"
            ),
            "could not be exported",
        ),
        ("Range of CPUs is from 0.01 to 1.00, as there are only 1 CPUs available", "MODEL_CPUS"),
        ("something unforeseen", "The following lines say why"),
    ],
)
def test_failures_say_why_and_show_the_last_lines(line: str, says: str) -> None:
    error = output.compose_error(
        "Building the images", [*(f"line {number}" for number in range(50)), line]
    )
    assert isinstance(error, StartFailed)
    assert says in str(error) and line in error.log_tail
    assert "line 30\n" not in error.log_tail


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            (
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker "
                "daemon running?"
            ),
            "No Docker engine answers",
        ),
        (
            (
                "permission denied while trying to connect to the Docker daemon socket at "
                "unix:///var/run/docker.sock"
            ),
            "usermod -aG docker",
        ),
    ],
)
def test_an_engine_that_is_gone_is_no_failed_build(
    line: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    error = output.compose_error("Starting the containers", [line])
    assert isinstance(error, Unavailable) and says in str(error)


@pytest.mark.parametrize(
    "line",
    [
        "dial tcp: lookup registry-1.docker.io: no such host",
        "the Hub could not provide such a model: [Errno -2] Name or service not known",
    ],
)
def test_offline(line: str) -> None:
    assert output.is_offline(output.compose_error("Building", [line]))


def test_a_mistake_is_not_offline() -> None:
    assert not output.is_offline(
        output.compose_error("Building", ["Dockerfile:12: unknown instruction: RUNN"])
    )

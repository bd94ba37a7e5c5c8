"""Each check of lesson 03, given solutions that are right, missing, and wrong.

The containers run, or Docker is missing.
"""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from hostlab import get
from hostlab.methods.docker import engine
from hostlab.methods.docker.deployment import Docker
from notebooks.lessons.check_docker import (
    check_find_out,
    check_healthcheck,
    check_options,
    check_survives,
)
from notebooks.lessons.check_scaling import check_scale_until
from notebooks.lessons.docker_containers import API_IMAGE, ready_models, temporary_container
from tests.notebooks.conftest import raising, unsolved

METHOD = "docker"


def asks(path: str, port: int = 5001) -> dict[str, Any]:
    return {
        "test": (
            f"python -c \"import urllib.request as r; r.urlopen('http://127.0.0.1:{port}{path}')\""
        )
    }


PROBE = (
    'python -c \'import http.client as h; c = h.HTTPConnection("localhost", 5001, timeout=1); '
    'c.request("GET", "/ready"); exit(c.getresponse().status != 200)\''
)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("healthcheck", "expected", "hint"),
    [
        (asks("/ready"), "[OK]", "not before its program was ready"),
        (
            {"test": ["CMD-SHELL", PROBE], "interval": "1m", "timeout": "1500ms", "retries": 2},
            "[OK]",
            "not before its program was ready",
        ),
        (asks("/ready") | {"interval": "3h"}, "[FAIL]", "Docker notices after 32,400 s"),
        (asks("/ready") | {"timeout": "1ms"}, "[FAIL]", "still doesn't report it as healthy"),
        ({"test": ["CMD", "python", "healthcheck.py"]}, "[FAIL]", "the image's own"),
        (None, "[--]", "healthcheck"),
        ("/ready", "[FAIL]", "which is not a dictionary"),
        ({"test": ["CMD", "true"], "interval": "often"}, "[FAIL]", "Compose does not accept it"),
        ({"interval": "3s"}, "[FAIL]", "no command"),
        (
            {"test": ["CMD", "curl", "-f", "http://127.0.0.1:5001/ready"]},
            "[FAIL]",
            "executable file not found",
        ),
        (asks("/ready", port=5000), "[FAIL]", "Connection refused"),
        (asks("/reddy"), "[FAIL]", "404"),
        (asks("/health"), "[FAIL]", "while its program was still not ready"),
        ({"test": ["CMD", "true"]}, "[FAIL]", "while its program was still not ready"),
        ({"test": ["CMD", "sleep", "3"]}, "[FAIL]", "while its program was still not ready"),
    ],
)
def test_check_healthcheck(
    healthcheck: Any, expected: str, hint: str, service: Docker, verdict: Callable
) -> None:
    output = verdict(check_healthcheck, healthcheck, service)
    assert output.startswith(expected) and hint in output, output


def does_not_wait(service: Docker) -> None:
    command = (
        "up",
        "--detach",
        "--no-build",
        "--no-deps",
        "--no-recreate",
        "--scale",
        "model-service=2",
        "model-service",
    )
    service.supervisor.project().run(*command, doing="Scaling", progress=lambda sentence: None)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("prepare", "expected", "hint"),
    [
        (lambda service: service.scale(2), "[OK]", "2 model containers shared"),
        (unsolved, "[--]", "only one model container"),
        (raising, "[FAIL]", "ZeroDivisionError"),
        (does_not_wait, "[FAIL]", "when prepare() returned"),
    ],
)
def test_check_survives(
    prepare: Callable, expected: str, hint: str, service: Docker, verdict: Callable
) -> None:
    output = verdict(check_survives, prepare, service)
    assert output.startswith(expected) and hint in output, output


def reads_the_settings(container: str) -> tuple[bool, bool]:
    """Believe what was requested, as many solutions do at first."""
    details = engine.inspect(container)
    return details["Config"]["User"] in ("0", "root", ""), not details["HostConfig"][
        "ReadonlyRootfs"
    ]


def inspects(container: str, file: str = "/app/written", tidy: bool = True) -> tuple[bool, bool]:
    def done(*command: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["docker", "exec", container, *command], capture_output=True, text=True
        )

    can_write = done("touch", file).returncode == 0
    if can_write and tidy:
        done("rm", file)
    return done("id", "-u").stdout.strip() == "0", can_write


@pytest.mark.docker
@pytest.mark.parametrize(
    ("find_out", "expected", "hint"),
    [
        (inspects, "[OK]", "all 5 containers"),
        (lambda container: list(inspects(container)), "[OK]", "all 5 containers"),
        (reads_the_settings, "[FAIL]", "as root with a read-only file system: you say is_root"),
        (
            lambda container: (inspects(container)[0], reads_the_settings(container)[1]),
            "[FAIL]",
            "whose file system is not read-only: you say can_write is True",
        ),
        (unsolved, "[--]", "find_out()"),
        (raising, "[FAIL]", "ZeroDivisionError"),
        (lambda container: "no", "[FAIL]", "two Boolean values"),
        (
            lambda container: (False, False),
            "[FAIL]",
            "as root and can write: you say is_root is False",
        ),
        (
            lambda container: inspects(container, "/tmp/written"),
            "[FAIL]",
            "The running API container: you say can_write is True",
        ),
        (
            lambda container: (inspects(container)[0],) * 2,
            "[FAIL]",
            "with a read-only file system: you say can_write is True",
        ),
        (
            lambda container: inspects(container, tidy=False),
            "[FAIL]",
            "you left something in /app: written",
        ),
    ],
)
def test_check_find_out(
    find_out: Callable, expected: str, hint: str, service: Docker, verdict: Callable
) -> None:
    output = verdict(check_find_out, find_out, service)
    assert output.startswith(expected) and hint in output, output


@pytest.mark.docker
@pytest.mark.parametrize(
    ("options", "expected", "hint"),
    [
        (
            ["--network", "NETWORK", "--env", "MODEL_URL=http://model-service:5001"],
            "[OK]",
            "POSITIVE",
        ),
        (("--network=NETWORK", "-eMODEL_URL=http://model-service:5001/"), "[OK]", "POSITIVE"),
        (
            ["--network", "NETWORK", "--env", "MODEL_URL=http://PROJECT-model-service-1:5001"],
            "[FAIL]",
            "the name of one container",
        ),
        (
            ["--network", "host", "--env", "MODEL_URL=http://localhost:5001"],
            "[FAIL]",
            "Docker ignores --publish",
        ),
        (["--network NETWORK"], "[FAIL]", "not ['--name value']"),
        (None, "[--]", "options"),
        ("--network host", "[FAIL]", "a list of strings"),
        (["--netwrok", "NETWORK"], "[FAIL]", "does not accept these options"),
        (["--network", "no-such-network"], "[FAIL]", "does not accept these options"),
        ([], "[FAIL]", "Its MODEL_URL is not set"),
        (["--env", "MODEL_URL=model"], "[FAIL]", "Its last log lines: MODEL_URL is 'model'"),
        (["--env", "MODEL_URL=http://model-service:5001"], "[FAIL]", "its networks: bridge"),
        (
            ["--network", "NETWORK", "--env", "MODEL_URL=http://ADDRESS:5001"],
            "[FAIL]",
            "the next one gets a different address",
        ),
    ],
)
def test_check_options(
    options: Any, expected: str, hint: str, service: Docker, verdict: Callable
) -> None:
    if isinstance(options, list | tuple):
        project = service.supervisor.project().name
        network = f"{project}_default"
        [model] = {one.id for one in ready_models(service)[:1]}
        address = engine.inspect(model)["NetworkSettings"]["Networks"][network]["IPAddress"]
        names = {"NETWORK": network, "ADDRESS": address, "PROJECT": project}
        for name, value in names.items():
            options = type(options)(one.replace(name, value) for one in options)
    output = verdict(check_options, options, service)
    assert output.startswith(expected) and hint in output, output


@pytest.mark.docker
def test_a_temporary_container_is_removed(service: Docker) -> None:
    filters = {"label": f"{engine.PROJECT}={service.supervisor.project().name}"}
    with temporary_container(service, API_IMAGE, ["sleep", "600"]) as id_:
        assert id_ in [one["Id"] for one in engine.api().containers(filters=filters)]
    assert id_ not in [one["Id"] for one in engine.api().containers(all=True, filters=filters)]


@pytest.mark.parametrize(
    "check", [check_healthcheck, check_survives, check_scale_until, check_find_out, check_options]
)
def test_without_docker_a_check_tries_nothing(
    check: Callable, verdict: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Docker, "missing_tools", lambda self: "There is no program `docker`.")
    assert verdict(check, raising, get("docker")).startswith("[--] This exercise needs Docker")

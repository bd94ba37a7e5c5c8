"""The programs that a student runs and copies need nothing of the rest of the project."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from hostlab.runtime.paths import COURSE, ROOT
from hostlab.runtime.ports import free_port

TIME_LIMIT_S = 120

# Python imports this module at its start, before the program
SITECUSTOMIZE = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("hostlab", "demo", "benchmarks", "lessons", "notebooks"):
            raise ImportError(f"{name} is blocked in this test")

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which the other packages of the project cannot be imported."""
    (tmp_path / "sitecustomize.py").write_text(SITECUSTOMIZE)
    unwanted = ("OPENAI_", "API_", "PROVIDER_", "HOSTLAB_", "MODEL_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return clean | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "DRAIN_S": "0"}


@contextlib.contextmanager
def running(program: Path, log: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a program by hand, and stop it at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, program.name],
            cwd=program.parent,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()
        process.wait(TIME_LIMIT_S)


def wait_for_health(url: str, log: Path, has_model: bool) -> dict[str, object]:
    """Return what /health says, for a program that loads the model once it is loaded."""
    deadline = time.monotonic() + TIME_LIMIT_S
    while True:
        with contextlib.suppress(requests.ConnectionError):
            response = requests.get(f"{url}/health", timeout=10)
            assert response.status_code == 200, response.text
            health: dict[str, object] = response.json()
            if not has_model or health["model"] != "unknown":
                return health
        assert "blocked" not in log.read_text(), log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.mark.parametrize("package", ["hostlab", "demo"])
def test_the_environment_has_only_the_course_material(
    environment: dict[str, str], package: str
) -> None:
    for name, works in ((package, False), ("deployments.services.application", True)):
        done = subprocess.run(
            [sys.executable, "-c", f"import {name}"],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert (done.returncode == 0) is works, done.stderr


@pytest.mark.parametrize(
    ("program", "has_model"),
    [
        ("in_process/service.py", True),
        ("separate_process/model_service.py", True),
        ("separate_process/api_service.py", False),
        ("api/api_service.py", False),
        ("api/stand_in/provider.py", True),
    ],
)
def test_program_starts_without_the_tool(
    program: str, has_model: bool, tmp_path: Path, environment: dict[str, str]
) -> None:
    port, log = free_port(), tmp_path / "program.log"
    with running(COURSE / program, log, environment | {"PORT": str(port)}):
        health = wait_for_health(f"http://127.0.0.1:{port}", log, has_model)
        assert health["status"] == "alive"

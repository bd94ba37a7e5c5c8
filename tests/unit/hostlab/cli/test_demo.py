"""`hostlab demo` runs the demo as a program, and exits as it does."""

import os
import socket
import subprocess
import sys

import pytest

from hostlab.runtime.paths import ROOT


def hostlab_demo(*options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("HOSTLAB_DEMO_PASSWORD", None)
    return subprocess.run(
        [sys.executable, "-m", "hostlab.cli", "demo", *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_wrong_use_is_exit_status_2() -> None:
    done = hostlab_demo("--host", "0.0.0.0")
    assert done.returncode == 2
    assert "HOSTLAB_DEMO_PASSWORD" in done.stderr and "Traceback" not in done.stderr


def test_failure_is_exit_status_1() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = hostlab_demo("--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["/", str(ROOT)])
def test_the_demo_is_found_from_any_folder(folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hostlab.cli", "demo", "--port", "70000"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1 and "cannot be used" in done.stderr

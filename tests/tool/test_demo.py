"""`hostlab demo` runs the demo as a program, and exits as it does."""

import socket

import pytest

from hostlab.runtime.paths import ROOT
from tests.programs import hostlab


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOSTLAB_DEMO_PASSWORD", raising=False)


def test_wrong_use_is_exit_status_2() -> None:
    done = hostlab("demo", "--host", "0.0.0.0", timeout_s=120)
    assert done.returncode == 2
    assert "HOSTLAB_DEMO_PASSWORD" in done.stderr and "Traceback" not in done.stderr


def test_a_root_path_reaches_the_demo() -> None:
    done = hostlab("demo", "--root-path", "nowhere", timeout_s=120)
    assert done.returncode == 2
    assert "--root-path nowhere is neither" in done.stderr and "Traceback" not in done.stderr


def test_failure_is_exit_status_1() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = hostlab("demo", "--port", str(port), timeout_s=120)
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["/", str(ROOT)])
def test_the_demo_is_found_from_any_folder(folder: str) -> None:
    done = hostlab("demo", "--port", "70000", timeout_s=120, cwd=folder)
    assert done.returncode == 1 and "cannot be used" in done.stderr

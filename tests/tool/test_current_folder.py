"""Programs that we start do not import what lies in the current folder.

Students keep files there that are called as modules of Python are.
"""

import os
import subprocess
from pathlib import Path

import pytest

from hostlab.measure.load.isolated import IsolatedLoad
from hostlab.measure.load.null_server import null_server
from hostlab.methods.kubernetes import port_forward
from hostlab.runtime.paths import ROOT, python_module, python_path
from hostlab.runtime.ports import free_port

PROGRAMS = {
    # Each returns at once, because no run has that ID.
    "watchdog": python_module("hostlab.watchdog", "in-process", "no-run", "1", "a start"),
    "port-forward": port_forward.program("no-context", "no-run", free_port()),
}


@pytest.fixture(autouse=True)
def folder_of_a_student(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("random", "queue", "json", "requests", "tempfile"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the file of a student')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_helper_runs_in_a_folder_with_a_random_py(program: str) -> None:
    environment = os.environ | {"PYTHONPATH": python_path()}
    done = subprocess.run(PROGRAMS[program], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_load_runs_in_a_folder_with_a_random_py() -> None:
    with null_server() as url, IsolatedLoad(url, "closed", 1):
        pass


def test_modules_are_started_in_one_way() -> None:
    folders = ("hostlab", "deployments", "demo", "notebooks")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    found = [file for file in files if 'executable, "-m"' in file.read_text(encoding="utf-8")]
    assert found == []

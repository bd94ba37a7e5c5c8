"""Each notebook is a test: it runs in a home of its own, and what it leaves running is a failure.

A solved notebook (solutions/) also has to get [OK] from every check.
"""

import os
import shutil
import tempfile
import time

import psutil
import pytest

from tests.conftest import require

TOOLS = {"03_docker": "docker", "04_kubernetes": "kubernetes"}  # where HOSTLAB_REQUIRE names it, a lesson that goes without it is a failure
GRACE_S = 30.0  # the kernel's own end, and the watchdog's, on a busy machine

_home = pytest.StashKey[str]()
_before = pytest.StashKey[dict[str, str | None]]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    tool = TOOLS.get(item.path.stem)
    if tool in os.environ.get("HOSTLAB_REQUIRE", "").split(","):
        require(tool)
    item.stash[_home] = tempfile.mkdtemp(prefix="hostlab-notebook-")
    solved = item.path.parent.name == "solutions"
    settings = {"HOSTLAB_HOME": item.stash[_home], "HOSTLAB_LESSON_CHECKS": "strict" if solved else "lenient"}
    item.stash[_before] = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    for name, value in item.stash[_before].items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    left = _left_running(item.stash[_home])
    for process in left:
        process.kill()
    shutil.rmtree(item.stash[_home], ignore_errors=True)
    assert not left, f"{item.path.name} left running: {', '.join(map(str, left))}"


def _left_running(home: str) -> list[psutil.Process]:
    """Return the processes that were started with this home and are still there after a grace."""
    deadline = time.monotonic() + GRACE_S
    while (left := [process for process in psutil.process_iter() if _home_of(process) == home]) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


def _home_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("HOSTLAB_HOME")
    except psutil.Error:
        return None

"""Each notebook is a test: it runs in a home of its own, and what it leaves running is a failure.

A solved notebook (solutions/) also has to get [OK] from every check. At the end stands how long
each took, beside what it states.
"""

import contextlib
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from hostlab.errors import HostingLabError
from tests.conftest import require

# where HOSTLAB_REQUIRE names the tool, a lesson that goes without it is a failure
TOOLS = {"03_docker": "docker", "04_kubernetes": "kubernetes", "06_compare": "kubernetes"}
# what is told to end may take so long on a busy machine: the kernel, the watchdog that stops its
# pods, the pods
GRACE_S = 120.0
STATED = {
    "a quarter of a minute": 0.25,
    "one minute": 1,
    "one and a half minutes": 1.5,
    "two minutes": 2,
    "two and a half minutes": 2.5,
}

_home = pytest.StashKey[str]()
_before = pytest.StashKey[dict[str, str | None]]()
_made = pytest.StashKey[set[str]]()
_took_s: dict[str, float] = {}


def pytest_runtest_setup(item: pytest.Item) -> None:
    tool = TOOLS.get(item.path.stem)
    if tool in os.environ.get("HOSTLAB_REQUIRE", "").split(","):
        require(tool)
    item.stash[_home] = tempfile.mkdtemp(prefix="hostlab-notebook-")
    solved = item.path.parent.name == "solutions"
    settings = {
        "HOSTLAB_HOME": item.stash[_home],
        "HOSTLAB_LESSON_CHECKS": "strict" if solved else "lenient",
    }
    item.stash[_before] = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    item.stash[_made] = made()


def pytest_runtest_teardown(item: pytest.Item) -> None:
    for name, value in item.stash[_before].items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    left = left_behind(item.stash[_home], item.stash[_made])
    shutil.rmtree(item.stash[_home], ignore_errors=True)
    assert not left, f"{item.path.name} left behind: {', '.join(left)}"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.nodeid.partition("::")[0].endswith(".ipynb"):
        _took_s[report.nodeid.partition("::")[0]] = report.duration


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how long the notebooks took.

    It is no failure to take longer: machines differ, and others may be at work.
    """
    if _took_s:
        terminalreporter.section("notebooks: minutes stated and measured")
    for name, took_s in _took_s.items():
        stated = stated_minutes(config.rootpath / name)
        within = (
            "" if stated / 2 <= took_s / 60 <= 2 * stated else "   more than a factor of two apart"
        )
        terminalreporter.write_line(
            f"{name:45} stated {stated:3.1f}   measured {took_s / 60:4.1f}{within}"
        )


def stated_minutes(path: Path) -> float:
    """Return the minutes of execution that a notebook states in its opening."""
    words = re.search(
        r"All cells together run for about ([a-z ]+)[.,;]",
        nbformat.read(path, as_version=4).cells[0].source,
    )
    return STATED[words[1]]


def left_behind(home: str, made_before: set[str]) -> list[str]:
    """Return what was started with this home and is still there after a grace: processes, which are
    killed, state files, containers, networks, pods.

    An engine and a cluster show what other terminals start, too: they are asked only where the
    tests are alone, as in CI.
    """
    running = []
    for process in _left_running(home):
        with contextlib.suppress(psutil.Error):  # it has ended after all
            running.append(f"{process.pid} {' '.join(process.cmdline())}")
            process.kill()
    alone, deadline = bool(os.environ.get("HOSTLAB_REQUIRE")), time.monotonic() + GRACE_S
    while (
        left := [file.name for file in Path(home).glob("*.json")]
        + sorted(made() - made_before if alone else ())
    ) and time.monotonic() < deadline:
        time.sleep(0.5)
    return running + left


def made() -> set[str]:
    """Return the names of all containers, networks and pods of ours, whoever started them; none
    where there is nobody to ask.
    """
    from hostlab.methods.docker import engine
    from hostlab.methods.kubernetes import cluster
    from hostlab.methods.kubernetes.objects import ClusterObjects

    found = set()
    try:
        found |= {f"container {one.project} {one.name}" for one in engine.containers()}
        with engine.engine_errors():
            found |= {
                f"network {one['Name']}"
                for one in engine.api().networks(filters={"label": engine.RUN_ID})
            }
    except HostingLabError:
        pass
    try:
        view = ClusterObjects.of(cluster.choose().kubectl)
        found |= {f"pod {one['metadata']['name']}" for one in view.pods} | {
            f"deployment {name}" for name in view.deployments
        }
    except HostingLabError:
        pass
    return found


def _left_running(home: str) -> list[psutil.Process]:
    """Return the processes that were started with this home and are still there after a grace."""
    deadline = time.monotonic() + GRACE_S
    while (
        left := [process for process in psutil.process_iter() if _home_of(process) == home]
    ) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


def _home_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("HOSTLAB_HOME")
    except psutil.Error:
        return None

"""Each notebook is a test: it runs in a home of its own, and fails if it leaves something running.

A solved notebook (solutions/) runs with the student's version of each exercise in front of the
solution (both_versions.py), so one run tests both. The summary compares how long each notebook took
with the time that it states.
"""

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Set
from pathlib import Path

import nbformat
import psutil
import pytest

from hostlab.errors import HostingLabError
from hostlab.methods.docker import engine
from hostlab.methods.kubernetes import cluster
from hostlab.methods.kubernetes.objects import ClusterObjects
from hostlab.runtime.language import SETTING as LANGUAGE
from hostlab.runtime.language import language_of
from notebooks.both_versions import SETTING, both_versions
from tests import needs
from tests.conftest import require

# If HOSTLAB_REQUIRE names the tool, a lesson that runs without it fails.
TOOLS = {"03_docker": "docker", "04_kubernetes": "kubernetes", "06_compare": "kubernetes"}
# How long a kernel, its watchdog, and the pods that the watchdog stops may take to exit on a busy
# machine.
GRACE_S = 120.0
MINUTES = (0.25, 1, 1.5, 2, 2.5, 6)  # 6: two rush hours of the autoscaler, which looks every 15 s
STATED = {
    "en": (
        r"All cells together run for about ([a-z ]+)[.,;]",
        "a quarter of a minute|one minute|one and a half minutes|"
        "two minutes|two and a half minutes|six minutes",
    ),
    "ru": (
        r"Все ячейки вместе выполняются примерно за ([а-яё ]+)[.,;]",
        "четверть минуты|одну минуту|полторы минуты|две минуты|две с половиной минуты|шесть минут",
    ),
}

_home = pytest.StashKey[str]()
_before = pytest.StashKey[dict[str, str | None]]()
_resources = pytest.StashKey[set[str]]()
_took_s: dict[str, float] = {}


def pytest_runtest_setup(item: pytest.Item) -> None:
    tool = TOOLS.get(item.path.stem)
    if needs.needs(item.nodeid) and tool in os.environ.get("HOSTLAB_REQUIRE", "").split(","):
        require(tool)
    item.stash[_home] = tempfile.mkdtemp(prefix="hostlab-notebook-")
    item.stash[_before] = {
        name: os.environ.get(name) for name in ("HOSTLAB_HOME", SETTING, LANGUAGE)
    }
    os.environ["HOSTLAB_HOME"] = item.stash[_home]
    os.environ.pop(SETTING, None)  # the notebook sets it
    os.environ[LANGUAGE] = language_of(item.path)  # for the copy below, which runs elsewhere
    if item.path.parent.name == "solutions":
        to_run = Path(item.stash[_home]) / item.path.name
        nbformat.write(both_versions(nbformat.read(item.path, as_version=4)), to_run)
        item.filename = str(to_run)
    item.stash[_resources] = resources(needs.needs(item.nodeid))


def pytest_runtest_teardown(item: pytest.Item) -> None:
    for name, value in item.stash[_before].items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    needed = needs.needs(item.nodeid)
    left = left_behind(item.stash[_home], item.stash[_resources], needed)
    shutil.rmtree(item.stash[_home], ignore_errors=True)
    assert not left, f"{item.path.name} left behind: {', '.join(left)}"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.nodeid.partition("::")[0].endswith(".ipynb"):
        _took_s[report.nodeid.partition("::")[0]] = report.duration


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how long the notebooks took.

    Taking longer is not a failure, because machines differ and may do other work.
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
    sentence, words = STATED[language_of(path)]
    stated = re.search(sentence, nbformat.read(path, as_version=4).cells[0].source)
    return dict(zip(words.split("|"), MINUTES, strict=True))[stated[1]]


def left_behind(home: str, before: set[str], needed: Set[str]) -> list[str]:
    """Return what was started with this home and still exists after a grace period.

    These are processes, which are killed, state files, and, of the `needed` tools, containers,
    networks, and pods. The engine and the cluster also show what other terminals start, so they
    count only where nothing else runs, as in CI.
    """
    running = []
    for process in _left_running(home):
        with contextlib.suppress(psutil.Error):  # it has exited in the meantime
            running.append(f"{process.pid} {' '.join(process.cmdline())}")
            process.kill()
    alone, deadline = bool(os.environ.get("HOSTLAB_REQUIRE")), time.monotonic() + GRACE_S
    while (
        left := [file.name for file in Path(home).glob("*.json")]
        + sorted(resources(needed) - before if alone else ())
    ) and time.monotonic() < deadline:
        time.sleep(0.5)
    return running + left


def resources(needed: Set[str]) -> set[str]:
    """Return the names of all containers, networks, and pods of the project, of the `needed` tools.

    Returns none for an engine or a cluster that does not respond.
    """
    found = set()
    with contextlib.suppress(HostingLabError):
        if needs.ENGINE in needed:
            found |= {f"container {one.project} {one.name}" for one in engine.containers()}
            with engine.engine_errors():
                networks = engine.api().networks(filters={"label": engine.RUN_ID})
            found |= {f"network {one['Name']}" for one in networks}
    with contextlib.suppress(HostingLabError):
        if needs.CLUSTER in needed:
            view = ClusterObjects.of(cluster.choose().kubectl)
            found |= {f"pod {one['metadata']['name']}" for one in view.pods}
            found |= {f"deployment {name}" for name in view.deployments}
    return found


def _left_running(home: str) -> list[psutil.Process]:
    """Return the processes that were started with this home, still running after a grace period."""
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

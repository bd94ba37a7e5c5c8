"""What every test and every notebook gets: a home of its own, and no settings from outside.

A test file that leaves something running fails. This file is at the top because pytest collects
notebooks from notebooks/, too.

Tests may run in two processes at the same time (`make test`). Those that need Docker, Kubernetes,
or a browser all run in one of them, one after the other, because there is one engine and one
cluster, and because Chromium drops its requests when a container changes the network. All other
tests see neither engine nor cluster. Of two runs on the same machine, one waits for the other
before its first test that needs a tool.
"""

import getpass
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from hostlab import METHODS, get
from hostlab.runtime import state
from tests.programs import NO_TOOLS

# Where the tests are that need a tool, by the beginning or a part of their IDs
_FOLDERS_WITH_TOOLS = ("tests/docker/", "tests/kubernetes/")
_WITH_TOOLS = (
    "tests/browser/test_behind_nginx.py",
    "tests/browser/test_compare.py",
    "tests/browser/test_demo.py",
    "tests/browser/test_dialogue.py",
    "tests/browser/test_first_minute.py",
    "tests/browser/test_five_methods.py",
    "tests/browser/test_load.py",
    "tests/browser/test_many_tabs.py",
    "tests/browser/test_table_and_report.py",
    "tests/browser/test_way.py",
    "tests/api/test_container.py",
    "tests/notebooks/test_check_scaling.py",
    "tests/notebooks/test_checks_docker.py",
    "tests/notebooks/test_checks_kubernetes.py",
    "test_nothing_stays_when_the_kernel_of_a_lesson_is_killed",
    "03_docker.ipynb",
    "04_kubernetes.ipynb",
    "06_compare.ipynb",
)
_TOOLS = ("docker", "kubernetes", "browser")

# Settings of the user's shell that a test must not see.
_FOREIGN = (
    "OPENAI_",
    "PROVIDER_",
    "MODEL_",
    "API_",
    "HOSTLAB_RUN_ID",
    "HOSTLAB_METHOD",
    "UPSTREAM_TIMEOUT_S",
    "QUEUE_LIMIT",
    "DRAIN_S",
    "SHUTDOWN_S",
)
_FOREIGN_EXACT = ("VERSION", "PORT", "HOST")
_OURS = (
    "service.py",
    "provider.py",
    "hostlab",
    "-m demo",
    "port-forward",
)


def pytest_configure(config: pytest.Config) -> None:
    for name in [
        name for name in os.environ if name.startswith(_FOREIGN) or name in _FOREIGN_EXACT
    ]:
        del os.environ[name]
    config.hostlab_home = tempfile.mkdtemp(prefix="hosting-lab-tests-")
    os.environ["HOSTLAB_HOME"] = config.hostlab_home
    config.hostlab_tools = FileLock(
        Path(tempfile.gettempdir()) / f"hosting-lab-tools-of-{getpass.getuser()}.lock"
    )
    config.hostlab_before = {name: get(name).status().run_id for name in METHODS}


def pytest_unconfigure(config: pytest.Config) -> None:
    config.hostlab_tools.release()
    shutil.rmtree(config.hostlab_home, ignore_errors=True)


def _needs_tool(test_id: str) -> bool:
    """Return whether a test needs an engine, a cluster, or a browser."""
    if test_id.startswith("tests/contract/"):
        return any(f"[{tool}" in test_id or f"-{tool}" in test_id for tool in _TOOLS)
    return test_id.startswith(_FOLDERS_WITH_TOOLS) or any(one in test_id for one in _WITH_TOOLS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fail if the list above misses a test that is marked as one that needs a tool."""
    for item in items:
        marked = any(item.get_closest_marker(tool) for tool in _TOOLS)
        assert _needs_tool(item.nodeid) or not marked, f"Add {item.nodeid} to _WITH_TOOLS."


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give one process all tests that need a tool, and the other tests file by file to either.

    xdist's own groups (`--dist loadgroup`) do not work with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ToolsInOneProcess(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tools" if _needs_tool(nodeid) else nodeid.partition("::")[0]

    return ToolsInOneProcess(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before the timeout of a test begins
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Hide the engine and the cluster from a test that does not say that it needs them."""
    with pytest.MonkeyPatch.context() as patch:
        if not _needs_tool(item.nodeid):
            for name, value in NO_TOOLS.items():
                patch.setenv(name, value)
        elif not item.config.hostlab_tools.is_locked:
            item.config.hostlab_tools.acquire()  # kept until this process ends
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Fail the last test of a file where something that the file started still runs."""
    result = yield
    if nextitem is None or nextitem.path != item.path:
        deadline = time.monotonic() + 15  # a watchdog takes a few seconds
        while (left := _left(item.config)) and time.monotonic() < deadline:
            time.sleep(0.5)
        if left:
            pytest.fail(
                f"{item.path.name} left something running: {'; '.join(left)}", pytrace=False
            )
    return result


def _left(config: pytest.Config) -> list[str]:
    return [*_processes(config.hostlab_home), *_runs(config.hostlab_before)]


def _processes(home: str) -> Iterator[str]:
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.environ().get("HOSTLAB_HOME") != home:
                continue
            command = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if any(name in command for name in _OURS):
            yield f"process {process.pid}: {command}"


def _runs(before: dict[str, str | None]) -> Iterator[str]:
    # The engine and the cluster also show what other terminals started. Where nothing else runs
    # (CI), every run counts.
    alone = bool(os.environ.get("HOSTLAB_REQUIRE"))
    for name in METHODS:
        run_id = get(name).status().run_id
        if run_id and run_id != before[name] and (alone or state.read(name)):
            yield f"{name}, run {run_id}"

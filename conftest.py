"""What every test and every notebook gets: a home of its own, and no settings from outside.

A test file that leaves something running fails. This file is at the top because pytest collects
notebooks from notebooks/, too.

Tests may run in two processes at the same time (`make test`). Those that need Docker, Kubernetes,
or a browser all run in one of them, one after the other, because there is one engine and one
cluster, and because Chromium drops its requests when a container changes the network. All other
tests see neither engine nor cluster.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator

import psutil
import pytest

from hostlab import METHODS, get
from hostlab.runtime import state
from tests.programs import NO_TOOLS

_TOOLS = ("docker", "kubernetes", "browser", "available_tools")
_LESSONS_WITH_TOOLS = ("03_docker", "04_kubernetes", "06_compare")
_needs_tool = pytest.StashKey[bool]()

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
    config.hostlab_before = {name: get(name).status().run_id for name in METHODS}


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.hostlab_home, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.stash[_needs_tool] = _uses_tool(item)
        group = "tools" if item.stash[_needs_tool] else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


def _uses_tool(item: pytest.Item) -> bool:
    """Return whether a test needs a tool, by its marks, its parameters, or its file."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return (
        any(item.get_closest_marker(tool) for tool in _TOOLS)
        or any(one in _TOOLS for one in parameters if isinstance(one, str))
        or getattr(getattr(item, "module", None), "METHOD", None) in _TOOLS
        or item.path.stem in _LESSONS_WITH_TOOLS
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Hide the engine and the cluster from a test that does not say that it needs them."""
    with pytest.MonkeyPatch.context() as patch:
        if not item.stash[_needs_tool]:
            for name, value in NO_TOOLS.items():
                patch.setenv(name, value)
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

"""What every test and every notebook gets: a home of its own, and no settings from outside.

A test file that leaves something running fails. This file is at the top because pytest collects
notebooks from notebooks/, too.

Tests may run in several processes at the same time (`make test`). Those that need Docker run one
after the other, because there is one engine. So do those that need the cluster. A test sees only
the tools that it needs. Of two runs on the same machine, one waits while the other uses a tool.
"""

import getpass
import os
import random
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
from tests import needs
from tests.programs import NO_CLUSTER, NO_ENGINE

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
_FOREIGN_EXACT = ("VERSION", "PORT", "HOST", "HOSTLAB_LANGUAGE")
_OURS = (
    "service.py",
    "provider.py",
    "hostlab",
    "-m demo",
    "port-forward",
    "prometheus",
)


def pytest_configure(config: pytest.Config) -> None:
    for name in [
        name for name in os.environ if name.startswith(_FOREIGN) or name in _FOREIGN_EXACT
    ]:
        del os.environ[name]
    # What a test itself sends to a service does not go through the user's proxy. Programs that we
    # start have to see to that themselves (tests/tool/test_proxies.py).
    without = [os.environ.pop(name, "") for name in ("no_proxy", "NO_PROXY")]
    os.environ["no_proxy"] = ",".join(filter(None, [*without, "localhost", "127.0.0.1", "::1"]))
    # Set in the first process, and inherited by those that it starts
    os.environ.setdefault("HOSTLAB_FUZZ_SEED", str(random.SystemRandom().getrandbits(32)))
    config.hostlab_home = tempfile.mkdtemp(prefix="hosting-lab-tests-")
    os.environ["HOSTLAB_HOME"] = config.hostlab_home
    config.hostlab_locks = {
        tool: FileLock(
            Path(tempfile.gettempdir()) / f"hosting-lab-{tool}-of-{getpass.getuser()}.lock"
        )
        for tool in sorted(needs.BOTH)
    }
    config.hostlab_before = {name: get(name).status().run_id for name in METHODS}


def pytest_report_header() -> str:
    return (
        f"HOSTLAB_FUZZ_SEED={os.environ['HOSTLAB_FUZZ_SEED']} repeats this run's generated requests"
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    _release(config)
    shutil.rmtree(config.hostlab_home, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests, and fail if tests/needs.py misses one that is marked as needing a tool."""
    for item in items:
        missing = needs.unlisted(item.nodeid, {mark.name for mark in item.iter_markers()})
        assert not missing, f"Add {item.nodeid} to tests/needs.py: it needs {missing}."
    files = dict.fromkeys(item.nodeid.partition("::")[0] for item in items)
    place = {file: number for number, file in enumerate(needs.mixed(list(files)))}
    items.sort(
        key=lambda item: (
            needs.order(item.nodeid),
            0 if needs.needs(item.nodeid) else place[item.nodeid.partition("::")[0]],
        )
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep tests that need the same tool in one process; give out the others file by file.

    xdist's own groups (`--dist loadgroup`) do not work with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneProcessForEachTool(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return needs.scope(nodeid)

    config.option.loadscopereorder = False  # the order is that of `needs.order`
    return OneProcessForEachTool(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before the timeout of a test begins
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Hide the engine and the cluster from a test that does not say that it needs them.

    A test with the cluster sees the engine, which builds the images.
    """
    needed = needs.needs(item.nodeid)
    with pytest.MonkeyPatch.context() as patch:
        hidden = ({} if needed else NO_ENGINE) | ({} if needs.CLUSTER in needed else NO_CLUSTER)
        for name, value in hidden.items():
            patch.setenv(name, value)
        for tool in sorted(needed):  # always in the same order, so that no two wait for each other
            if not item.config.hostlab_locks[tool].is_locked:
                item.config.hostlab_locks[tool].acquire()
        result = yield
        if _is_last_of_its_file(item, nextitem):
            _release(item.config)
        return result


def _is_last_of_its_file(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    return nextitem is None or nextitem.path != item.path


def _release(config: pytest.Config) -> None:
    for lock in config.hostlab_locks.values():
        lock.release()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Fail the last test of a file where something that the file started still runs.

    What the file wrote to its home (reports, a score, logs) is removed: the next one finds nothing.
    """
    result = yield
    if _is_last_of_its_file(item, nextitem):
        deadline = time.monotonic() + 15  # a watchdog takes a few seconds
        while (left := _left(item)) and time.monotonic() < deadline:
            time.sleep(0.5)
        if left:
            pytest.fail(
                f"{item.path.name} left something running: {'; '.join(left)}", pytrace=False
            )
        for folder in filter(Path.is_dir, Path(item.config.hostlab_home).iterdir()):
            shutil.rmtree(folder, ignore_errors=True)
    return result


def _left(item: pytest.Item) -> list[str]:
    found = list(_processes(item.config.hostlab_home))
    # Another process of this run may be using the tools that this test does not need.
    hidden = {
        method for method, tool in needs.TOOL_OF.items() if tool not in needs.needs(item.nodeid)
    }
    return found + list(_runs(item.config.hostlab_before, hidden))


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


def _runs(before: dict[str, str | None], hidden: set[str]) -> Iterator[str]:
    # The engine and the cluster also show what other terminals started. Where nothing else runs
    # (CI), every run counts.
    alone = bool(os.environ.get("HOSTLAB_REQUIRE"))
    for name in METHODS.keys() - hidden:
        run_id = get(name).status().run_id
        if run_id and run_id != before[name] and (alone or state.read(name)):
            yield f"{name}, run {run_id}"

"""What holds for every test and every notebook: a home of their own, no settings from outside, and nothing left running.

It lies at the top because it holds for notebooks too, which pytest collects from notebooks/.
"""

import os
import shutil
import tempfile
import time

import psutil
import pytest

from hostlab import METHODS, get
from hostlab.runtime import state

# what a user's shell may hold and a test must not see
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
    "hostlab.watchdog",
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


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last test of each file, nothing that it started may be left."""
    result = yield
    if nextitem is None or nextitem.path != item.path:
        deadline = time.monotonic() + 15  # a watchdog needs its seconds
        while (left := _left(item.config)) and time.monotonic() < deadline:
            time.sleep(0.5)
        if left:
            pytest.fail(
                f"{item.path.name} has left something running: {'; '.join(left)}", pytrace=False
            )
    return result


def _left(config: pytest.Config) -> list[str]:
    left = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and process.environ().get("HOSTLAB_HOME") == config.hostlab_home
            ):
                command = " ".join(process.cmdline())
                left += (
                    [f"process {process.pid}: {command}"]
                    if any(name in command for name in _OURS)
                    else []
                )
        except psutil.Error:
            continue
    # the engine and the cluster show what other terminals started too; where tests are alone (CI), nothing may be left at all
    alone = bool(os.environ.get("HOSTLAB_REQUIRE"))
    for name in METHODS:
        status = get(name).status()
        if (
            status.run_id
            and status.run_id != config.hostlab_before[name]
            and (alone or state.read(name))
        ):
            left.append(f"{name}, run {status.run_id}")
    return left

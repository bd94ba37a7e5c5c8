"""A process is the same one when the system's clock has been set, and another one after a reboot.

A step of the clock is imitated by a copy of /proc whose boot time is a second later: on Linux, that
is all that a step changes for other programs.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from hostlab import get, watchdog
from hostlab.runtime import process_id, state
from hostlab.runtime.process_id import ProcessId

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc")


@pytest.fixture
def step_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that moves the system's clock by seconds, for what psutil reads."""

    def step(seconds: int) -> None:
        proc = tmp_path / f"proc{seconds}"
        proc.mkdir()
        for entry in Path("/proc").iterdir():
            (proc / entry.name).symlink_to(entry)
        (proc / "stat").unlink()
        lines = Path("/proc/stat").read_text().splitlines()
        moved = [
            f"btime {int(line.split()[1]) + seconds}" if line.startswith("btime") else line
            for line in lines
        ]
        (proc / "stat").write_text("\n".join(moved))
        before = psutil.Process().create_time()
        monkeypatch.setattr(psutil, "PROCFS_PATH", str(proc))
        assert psutil.Process().create_time() == pytest.approx(before + seconds)

    return step


@linux
@pytest.mark.parametrize("seconds", [1, -1, 3600])
def test_a_step_of_the_clock_leaves_a_process_the_same(
    seconds: int, step_clock: Callable[[int], None]
) -> None:
    before = ProcessId.of(os.getpid())
    step_clock(seconds)
    assert before.process() == psutil.Process()
    assert ProcessId.of(os.getpid()) == before


@linux
def test_status_and_down_find_a_run_after_a_step_of_the_clock(
    step_clock: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "home"))
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        process = state.ProcessRecord("service", "both", [], {}, "", ProcessId.of(sleeper.pid))
        record = state.Record("in-process", "a-run", "running", "http://x", processes=[process])
        state.write(record)
        step_clock(1)
        status = get("in-process").status()
        assert (status.state, status.run_id) == ("running", "a-run")
        get("in-process").stop()
        assert sleeper.poll() is not None
    finally:
        sleeper.kill()
        sleeper.wait()


@linux
def test_the_watchdog_leaves_the_run_of_a_living_owner_after_a_step_of_the_clock(
    step_clock: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(watchdog, "POLL_S", 0.01)
    owner = ProcessId.of(os.getpid())
    state.write(state.Record("in-process", "a-run", "running", owner=owner))
    step_clock(1)
    watching = threading.Thread(target=watchdog.watch, args=("in-process", "a-run", owner))
    watching.start()
    watching.join(0.1)
    assert watching.is_alive() and state.read("in-process")
    state.forget("in-process")  # the run is over
    watching.join(5)
    assert not watching.is_alive()


def test_an_id_that_was_used_again_is_another_process() -> None:
    assert ProcessId(os.getpid(), "an earlier start").process() is None


@linux
def test_the_same_ticks_after_a_reboot_are_another_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = ProcessId.of(os.getpid())
    boot_id = tmp_path / "boot_id"
    boot_id.write_text("another boot\n")
    monkeypatch.setattr(process_id, "_BOOT_ID", boot_id)
    assert before.process() is None


def test_a_process_that_ended_is_none_even_before_it_is_reaped() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    identity = ProcessId.of(child.pid)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert identity.process() is None
    child.wait()
    assert identity.process() is None

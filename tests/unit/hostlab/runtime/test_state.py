"""A state folder that cannot be used is a sentence with what to do, and nothing is left running.

A full disk is imitated by /dev/full, and a folder that cannot be created by /sys, where not even
root can.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from hostlab import METHODS, get, registry
from hostlab.cli import console, start_and_predict
from hostlab.doctor import checks, classroom
from hostlab.doctor.verdicts import FAIL
from hostlab.errors import HostingLabError, StateUnusable
from hostlab.runtime import state
from hostlab.runtime.process_id import ProcessId
from hostlab.runtime.processes import ProcessSupervisor, Program

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /sys and /dev/full of Linux")


@pytest.fixture(params=["a file is there", "below a file", "/sys", "no home"])
def unusable(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    places = {"a file is there": "file", "below a file": "file/home"}
    if request.param == "no home":
        monkeypatch.delenv("HOSTLAB_HOME")
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as for a user without one
    elif request.param == "/sys":
        monkeypatch.setenv("HOSTLAB_HOME", "/sys/hosting-lab")
    else:
        monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / places[request.param]))


@linux
@pytest.mark.parametrize(
    "use",
    [
        state.home,
        state.require_writable,
        lambda: state.read("in-process"),
        lambda: state.write(state.Record("in-process", "a-run")),
        lambda: state.forget("in-process"),
        lambda: state.new_log("in-process", "service"),
        lambda: state.lock("in-process").__enter__(),
        lambda: get("in-process").start(),
        lambda: get("in-process").stop(),
        lambda: get("in-process").logs(),
        lambda: start_and_predict.up(["in-process"]),
        console.all_running,
    ],
)
def test_every_use_says_so_and_what_to_do(unusable: None, use: Callable[[], object]) -> None:
    with pytest.raises(StateUnusable, match="HOSTLAB_HOME"):
        use()


@linux
def test_doctor_and_status_name_it(unusable: None) -> None:
    [folder] = [check for check in checks.checks() if check.subject == "state folder"]
    assert folder.verdict == FAIL and "HOSTLAB_HOME" in folder.sentence
    assert classroom.class_line()[0] == FAIL
    rows = registry.statuses()
    assert [row.method for row in rows] == list(METHODS)
    assert "HOSTLAB_HOME" in str(rows[0].reason)


@linux
def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    (tmp_path / "in-process.new").symlink_to("/dev/full")
    before = state.Record("in-process", "an-earlier-run")
    with pytest.raises(StateUnusable, match="No space left on device"):
        state.write(before)
    with pytest.raises(StateUnusable):
        get("in-process").start()
    assert list(tmp_path.glob("*.json")) == []


@linux
@pytest.mark.parametrize("action", ["launch", "recover"])
def test_a_process_that_cannot_be_recorded_is_ended(
    action: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    program = tmp_path / "program.py"
    program.write_text("import time\ntime.sleep(60)\n")
    supervisor, before = ProcessSupervisor("in-process"), set(psutil.Process().children())
    record = state.Record("in-process", "a-run")
    if action == "recover":
        log = str(state.new_log("in-process", "program"))
        command = [sys.executable, str(program)]
        record.processes = [state.ProcessRecord("program", "both", command, {}, log)]
        state.write(record)
    (tmp_path / "in-process.new").symlink_to("/dev/full")
    with pytest.raises(StateUnusable):
        if action == "launch":
            supervisor.launch([Program("program", "both", program, 1)], record)
        else:
            supervisor.recover()
    left = set(psutil.Process().children()) - before
    assert [one for one in left if one.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("content", ['{"method": "in-pro', "[]", "null", '{"processes": [1]}', ""])
def test_a_file_that_is_no_record_is_removed(
    content: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    (tmp_path / "in-process.json").write_text(content)
    assert state.read("in-process") is None
    assert list(tmp_path.glob("*.json")) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: get("docker").scale(2),
        lambda: get("docker").update("1.1"),
        lambda: get("kubernetes").scale(2),
        lambda: get("kubernetes").update("1.1"),
        lambda: get("kubernetes").rollback(),
    ],
    ids=["docker scale", "docker update", "scale", "update", "rollback"],
)
def test_a_change_waits_for_a_start_or_a_stop(
    change: Callable[[], None],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    ended: list[Exception] = []

    def run() -> None:
        try:
            change()
        except HostingLabError as error:
            ended.append(error)  # nothing runs here that could be changed

    method = "docker" if "docker" in request.node.callspec.id else "kubernetes"
    changing = threading.Thread(target=run)
    with state.lock(method):
        changing.start()
        changing.join(0.3)
        assert changing.is_alive() and not ended
    changing.join(10)
    assert ended


def test_a_start_does_not_attach_to_a_run_whose_owner_is_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its watchdog is about to stop that run, half a second later."""
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    monkeypatch.setenv("MODEL_ENGINE", "no-such-engine")  # so that a new start ends at once
    owner = subprocess.Popen([sys.executable, "-c", ""])
    gone = ProcessId.of(owner.pid)
    owner.wait()
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        one = state.ProcessRecord("service", "both", [], {}, "", ProcessId.of(orphan.pid))
        record = state.Record("in-process", "a-run", "running", "http://x", time.time(), gone)
        record.processes = [one]
        state.write(record)
        assert get("in-process").status().state == "running"
        with pytest.raises(HostingLabError, match="no-such-engine"):
            get("in-process").start()
        assert orphan.poll() is not None
    finally:
        orphan.kill()
        orphan.wait()

"""Whoever starts a run owns it; every other program sees it; nothing is left behind.

Real processes, a real model.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from hostlab import StartFailed, get
from hostlab.runtime import state
from hostlab.runtime.paths import ROOT
from hostlab.runtime.process_id import ProcessId
from tests import programs
from tests.programs import NO_TOOLS

PYTHON_PATH = {"PYTHONPATH": str(ROOT)}


@pytest.fixture(autouse=True)
def stopped():
    yield
    for method in ("in-process", "separate-process"):
        get(method).stop()


def hostlab(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return programs.hostlab(*arguments, timeout_s=120, **(NO_TOOLS | environment))


def python(code: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | PYTHON_PATH,
        stdout=subprocess.PIPE,
        text=True,
    )


def services() -> list[psutil.Process]:
    """The service processes of this test's home."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("HOSTLAB_HOME") == os.environ["HOSTLAB_HOME"]
            found += (
                [process]
                if ours and any("service.py" in part for part in process.cmdline())
                else []
            )
        except psutil.Error:
            continue
    return found


def test_up_predict_down_and_nothing_is_left() -> None:
    assert hostlab("up", "in-process", "separate-process").returncode == 0
    done = hostlab("predict", "An utterly charming film.", "--json")
    one, other = json.loads(done.stdout)
    assert one["label"] == other["label"] == "POSITIVE"
    assert one["score"] == pytest.approx(other["score"], abs=1e-5)
    for answer in (one, other):
        assert sum(answer["timing_ms"].values()) == pytest.approx(answer["latency_ms"], abs=0.01)
    ports = [
        int(get(method).url.rsplit(":", 1)[1]) for method in ("in-process", "separate-process")
    ]
    assert len(services()) == 3
    assert hostlab("down", "--all").returncode == 0
    assert services() == []
    listening = {
        connection.laddr.port
        for connection in psutil.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert not listening & set(ports)


def test_up_twice_is_one_service_and_attaching_is_not_owning() -> None:
    assert hostlab("up", "in-process").returncode == 0
    first = get("in-process").status()
    again = hostlab("up", "in-process")
    assert "runs already" in again.stdout
    attached = python("from hostlab import get; print(get('in-process').start().status().run_id)")
    assert attached.communicate(timeout=120)[0].strip() == first.run_id
    time.sleep(1.5)  # a watchdog that thought it owned the run would have ended it by now
    assert get("in-process").status() == first


def test_two_terminals_at_once_start_one_service() -> None:
    done = []
    threads = [
        threading.Thread(target=lambda: done.append(hostlab("up", "in-process"))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    assert len(services()) == 1


def test_another_program_sees_it_starting() -> None:
    owner = python("from hostlab import get; get('in-process').start(); input()")
    seen = set()
    deadline = time.monotonic() + 60
    while "running" not in seen and time.monotonic() < deadline:
        seen.add(get("in-process").status().state)
    owner.kill()
    owner.wait()
    assert {"starting", "running"} <= seen


@pytest.mark.parametrize("when", ["running", "starting"])
def test_killing_the_owner_leaves_no_orphan(when: str) -> None:
    owner = python(
        "from hostlab import get; get('separate-process').start(); print('up', flush=True); input()"
    )
    if when == "running":
        assert owner.stdout.readline() == "up\n"
    else:
        deadline = time.monotonic() + 30
        while len(services()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    assert len(services()) == 2
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    gone = time.monotonic() + 5
    while time.monotonic() < gone:
        if not services() and get("separate-process").status().state == "stopped":
            break
        time.sleep(0.1)
    assert services() == []
    assert get("separate-process").status().state == "stopped"


def test_a_service_ends_with_the_python_that_started_it() -> None:
    owner = python("from hostlab import get; get('in-process').start()")
    assert owner.wait(timeout=120) == 0
    assert services() == []


def test_a_service_whose_only_process_died_has_failed_until_it_is_restarted_or_stopped() -> None:
    get("in-process").start()
    get("in-process").kill()
    status = get("in-process").status()
    assert status.state == "failed" and "service died" in str(status.reason)
    get("in-process").start()
    assert get("in-process").status().state == "running"
    get("in-process").kill()
    get("in-process").stop()
    assert get("in-process").status().state == "stopped"


def test_the_state_file_of_an_earlier_day_is_removed() -> None:
    get("in-process").start()
    get("in-process").kill()
    record = state.read("in-process")
    record.owner, record.since = None, psutil.boot_time() - 60
    state.write(record)
    assert get("in-process").status().state == "stopped"
    assert state.read("in-process") is None


def test_a_recycled_process_id_is_not_mistaken_for_ours() -> None:
    get("in-process").start()
    record = state.read("in-process")
    stranger = ProcessId(os.getpid(), "another start")
    state.write(
        state.Record(
            "in-process",
            "old-run",
            "running",
            record.url,
            processes=[state.ProcessRecord("service", "both", [], {}, "", stranger)],
        )
    )
    assert get("in-process").status().state == "failed"
    for service in services():
        service.kill()
    get("in-process").stop()


def test_an_unreadable_state_file_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    (tmp_path / "in-process.json").write_text('{"method": "in-pro')
    assert get("in-process").status().state == "stopped"


def test_a_failed_start_explains_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_ID", str(tmp_path))
    with pytest.raises(StartFailed) as failed:
        get("separate-process").start()
    assert "MODEL_ID" in str(failed.value) and "The last log lines" in str(failed.value)
    assert services() == []
    assert state.read("separate-process") is None


def test_stop_is_idempotent() -> None:
    get("in-process").stop()
    get("in-process").start()
    get("in-process").stop()
    get("in-process").stop()
    assert services() == []


def test_wrong_use_is_exit_status_2_and_failure_is_1() -> None:
    assert hostlab("up", "no-such-method").returncode == 2
    assert hostlab("up").returncode == 2
    assert hostlab("no-such-command").returncode == 2
    nothing_runs = hostlab("predict", "text")
    assert nothing_runs.returncode == 1 and "hostlab up" in nothing_runs.stderr
    broken = hostlab("up", "in-process", MODEL_ID="no/such-model", HF_HUB_OFFLINE="1")
    assert (
        broken.returncode == 1 and "MODEL_ID" in broken.stderr and "Traceback" not in broken.stderr
    )


def test_status_json_lists_all_methods() -> None:
    methods = json.loads(hostlab("status", "--json").stdout)
    assert [one["method"] for one in methods] == [
        "in-process",
        "separate-process",
        "docker",
        "kubernetes",
        "api",
    ]
    names = {"method", "state", "url", "since", "run_id", "engine", "reason"}
    names |= {"autoscaler", "components"}
    assert set(methods[0]) == names

"""An engine or a cluster that breaks has a row that says so, and every other method works.

The engine is a small server that answers as a broken or a foreign one does.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hostlab import METHODS, get, lab, registry
from hostlab.cli import stop
from hostlab.doctor import checks, classroom
from hostlab.doctor.verdicts import MISSING
from hostlab.measure.comparison import predict_in_turn
from hostlab.runtime import state
from hostlab.runtime.process_id import ProcessId
from hostlab.runtime.progress import silent

VERSION = b'{"ApiVersion": "1.43"}'
# The status and the body for each of the two requests that a status makes
ANSWERS = {
    "403 of a policy": ((403, b'{"message": "denied by policy"}'), None),
    "500 at once": ((500, b'{"message": "server error"}'), None),
    "a web page": ((200, b"<html>Welcome</html>"), None),
    "another API": ((200, b'{"Hello": "World"}'), None),
    "403 for containers": ((200, VERSION), (403, b'{"message": "denied by policy"}')),
    "500 for containers": ((200, VERSION), (500, b"no JSON")),
    "containers without labels": ((200, VERSION), (200, b"[{}]")),
    "null": ((200, VERSION), (200, b"null")),
    "half an answer": ((200, VERSION), (200, b'[{"Id": ')),
}


@pytest.fixture
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    version, containers = request.param

    class Engine(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = version if "/version" in self.path or not containers else containers
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "home"))


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that the state file names as the one of in-process."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    one = state.ProcessRecord("service", "both", [], {}, "", ProcessId.of(process.pid))
    state.write(state.Record("in-process", "a-run", "running", "http://x", processes=[one]))
    yield process
    process.kill()
    process.wait()


each_answer = pytest.mark.parametrize("engine", ANSWERS.values(), ids=ANSWERS, indirect=True)


@each_answer
def test_its_row_says_why_and_the_others_are_whole(engine: None, sleeper: object) -> None:
    rows = {row.method: row for row in registry.statuses()}
    assert list(rows) == list(METHODS)
    assert rows["docker"].state == "unavailable" and rows["docker"].reason
    assert rows["in-process"].state == "running" and rows["api"].state == "stopped"
    assert get("docker").missing_tools() is None or "engine" in str(get("docker").missing_tools())


@each_answer
def test_the_teachers_line_and_the_lab_go_on(engine: None) -> None:
    verdict, line = classroom.class_line()
    assert verdict == MISSING and "03 needs docker" in line and "lessons 00-02" in line
    lab.prepare(silent)


@each_answer
def test_predictions_of_the_others_are_shown(engine: None, sleeper: object) -> None:
    docker, running = predict_in_turn([get("docker"), get("in-process")], ["a text"])
    assert "docker cannot be used now." in str(docker.error)
    assert running.method == "in-process" and "docker" not in str(running.error)


@each_answer
def test_all_others_are_stopped(
    engine: None, sleeper: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    state.write(state.Record("docker", "a-run", "running"))
    with pytest.raises(SystemExit) as end:
        stop.down(all_=True)
    assert end.value.code == 1
    assert "docker: What runs of it cannot be stopped now." in capsys.readouterr().err
    assert sleeper.poll() is not None and state.read("in-process") is None


def test_a_method_whose_packages_are_missing_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = registry.Method("docker", "Docker services", "no_such_module:Docker")
    monkeypatch.setitem(registry.METHODS, "docker", broken)
    rows = {row.method: row for row in registry.statuses()}
    assert "make setup" in str(rows["docker"].reason) and rows["api"].state == "stopped"


def test_the_doctor_goes_on_after_a_check_that_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> checks.Check:
        raise KeyError("odd")

    monkeypatch.setitem(checks._CHECKS, "memory", breaks)
    found = {check.subject: check for check in checks.checks()}
    assert found["memory"].verdict == MISSING and "KeyError" in found["memory"].summary
    assert set(METHODS) <= set(found)


@pytest.mark.skipif(os.name == "nt", reason="a file of another format is run differently there")
def test_the_doctor_names_a_program_that_cannot_be_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("docker", "kubectl"):
        (tmp_path / name).write_bytes(b"\x7fELF of another machine")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {check.subject: check for check in checks.checks()}
    for subject in ("Docker engine", "local cluster"):
        assert found[subject].verdict == MISSING and "cannot be run" in found[subject].summary

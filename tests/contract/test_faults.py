"""What a client gets when something is full, dead, late or stopping, and how the service recovers. Real processes throughout."""

import http.server
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests

from hostlab import get
from hostlab.deployment import Deployment
from hostlab.measure.load.closed_loop import ClosedLoop
from hostlab.runtime import state
from hostlab.runtime.paths import ROOT
from hostlab.runtime.ports import free_port
from tests.contract.test_contract import assert_problem

PROCESS_METHODS = ("in-process", "separate-process")


def ask(url: str, text: object = "good") -> requests.Response:
    return requests.post(f"{url}/predict", json={"text": text}, timeout=30)


def process_of(service: Deployment, name: str) -> psutil.Process:
    [part] = [part for part in service.components() if part.name == name]
    return psutil.Process(int(part.id))


@pytest.mark.parametrize("method", PROCESS_METHODS)
def test_full_queue_refuses_at_once_and_serves_the_rest(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUE_LIMIT", "64")
    with get(method).start() as service, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(service.url, ["many words " * 40] * 64), range(8)))
        served = [answer for answer in answers if answer.status_code == 200]
        refused = [answer for answer in answers if answer.status_code != 200]
        assert served and refused
        for answer in refused:
            assert "queue" in assert_problem(answer, 503)["title"]
            assert int(answer.headers["Retry-After"]) >= 1
        assert ask(service.url).status_code == 200


def test_dead_model_is_told_and_the_gateway_recovers_by_itself() -> None:
    with get("separate-process").start() as service:
        with ClosedLoop(service.url, users=4) as load:
            time.sleep(1)
            killed_at = time.perf_counter() - load._began
            service.kill()
            deadline = time.monotonic() + 2
            while service.status().state != "failed" and time.monotonic() < deadline:
                time.sleep(0.05)
            assert service.status().state == "failed"
            assert "model_service died" in service.status().reason
            answer = ask(service.url)
            assert_problem(answer, 502)
            assert answer.headers["Retry-After"] == "1"
            assert requests.get(f"{service.url}/ready", timeout=30).status_code == 502
            assert requests.get(f"{service.url}/health", timeout=30).status_code == 200
            time.sleep(0.5)
            gateway = process_of(service, "api_service")
            service.start()  # brings the model back, where it was
            assert process_of(service, "api_service") == gateway, (
                "the gateway itself was not touched"
            )
            recovered_at = time.perf_counter() - load._began
            answered, deadline = len(load.outcomes), time.monotonic() + 60
            while len(load.outcomes) < answered + 40 and time.monotonic() < deadline:
                time.sleep(0.05)
        between = [one for one in load.lost if killed_at + 1 < one.sent_s < recovered_at - 1]
        assert between and all(one.status in (502, 503) for one in between), {
            one.status for one in between
        }
        answered_ms = sorted(one.latency_ms for one in between)
        assert answered_ms[len(answered_ms) // 2] < 1000, (
            "a dead model is told at once, not after a time-out"
        )
        after = [one for one in load.outcomes if one.sent_s > recovered_at + 0.2]
        assert after and all(one.status == 200 for one in after)


def test_late_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_TIMEOUT_S", "0.5")
    with get("separate-process").start() as service:
        model = process_of(service, "model_service")
        model.suspend()
        try:
            answer = ask(service.url)
            assert "0.5 s" in assert_problem(answer, 504)["detail"]
            assert answer.headers["Retry-After"]
        finally:
            model.resume()
        deadline = time.monotonic() + 20
        while ask(service.url).status_code != 200:
            assert time.monotonic() < deadline, "the gateway did not recover"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"not json"),
        (200, b'{"label": 1}'),
        (200, b"[]"),
        (200, b'[{"label": "A", "score": 7}]'),
        (500, b"oops"),
        (404, b'{"title": "a", "detail": "b"}'),
    ],
    ids=["not json", "no list", "too few", "no probability", "500", "404"],
)
def test_upstream_that_talks_nonsense(status: int, body: bytes) -> None:
    class Nonsense(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Nonsense)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with by_hand(
        "separate_process/api_service.py",
        MODEL_URL=f"http://127.0.0.1:{server.server_port}/predict",
    ) as url:
        assert_problem(ask(url), 502)
    server.shutdown()
    server.server_close()


def test_name_that_leads_nowhere() -> None:
    with by_hand(
        "separate_process/api_service.py", MODEL_URL="http://no-such-host.invalid:5001"
    ) as url:
        assert "MODEL_URL" in assert_problem(ask(url), 502)["detail"]


@pytest.mark.parametrize("program", ["in_process/service.py", "separate_process/model_service.py"])
def test_sigterm_drains_and_answers_what_is_in_flight(program: str) -> None:
    with by_hand(program, DRAIN_S="6") as url, ThreadPoolExecutor(4) as pool:
        until_ready(url)
        process = by_hand.process
        in_flight = [pool.submit(ask, url, ["many words " * 60] * 32) for _ in range(4)]
        while waiting(url) == 0:  # one is in the model, and others wait
            assert not all(future.done() for future in in_flight)
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 4  # of the 6 s that it drains
        while requests.get(f"{url}/ready", timeout=30).status_code != 503:
            assert time.monotonic() < deadline, "not ready at once"
        assert requests.get(f"{url}/ready", timeout=30).json()["title"] == "Draining"
        late = ask(url)
        assert late.status_code == 200, "who comes while it drains is still served"
        assert late.headers["Connection"] == "close"
        assert [future.result().status_code for future in in_flight] == [200] * 4
        assert process.wait(timeout=40) == 0


def test_by_hand_as_in_the_lecture() -> None:
    """`python model_service.py & python api_service.py`, without any setting: ports 5001 and 5000."""
    for port in (5000, 5001):
        if any(
            connection.laddr.port == port and connection.status == psutil.CONN_LISTEN
            for connection in psutil.net_connections()
        ):
            pytest.skip(f"port {port} is taken on this machine")
    with (
        by_hand("separate_process/model_service.py", PORT=None),
        by_hand("separate_process/api_service.py", PORT=None),
    ):
        until_ready("http://localhost:5000")
        command = [
            "curl",
            "-s",
            "-X",
            "POST",
            "localhost:5000/predict",
            "-H",
            "content-type: application/json",
            "-d",
            '{"text": "a lovely film"}',
        ]
        assert json.loads(subprocess.check_output(command))[0]["label"] == "POSITIVE"
        assert requests.get("http://localhost:5001/health", timeout=30).json()["run_id"] is None
    with by_hand("in_process/service.py", PORT=None):
        until_ready("http://localhost:5000")
        assert json.loads(subprocess.check_output(command))[0]["label"] == "POSITIVE"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"PORT": "eighty"}, "PORT"),
        ({"QUEUE_LIMIT": "1"}, "QUEUE_LIMIT"),
        ({"MODEL_ID": "no/such-model"}, "MODEL_ID"),
        ({"MODEL_THREADS": "0"}, "MODEL_THREADS"),
    ],
)
def test_a_bad_setting_ends_the_program_with_a_sentence(
    settings: dict[str, str], says: str
) -> None:
    environment = (
        os.environ
        | {"PORT": str(free_port()), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
        | settings
    )
    done = subprocess.run(
        [sys.executable, str(ROOT / "deployments/in_process/service.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def waiting(url: str) -> float:
    """The number of texts in the queue."""
    return float(
        re.search(
            r"^hostlab_queued_texts ([\d.]+)",
            requests.get(f"{url}/metrics", timeout=30).text,
            re.MULTILINE,
        )[1]
    )


def until_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if requests.get(f"{url}/ready", timeout=30).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        assert time.monotonic() < deadline, f"{url} is not ready"
        time.sleep(0.1)


class by_hand:
    """A program started as a student starts it, in its own folder, on a free port unless PORT is None."""

    process: subprocess.Popen

    def __init__(self, program: str, **settings: str | None) -> None:
        self.path = ROOT / "deployments" / program
        self.port = free_port()
        chosen = {"PORT": str(self.port), "PYTHONPATH": str(ROOT)} | settings
        self.environment = os.environ | {
            name: value for name, value in chosen.items() if value is not None
        }

    def __enter__(self) -> str:
        log = open(Path(state.home()) / "by-hand.log", "ab")
        self.process = by_hand.process = subprocess.Popen(
            [sys.executable, self.path.name],
            cwd=self.path.parent,
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        log.close()
        url = f"http://127.0.0.1:{self.port}"
        deadline = time.monotonic() + 60
        while (
            "PORT" in self.environment
            and self.process.poll() is None
            and time.monotonic() < deadline
        ):
            try:
                requests.get(f"{url}/health", timeout=30)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        return url

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

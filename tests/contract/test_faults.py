"""What a client gets when something is full, dead, late, or stopping, and how the service recovers.

All tests use real processes.
"""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests

from hostlab import get
from hostlab.deployment import Deployment
from hostlab.measure.load.generator import ClosedLoad
from hostlab.runtime.paths import ROOT
from hostlab.runtime.ports import free_port
from tests.contract.cases import assert_problem
from tests.contract.programs import ByHand, queued_texts, wait_until_ready

PROCESS_METHODS = ("in-process", "separate-process")


def ask(url: str, text: object = "good") -> requests.Response:
    return requests.post(f"{url}/predict", json={"text": text}, timeout=30)


def process_of(service: Deployment, name: str) -> psutil.Process:
    [component] = [one for one in service.components() if one.name == name]
    return psutil.Process(int(component.id))


@pytest.mark.parametrize("method", PROCESS_METHODS)
def test_a_full_queue_rejects_at_once_and_serves_the_rest(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUE_LIMIT", "64")
    with get(method).start() as service, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(service.url, ["many words " * 40] * 64), range(8)))
        served = [response for response in answers if response.status_code == 200]
        rejected = [response for response in answers if response.status_code != 200]
        assert served and rejected
        for response in rejected:
            assert "queue" in assert_problem(response, 503)["title"]
            assert int(response.headers["Retry-After"]) >= 1
        assert ask(service.url).status_code == 200


def test_a_dead_model_is_reported_and_the_gateway_recovers_by_itself() -> None:
    with get("separate-process").start() as service:
        with ClosedLoad(service.url, users=4, timeout_s=30) as load:
            time.sleep(1)
            service.kill()
            deadline = time.monotonic() + 2
            while service.status().state != "failed" and time.monotonic() < deadline:
                time.sleep(0.05)
            assert service.status().state == "failed"
            assert "model_service died" in service.status().reason
            dead_at = load.elapsed_s
            response = ask(service.url)
            assert_problem(response, 502)
            assert response.headers["Retry-After"] == "1"
            assert requests.get(f"{service.url}/ready", timeout=30).status_code == 502
            assert requests.get(f"{service.url}/health", timeout=30).status_code == 200
            while load.elapsed_s < dead_at + 1.5:
                time.sleep(0.05)
            gateway = process_of(service, "api_service")
            started_at = load.elapsed_s
            service.start()  # restarts the model on the same port
            assert process_of(service, "api_service") == gateway, "the gateway was not restarted"
            recovered_at = load.elapsed_s
            deadline = time.monotonic() + 60
            while load.elapsed_s < recovered_at + 0.2 and time.monotonic() < deadline:
                time.sleep(0.05)
            answered = len(load.samples)
            while len(load.samples) < answered + 40 and time.monotonic() < deadline:
                time.sleep(0.05)
        between = [one for one in load.lost if dead_at < one.due_s < started_at]
        assert between and all(one.status in (502, 503) for one in between), {
            one.status for one in between
        }
        answered_ms = sorted(one.latency_ms for one in between)
        assert answered_ms[len(answered_ms) // 2] < 1000, (
            "a dead model is reported at once, not after a timeout"
        )
        after = [one for one in load.samples if one.due_s > recovered_at + 0.2]
        assert after and all(one.status == 200 for one in after)


def test_late_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_TIMEOUT_S", "0.5")
    with get("separate-process").start() as service:
        model = process_of(service, "model_service")
        model.suspend()
        try:
            response = ask(service.url)
            assert "0.5 s" in assert_problem(response, 504)["detail"]
            assert response.headers["Retry-After"]
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
        (200, b'[{"label": "A", "score": NaN}]'),
        (500, b"oops"),
        (404, b'{"title": "a", "detail": "b"}'),
    ],
    ids=["not json", "no list", "too few", "no number", "500", "404"],
)
def test_a_malformed_upstream_response_is_a_502(status: int, body: bytes) -> None:
    class MalformedResponse(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), MalformedResponse)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with ByHand(
        "separate_process/api_service.py",
        MODEL_URL=f"http://127.0.0.1:{server.server_port}/predict",
    ) as url:
        assert_problem(ask(url), 502)
    server.shutdown()
    server.server_close()


def test_a_host_name_that_does_not_resolve() -> None:
    with ByHand(
        "separate_process/api_service.py", MODEL_URL="http://no-such-host.invalid:5001"
    ) as url:
        assert "MODEL_URL" in assert_problem(ask(url), 502)["detail"]


@pytest.mark.parametrize("program", ["in_process/service.py", "separate_process/model_service.py"])
def test_sigterm_drains_and_completes_requests_in_flight(program: str) -> None:
    with (
        (running := ByHand(program, DRAIN_S="6", SHUTDOWN_S="120")) as url,
        ThreadPoolExecutor(4) as pool,
    ):
        wait_until_ready(url)
        process = running.process
        in_flight = [pool.submit(ask, url, ["many words " * 60] * 16) for _ in range(4)]
        while queued_texts(url) == 0:  # one is in the model, and others are queued
            assert not all(future.done() for future in in_flight)
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 4  # of the 6 s that it drains
        while requests.get(f"{url}/ready", timeout=30).status_code != 503:
            assert time.monotonic() < deadline, "not ready at once"
        assert requests.get(f"{url}/ready", timeout=30).json()["title"] == "Draining"
        late = ask(url)
        assert late.status_code == 200, "a request during draining is still served"
        assert late.headers["Connection"] == "close"
        assert [future.result().status_code for future in in_flight] == [200] * 4
        assert process.wait(timeout=120) == 0


def test_by_hand_as_in_the_lecture() -> None:
    """`python model_service.py & python api_service.py` with no settings: ports 5001 and 5000."""
    for port in (5000, 5001):
        if any(
            connection.laddr.port == port and connection.status == psutil.CONN_LISTEN
            for connection in psutil.net_connections()
        ):
            pytest.skip(f"port {port} is taken on this machine")
    with (
        ByHand("separate_process/model_service.py", PORT=None),
        ByHand("separate_process/api_service.py", PORT=None),
    ):
        wait_until_ready("http://localhost:5000")
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
    with ByHand("in_process/service.py", PORT=None):
        wait_until_ready("http://localhost:5000")
        assert json.loads(subprocess.check_output(command))[0]["label"] == "POSITIVE"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"PORT": "eighty"}, "PORT"),
        ({"QUEUE_LIMIT": "1"}, "QUEUE_LIMIT"),
        ({"MODEL_ID": "no/such-model"}, "MODEL_ID"),
        ({"MODEL_THREADS": "0"}, "MODEL_THREADS"),
    ],
)
def test_a_bad_setting_ends_the_program_with_a_message(
    settings: dict[str, str], message: str
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
    assert message in done.stderr
    assert "Traceback" not in done.stderr

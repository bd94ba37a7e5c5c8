"""Waiting for readiness: a deadline, services that die, and stale servers."""

import http.server
import json
import threading
import time

import pytest

from hostlab.errors import StartFailed
from hostlab.runtime import state
from hostlab.runtime.engines import engine_of
from hostlab.runtime.progress import Sentence
from hostlab.runtime.readiness import engine_at, wait_until_ready
from hostlab.types import RunInfo


@pytest.fixture
def server():
    class Handler(http.server.BaseHTTPRequestHandler):
        status, body = 200, b"{}"

        def do_GET(self) -> None:
            self.send_response(Handler.status)
            self.end_headers()
            self.wfile.write(Handler.body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.respond_with = lambda status, body: (
        setattr(Handler, "status", status),
        setattr(Handler, "body", body),
    )
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def wait(
    url: str, run_id: str | None = "mine", timeout_s: float = 0.5, failure=lambda: None
) -> list[Sentence]:
    sentences = []
    wait_until_ready(url, run_id, timeout_s, failure, sentences.append)
    return sentences


def test_ours_and_ready(server) -> None:
    server.respond_with(200, json.dumps({"run_id": "mine"}).encode())
    wait(server.url)


@pytest.mark.parametrize("engine", ["onnx", None])
def test_the_engine_comes_with_readiness_and_with_health(server, engine: str | None) -> None:
    server.respond_with(200, json.dumps({"run_id": "mine", "engine": engine}).encode())
    assert wait_until_ready(server.url, "mine", 5, lambda: None, lambda _: None) == engine
    assert engine_at(server.url) == engine


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"engine": 5}'])
def test_a_stranger_has_no_engine(server, body: bytes) -> None:
    server.respond_with(200, body)
    assert engine_at(server.url) is None
    assert engine_at("http://127.0.0.1:9") is None


def test_a_run_of_ours_is_not_asked_for_its_engine(server, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    server.respond_with(200, b'{"engine": "torch"}')
    state.write(state.Record("docker", "mine", "running", server.url, engine="onnx"))
    ours = RunInfo("mine", "running", server.url, None)
    by_hand = RunInfo(None, "running", server.url, None)
    assert engine_of("docker", ours) == "onnx"
    assert engine_of("docker", by_hand) == "torch"
    assert engine_of("docker", RunInfo("mine", "starting", server.url, None)) is None


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, b'{"run_id": "theirs"}', "another run"),
        (200, b"<html>", "not ours"),
        (503, b'{"run_id": "mine", "detail": "The model is still loading."}', "still loading"),
    ],
    ids=["stale", "stranger", "not ready"],
)
def test_not_ready_in_time(server, status: int, body: bytes, message: str) -> None:
    server.respond_with(status, body)
    with pytest.raises(StartFailed, match=message):
        wait(server.url)


def test_nothing_listens() -> None:
    with pytest.raises(StartFailed, match="nothing answers"):
        wait("http://127.0.0.1:9")


def test_a_dead_service_ends_the_wait_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(StartFailed, match="it died"):
        wait("http://127.0.0.1:9", timeout_s=60, failure=lambda: "it died")
    assert time.monotonic() - started < 10


def test_it_becomes_ready_later(server) -> None:
    server.respond_with(503, b'{"run_id": "mine", "detail": "loading"}')
    sentences = []

    def progress(sentence: Sentence) -> None:
        sentences.append(sentence)
        server.respond_with(200, b'{"run_id": "mine"}')

    wait_until_ready(server.url, "mine", 60, lambda: None, progress)
    assert "loading" in sentences[0].text("en"), "it reports what it waits for"

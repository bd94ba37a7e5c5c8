"""A proxy for the internet gets nothing of what goes to this machine."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hostlab.client import Client
from hostlab.errors import Unavailable
from hostlab.http import is_loopback
from hostlab.methods.docker import engine

ANSWERS = {"/version": {"ApiVersion": "1.44"}, "/health": {"status": "alive"}}


@contextmanager
def server(answers: dict[str, object] | None) -> Iterator[ThreadingHTTPServer]:
    """A server that notes what it is asked; without answers, a proxy that is out of order."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            running.asked.append(self.path)
            data = json.dumps((answers or {}).get(self.path, [])).encode()
            self.send_response(502 if answers is None else 200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.asked = []
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with server(None) as running:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{running.server_port}")
        yield running


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_engine_on_this_machine_is_asked_directly(
    proxy: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with server(ANSWERS) as running:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://{host}:{running.server_port}")
        assert engine.containers() == []
        assert [path.split("?")[0] for path in running.asked] == [
            "/version",
            "/v1.44/containers/json",
        ]
    assert proxy.asked == []


def test_an_engine_elsewhere_is_asked_by_the_proxy_as_docker_itself_does(
    proxy: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine.invalid:2375")
    with pytest.raises(Unavailable):
        engine.containers()
    assert proxy.asked == ["http://engine.invalid:2375/version"]


def test_a_service_is_asked_directly(proxy: ThreadingHTTPServer) -> None:
    with server(ANSWERS) as running, Client(f"http://127.0.0.1:{running.server_port}") as client:
        client.connect()
        assert running.asked == ["/health"]
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("192.168.49.2", False),
        ("0.0.0.0", False),
        ("a.name.invalid", False),
        ("", False),
    ],
)
def test_what_this_machine_is(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected

"""The gateway spreads the load over the replicas, and retries with another if one fails."""

import asyncio
import json
import socket
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deployments.services.gateway import Gateway
from deployments.services.problems import Problem

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs Linux, on which all of 127.0.0.0/8 is this machine"
)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        address = self.server.server_address[0]
        self.server.asked[address] += 1
        condition = self.server.conditions.get(address, "works")
        if condition == "disconnects":
            self.close_connection = True
            return
        status = 503 if condition == "drains" else 200
        body = (
            [{"label": "POSITIVE", "score": 1.0}]
            if status == 200
            else {"title": "Draining", "detail": "It is about to stop."}
        )
        self._send(status, body)

    def _send(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Servers:
    """Servers at 127.0.0.2, 127.0.0.3, ... on one port, with one name, as in Docker's DNS."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: Counter = Counter()
        self.conditions: dict[str, str] = {}
        self.addresses: list[str] = []
        self.servers: list[ThreadingHTTPServer] = []
        self.port = 0
        real = socket.getaddrinfo

        def looked_up(host: str, *arguments: object, **options: object) -> list:
            if host != "model.test":
                return real(host, *arguments, **options)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, self.port))
                for address in self.addresses
            ]

        monkeypatch.setattr(socket, "getaddrinfo", looked_up)

    def add(self, condition: str) -> None:
        address = f"127.0.0.{len(self.addresses) + 2}"
        self.addresses.append(address)
        self.conditions[address] = condition
        if condition == "refuses":
            return
        server = ThreadingHTTPServer((address, self.port), Handler)
        server.asked, server.conditions, self.port = (
            self.asked,
            self.conditions,
            server.server_address[1],
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.servers.append(server)

    def ask(self, times: int = 1) -> None:
        async def all_in_turn() -> None:
            gateway = Gateway(f"http://model.test:{self.port}", timeout_s=5)
            await gateway.start()
            try:
                for _ in range(times):
                    await gateway.predict(["text"], "id")
            finally:
                await gateway.close()

        asyncio.run(all_in_turn())


@pytest.fixture
def replicas(monkeypatch: pytest.MonkeyPatch):
    made = Servers(monkeypatch)
    yield made
    for server in made.servers:
        server.shutdown()
        server.server_close()


def test_all_replicas_get_their_share(replicas: Servers) -> None:
    for _ in range(3):
        replicas.add("works")
    replicas.ask(times=30)
    assert set(replicas.asked.values()) == {10}


@pytest.mark.parametrize("first", ["disconnects", "drains", "refuses"])
@pytest.mark.parametrize("second", ["disconnects", "drains", "refuses"])
def test_two_replicas_may_fail_a_request_where_a_third_answers(
    replicas: Servers, first: str, second: str
) -> None:
    replicas.add("works")
    replicas.add(first)
    replicas.add(second)
    replicas.addresses = replicas.addresses[1:] + replicas.addresses[:1]  # the working one is last
    replicas.ask(times=5)
    assert replicas.asked[replicas.addresses[-1]] == 5


def test_a_request_is_tried_three_times_and_no_more(replicas: Servers) -> None:
    for _ in range(5):
        replicas.add("drains")
    with pytest.raises(Problem) as error:
        replicas.ask()
    assert error.value.status == 503
    assert sum(replicas.asked.values()) == 3


def test_a_single_replica_that_disconnects_is_asked_once_more(replicas: Servers) -> None:
    replicas.add("disconnects")
    with pytest.raises(Problem) as error:
        replicas.ask()
    assert error.value.status == 502
    assert sum(replicas.asked.values()) == 2

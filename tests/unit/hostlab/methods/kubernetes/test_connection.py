"""Where a NodePort counts as reached: where the run itself answers."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hostlab.methods.kubernetes import connection
from hostlab.methods.kubernetes.connection import ApiConnection
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import ClusterObjects
from hostlab.runtime import state
from tests.unit.hostlab.methods.kubernetes.conftest import node

RUN_ID = "0123456789ab"


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(self.server.health).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def answers():
    """Return a function that makes an address of this machine answer with a health report."""
    servers = []

    def start(address: str, health: object, port: int = 0) -> int:
        server = ThreadingHTTPServer((address, port), Health)
        server.health = health
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def opened(kubeconfig, stand_ins, monkeypatch):
    """Return a function that opens the connection to a cluster whose node is 127.0.0.2."""
    monkeypatch.setattr(connection, "NODE_PORT_TIMEOUT_S", 0.0)
    forwards = []
    monkeypatch.setattr(ApiConnection, "_open_forward", lambda *args: forwards.append(args))

    def open_(port: int) -> str | None:
        service = {"kind": "Service", "metadata": {"name": "api-service"}}
        service["spec"] = {"ports": [{"nodePort": port}]}
        monkeypatch.setattr(ClusterObjects, "of", lambda kubectl: ClusterObjects([service]))
        nodes = json.dumps({"items": [node("one", address="127.0.0.2")]})
        stand_ins.add("kubectl", stdout=nodes)
        record = state.Record("kubernetes", RUN_ID)
        ApiConnection("kubernetes").open(Kubectl("minikube"), record, print)
        assert bool(forwards) == (record.url is None)
        return record.url

    return open_


OURS = {"method": "kubernetes", "run_id": RUN_ID}


def test_this_machine_comes_first(opened, answers):
    port = answers("127.0.0.1", OURS)
    answers("127.0.0.2", OURS, port)
    assert opened(port) == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    "other", [OURS | {"run_id": "another"}, OURS | {"method": "docker"}, ["not", "ours"]]
)
def test_a_nodes_address_where_something_else_answers_here(opened, answers, other):
    port = answers("127.0.0.2", OURS)
    answers("127.0.0.1", other, port)
    assert opened(port) == f"http://127.0.0.2:{port}"


def test_a_port_forward_where_the_run_answers_nowhere(opened, answers):
    assert opened(answers("127.0.0.2", OURS | {"run_id": None})) is None

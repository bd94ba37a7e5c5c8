"""A port-forward follows the API from pod to pod, and breaks no connection when it moves."""

import asyncio

import pytest

from hostlab.methods.kubernetes import port_forward
from hostlab.methods.kubernetes.api_pods import ApiPods
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.port_forward import PortForward
from hostlab.methods.kubernetes.tunnel import Tunnel
from hostlab.runtime.ports import free_port


def line(name: str, *, event: str = "MODIFIED", ready: bool = True, deleted: str = "") -> str:
    return f"{event},{name},2026-01-02T03:04:0{name[-1]}Z,{ready},{deleted}"


def test_which_pod_gets_new_connections():
    pods = ApiPods(Kubectl("minikube"))
    assert pods.best() is None
    pods.see(line("api-1", event="ADDED", ready=False))
    assert pods.best() is None and pods.is_usable("api-1")
    pods.see(line("api-1"))
    pods.see(line("api-2", event="ADDED"))
    assert pods.best() == "api-2" and pods.is_usable("api-1")
    pods.see(line("api-1", ready=False))
    assert not pods.is_usable("api-1")
    pods.see(line("api-2", deleted="2026-01-02T03:05:00Z"))
    pods.see(line("api-1", event="DELETED"))
    assert pods.best() is None and not pods.is_usable("api-2")


class PodTunnel(Tunnel):
    """A tunnel without kubectl: it leads to a server of this process that echoes the pod's name."""

    def __init__(self, pod: str, port: int, server: asyncio.Server) -> None:
        self.pod, self.port, self.connections, self._server = pod, port, 0, server

    @property
    def is_open(self) -> bool:
        return self._server.is_serving()

    def end(self) -> None:
        self._server.close()

    @classmethod
    async def open(cls, kubectl: Kubectl, pod: str) -> "PodTunnel":
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.readline():
                writer.write(f"{pod}\n".encode())
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        return cls(pod, server.sockets[0].getsockname()[1], server)


class Client:
    def __init__(self, port: int) -> None:
        self._port = port

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self) -> str:
        self._writer.write(b"who?\n")
        return (await asyncio.wait_for(self._reader.readline(), 10)).decode().strip()

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
def forward(monkeypatch):
    async def watch(self: ApiPods) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(ApiPods, "watch", watch)
    monkeypatch.setattr(port_forward, "Tunnel", PodTunnel)
    monkeypatch.setattr(port_forward, "_is_current", lambda run_id: True)
    monkeypatch.setattr(port_forward, "POLL_S", 0.01)
    return PortForward("minikube", "0123456789ab", free_port())


def test_new_connections_go_to_the_new_pod_and_old_ones_stay(forward):
    async def through_a_rollout() -> None:
        serving = asyncio.create_task(forward.keep_open())
        await asyncio.sleep(0.1)
        old, new = Client(forward._port), Client(forward._port)
        await old.connect()  # before any pod is ready
        forward._pods.see(line("api-1"))
        assert await old.ask() == "api-1"
        forward._pods.see(line("api-2"))
        first = forward._tunnel
        forward._pods.see(line("api-1", deleted="2026-01-02T03:05:00Z"))
        while forward._tunnel is first:
            await asyncio.sleep(0.01)
        await new.connect()
        assert await new.ask() == "api-2"
        assert await old.ask() == "api-1"  # the old pod finishes what it began
        old.close()
        while first.is_open:
            await asyncio.sleep(0.01)
        forward._tunnel.end()  # it breaks
        new.close()
        await new.connect()
        assert await new.ask() == "api-2"
        new.close()
        serving.cancel()
        await asyncio.wait([serving])

    asyncio.run(asyncio.wait_for(through_a_rollout(), 30))

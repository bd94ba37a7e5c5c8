"""A port-forward that follows the API from pod to pod, for clusters whose NodePorts do not answer
on this machine.

`kubectl port-forward` is pinned to one pod, even where it is given a Service: after a rollout, it
still leads to the old pod until that pod is gone, and then breaks. This program runs beside a run
and keeps one port open. It hands each new connection to a tunnel to a pod that is ready. When that
pod is being deleted, it opens a tunnel to another one for the connections that follow, and leaves
the earlier ones alone: the pod finishes their requests and asks the clients to reconnect. It sends
a request through the tunnel every two seconds, because a tunnel can also break silently, and exits
when the run ends.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time

import requests

from hostlab.http import local_session
from hostlab.methods.kubernetes.api_pods import ApiPods
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.tunnel import Tunnel
from hostlab.runtime import state
from hostlab.runtime.paths import python_module

POLL_S = 0.2
CHECK_EVERY_S = 2.0
WAIT_FOR_TUNNEL_S = 20.0  # how long a client's connection waits for a pod that is ready
RETIRE_AFTER_S = 40.0  # longer than the pods' terminationGracePeriodSeconds


def program(context: str, run_id: str, port: int) -> list[str]:
    """Return the command that runs this module."""
    return python_module("hostlab.methods.kubernetes.port_forward", context, run_id, str(port))


class PortForward:
    """127.0.0.1:`port` leads to a ready pod of the API until the run's record is gone."""

    def __init__(self, context: str, run_id: str, port: int) -> None:
        self._kubectl, self._run_id, self._port = Kubectl(context), run_id, port
        self._pods = ApiPods(self._kubectl)
        self._tunnel: Tunnel | None = None
        self._retired: list[tuple[float, Tunnel]] = []

    async def keep_open(self) -> None:
        """Serve the port until the run ends."""
        _end_with_sigterm()
        server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        watching = asyncio.create_task(self._pods.watch())
        checking = asyncio.create_task(self._check())
        try:
            while _is_current(self._run_id):
                await self._follow()
                self._end_retired()
                await asyncio.sleep(POLL_S)
        finally:
            server.close()
            watching.cancel()
            checking.cancel()
            for tunnel in filter(None, [self._tunnel, *(one for _, one in self._retired)]):
                tunnel.end()

    async def _follow(self) -> None:
        """Switch to another pod where the current one is being deleted, or its tunnel has ended."""
        current = self._tunnel
        if current and current.is_open and self._pods.is_usable(current.pod):
            return
        if (pod := self._pods.best()) and (tunnel := await Tunnel.open(self._kubectl, pod)):
            self._tunnel = tunnel
            self._retire(current)
        elif current and not current.is_open:
            self._tunnel = None
            self._retire(current)

    async def _check(self) -> None:
        """End a tunnel through which two requests in a row have failed."""
        failures: dict[Tunnel, int] = {}
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            if tunnel := self._tunnel:
                answers = await asyncio.to_thread(_answers, tunnel.port)
                failures = {tunnel: 0 if answers else failures.get(tunnel, 0) + 1}
                if failures[tunnel] == 2:
                    tunnel.end()

    def _retire(self, tunnel: Tunnel | None) -> None:
        if tunnel:
            self._retired.append((time.monotonic(), tunnel))

    def _end_retired(self) -> None:
        for since, tunnel in list(self._retired):
            if not tunnel.connections or time.monotonic() - since > RETIRE_AFTER_S:
                tunnel.end()
                self._retired.remove((since, tunnel))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        deadline = time.monotonic() + WAIT_FOR_TUNNEL_S
        try:
            while not (self._tunnel and self._tunnel.is_open) and time.monotonic() < deadline:
                await asyncio.sleep(POLL_S)
            if self._tunnel:
                await self._tunnel.carry(reader, writer)
        finally:
            with contextlib.suppress(OSError):
                writer.close()


def _end_with_sigterm() -> None:
    """Cancel the current task with SIGTERM, so that kubectl's processes end with this one.

    Windows has no such signal: there, whoever ends this process ends its children, too.
    """
    task = asyncio.current_task()
    if task and os.name != "nt":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _answers(port: int) -> bool:
    try:
        with local_session() as session:
            return session.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
    except requests.RequestException:
        return False


def _is_current(run_id: str) -> bool:
    record = state.read("kubernetes")
    return record is not None and record.run_id == run_id


if __name__ == "__main__":
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(PortForward(sys.argv[1], sys.argv[2], int(sys.argv[3])).keep_open())

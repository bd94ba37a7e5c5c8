"""One `kubectl port-forward` to one pod, and the connections through it."""

import asyncio
import contextlib
import re
from asyncio.subprocess import PIPE, Process
from typing import Self

from hostlab.methods.kubernetes.kubectl import Kubectl

API_PORT = 5000
OPEN_TIMEOUT_S = 10.0
BUFFER_BYTES = 65_536
_FORWARDING = re.compile(rb"Forwarding from 127\.0\.0\.1:(\d+) ")


class Tunnel:
    """A port of 127.0.0.1 that leads to a pod. `connections` counts those that it carries."""

    def __init__(self, pod: str, port: int, process: Process) -> None:
        self.pod, self.port, self.connections = pod, port, 0
        self._process = process
        self._output = asyncio.create_task(_discard(process))

    @classmethod
    async def open(cls, kubectl: Kubectl, pod: str) -> Self | None:
        """Return a tunnel to the pod on a free port; None where there is none in time."""
        arguments = ("--address=127.0.0.1", f"pod/{pod}", f":{API_PORT}")
        command = kubectl.command("port-forward", *arguments)
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), OPEN_TIMEOUT_S)
        except TimeoutError:
            line = b""
        if found := _FORWARDING.match(line):
            return cls(pod, int(found[1]), process)
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        return None

    @property
    def is_open(self) -> bool:
        """Whether kubectl runs."""
        return self._process.returncode is None

    def end(self) -> None:
        """End it, and the connections through it with it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry a client's connection until either side closes it."""
        self.connections += 1
        try:
            there = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            self.connections -= 1
            return
        try:
            pieces = [_copy(reader, there[1]), _copy(there[0], writer)]
            tasks = [asyncio.create_task(one) for one in pieces]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        finally:
            self.connections -= 1
            there[1].close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(BUFFER_BYTES):
            writer.write(data)
            await writer.drain()


async def _discard(process: Process) -> None:
    """Read what kubectl prints for each connection, so that it is never blocked by a full pipe."""
    while process.stdout and await process.stdout.readline():
        pass
    await process.wait()

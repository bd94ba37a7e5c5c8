"""A TCP proxy that does to responses what networks do to them."""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Iterator

LATENCY_S = 0.1
SLOW_BYTE_S = 0.1


class FaultProxy:
    """Passes on connections to a port, with the current fault, or unchanged if there is none."""

    def __init__(self, upstream_port: int) -> None:
        self.fault: str | None = None
        self.port = 0
        self._upstream_port = upstream_port
        self._random = random.Random(17)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one connection."""
        upstream, to_upstream = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        requests = asyncio.create_task(_copy(reader, to_upstream))
        try:
            with contextlib.suppress(OSError):
                while response := await upstream.read(65536):
                    if not await self._pass_on(response, writer):
                        break
        finally:
            requests.cancel()
            to_upstream.close()
            writer.close()

    async def _pass_on(self, response: bytes, writer: asyncio.StreamWriter) -> bool:
        """Send a response with the current fault, and return whether the connection goes on."""
        match self.fault:
            case "black hole":
                await asyncio.Event().wait()
            case "reset":
                linger = struct.pack("ii", 1, 0)  # close with RST
                connection = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return False
            case "garbage":
                writer.write(self._random.randbytes(500))
                return False
            case "truncation":
                writer.write(response[:-5])
                return False
            case "slow body":
                for byte in response:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(SLOW_BYTE_S)
            case "latency":
                await asyncio.sleep(LATENCY_S)
                writer.write(response)
            case None:
                writer.write(response)
        return True


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@contextlib.contextmanager
def fault_proxy(upstream_port: int) -> Iterator[FaultProxy]:
    """Run a proxy in a thread until the end of the block."""
    proxy, ready, loop = FaultProxy(upstream_port), threading.Event(), asyncio.new_event_loop()

    async def run() -> None:
        server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        ready.set()
        await asyncio.Event().wait()

    def end() -> None:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.call_later(0.05, loop.stop)

    main = loop.create_task(run())  # the loop itself keeps only a weak reference
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    ready.wait(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(end)
        thread.join()
        assert main.done()
        loop.close()

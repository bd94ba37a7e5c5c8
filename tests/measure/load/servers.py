"""Servers whose delays are known, in processes of their own, so that what is reported about them
can be checked.

Run as a file it serves: `servers.py [--delay-ms 10] [--jitter-ms 1] [--stall-at-s 2 --stall-s 0.5]
[--fails-after 10] [--one-worker 1]`. With one worker, each request takes the delay for itself, and
the others wait: 10 ms are a capacity of 100 requests a second.
"""

import argparse
import asyncio
import contextlib
import functools
import random
import re
import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BODY = b'[{"label":"POSITIVE","score":0.9}]'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Server-Timing: queue;dur=1.0, model;dur=2.0" % len(BODY)
)
DELAYS = b", planned;dur=%.3f, held;dur=%.3f"  # more of that header
END = b"\r\n\r\n" + BODY
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Known:
    """Stands where a Deployment does: it has a method, an address and a status."""

    method: str
    url: str
    state: str = "running"
    capabilities = frozenset()

    @property
    def supervisor(self):
        return self

    def usage(self, component):
        return component.cpu_s, component.memory_bytes

    def status(self):
        from hostlab.types import (
            Status,
        )  # not at the top: the server's own process needs none of it

        return Status(self.method, self.state, self.url)


def at_a_quiet_moment(check: Callable[..., None]) -> Callable[..., None]:
    """Let a test try three times: a busy machine spoils figures now and then, a generator that
    counts wrongly does so each time.
    """

    @functools.wraps(check)
    def tried(*arguments: object, **options: object) -> None:
        for _ in range(2):
            with contextlib.suppress(AssertionError):
                return check(*arguments, **options)
        return check(*arguments, **options)

    return tried


@contextlib.contextmanager
def known_delay(method: str = "known", **options: float) -> Iterator[Known]:
    """Run this file as a server with these options (delay_ms=10, stall_at_s=2 …).

    The stall begins so long after the first request.
    """
    arguments = [
        text
        for name, value in options.items()
        for text in (f"--{name.replace('_', '-')}", str(value))
    ]
    process = subprocess.Popen(
        [sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        yield Known(method, f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.kill()
        process.wait()


def delays_ms(server_timing: str) -> tuple[float, float]:
    """Return how long the server meant to hold a request, and how long it did."""
    planned, held = re.findall(r"(?:planned|held);dur=([\d.]+)", server_timing)
    return float(planned), float(held)


class Server(asyncio.Protocol):
    began: float | None = None
    answered = 0
    free_at = 0.0  # when the one worker has done all that waits for it

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.received = options, b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            ),
            0,
        )
        if len(body) < length:
            return
        self.received = body[length:]
        if not head.startswith(b"POST"):
            self.transport.write(NOT_FOUND if head.startswith(b"GET /provider") else ANSWER + END)
            return
        loop, options = asyncio.get_running_loop(), self.options
        now = loop.time()
        Server.began = Server.began or now
        due = now + max(0.0, random.gauss(options.delay_ms, options.jitter_ms)) / 1000
        if options.one_worker:
            due = Server.free_at = max(due, Server.free_at + options.delay_ms / 1000)
        stall_ends = Server.began + options.stall_at_s + options.stall_s
        if options.stall_s and Server.began + options.stall_at_s <= due < stall_ends:
            # as a hung process: everything that would be answered during the stall is answered at
            # its end
            due = stall_ends
        Server.answered += 1
        refused = Server.answered > options.fails_after

        def answer() -> None:
            delays = DELAYS % ((due - now) * 1000, (loop.time() - now) * 1000)
            self.transport.write(REFUSAL if refused else ANSWER + delays + END)

        loop.call_at(due, answer) if due > now else answer()


async def serve(options: argparse.Namespace) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(options), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name, default in (
        ("delay-ms", 0.0),
        ("jitter-ms", 0.0),
        ("stall-at-s", 0.0),
        ("stall-s", 0.0),
        ("fails-after", 1e9),
        ("one-worker", 0.0),
    ):
        parser.add_argument(f"--{name}", type=float, default=default)
    # select() waits to the microsecond, epoll() in the standard library to the millisecond
    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())
    ) as runner:
        runner.run(serve(parser.parse_args()))

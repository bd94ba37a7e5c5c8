"""A connection for generating load: HTTP/1.1 with next to no work of its own.

A generator shares the cores with what it measures. An ordinary client library takes about a
millisecond of a core for each request, which would be measured as the service's; this one takes a
twentieth. It can do one thing: POST a JSON body to one address again and again, and tell the status
of each answer and its Server-Timing. What it parses with is httptools, as uvicorn does.
"""

import asyncio
import json
from collections.abc import Sequence
from urllib.parse import urlsplit

import httptools


def requests_for(url: str, texts: Sequence[str | list[str]]) -> list[bytes]:
    """Return the bytes of POST /predict for each text, or list of texts, ready to be
    sent to `url`.
    """
    host = urlsplit(url).netloc
    ready = []
    for text in texts:
        body = json.dumps({"text": text}).encode()
        head = f"POST /predict HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ready.append(head.encode() + body)
    return ready


class Connection(asyncio.Protocol):
    """One connection, one request at a time. After `ask` has raised or timed out, open another."""

    def __init__(self) -> None:
        self.usable = True
        self.server_timing = ""  # of the last answer
        self._answer: asyncio.Future | None = None

    @classmethod
    async def open(cls, url: str) -> "Connection":
        """Connect to a base address. Raises OSError."""
        address = urlsplit(url)
        _, connection = await asyncio.get_running_loop().create_connection(
            cls, address.hostname, address.port or 80
        )
        return connection

    async def ask(self, request: bytes, timeout_s: float) -> int:
        """Send one request and return the status of its answer.

        Raises OSError when the connection breaks, TimeoutError.
        """
        loop = asyncio.get_running_loop()
        self._parser, self.server_timing = httptools.HttpResponseParser(self), ""
        self._answer = loop.create_future()
        timer = loop.call_later(timeout_s, self._too_late)
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            timer.cancel()

    def close(self) -> None:
        self.usable = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(f"not HTTP: {error}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"server-timing":
            self.server_timing = value.decode("latin-1")

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.close()
        if self._answer and not self._answer.done():
            self._answer.set_result(self._parser.get_status_code())

    def connection_lost(self, error: Exception | None) -> None:
        self.usable = False
        self._fail(
            error
            if isinstance(error, OSError)
            else ConnectionResetError("the connection was closed")
        )

    def _too_late(self) -> None:
        self._fail(TimeoutError())
        self.close()

    def _fail(self, error: OSError) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error)

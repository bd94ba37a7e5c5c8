"""A connection for generating load: HTTP/1.1 with as little work as possible.

A generator shares the cores with what it measures. An ordinary client library takes about a
millisecond of a core for each request, which would be counted as the service's. This one takes a
twentieth of that. It can do one thing: POST a JSON body to one address again and again, and report
the status of each response, its Server-Timing, and the replica that answered. It parses with
httptools, as uvicorn does.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

import httptools

MAX_RESPONSE_BYTES = 1_048_576  # far more than the contract's longest response
MAX_HEADER_BYTES = 1_000  # of a header that is kept


def requests_for(url: str, texts: Sequence[str | list[str]]) -> list[bytes]:
    """Return the bytes of a POST /predict to `url` for each text, or list of texts."""
    host = urlsplit(url).netloc
    requests = []
    for text in texts:
        body = json.dumps({"text": text}).encode()
        lines = (
            "POST /predict HTTP/1.1",
            f"Host: {host}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        requests.append("\r\n".join((*lines, "", "")).encode() + body)
    return requests


class Connection(asyncio.Protocol):
    """One connection, one request at a time. After `ask` has raised, open another."""

    def __init__(self) -> None:
        self.usable = True
        self.server_timing = ""  # of the last response
        self.replica: str | None = None  # of the last response
        self._response: asyncio.Future[int] | None = None
        self._bytes_left = MAX_RESPONSE_BYTES

    @classmethod
    async def open(cls, url: str) -> "Connection":
        """Connect to a base address. Raises OSError."""
        address = urlsplit(url)
        loop = asyncio.get_running_loop()
        tls = address.scheme == "https"
        host, port = address.hostname or "", address.port or (443 if tls else 80)
        _, connection = await loop.create_connection(cls, host, port, ssl=tls or None)
        return connection

    async def ask(self, request: bytes, timeout_s: float) -> int:
        """Send one request and return the status of its response.

        Raises OSError when the connection breaks, TimeoutError.
        """
        loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self.server_timing, self.replica = "", None
        self._bytes_left = MAX_RESPONSE_BYTES
        self._response = loop.create_future()
        timer = loop.call_later(timeout_s, self._time_out)
        self._transport.write(request)
        try:
            return await self._response
        finally:
            timer.cancel()

    def close(self) -> None:
        """Close the connection at once."""
        self.usable = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            self._fail(ConnectionError("the response does not end"))
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(f"not HTTP: {error}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by httptools."""
        match name.lower():
            case b"server-timing":
                self.server_timing = value[:MAX_HEADER_BYTES].decode("latin-1")
            case b"x-replica":
                self.replica = value[:MAX_HEADER_BYTES].decode("latin-1")

    def on_message_complete(self) -> None:
        """Called by httptools."""
        if not self._parser.should_keep_alive():
            self.close()
        if self._response and not self._response.done():
            self._response.set_result(self._parser.get_status_code())

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio."""
        self.usable = False
        closed = ConnectionResetError("the connection was closed")
        self._fail(error if isinstance(error, OSError) else closed)

    def _time_out(self) -> None:
        self._fail(TimeoutError())
        self.close()

    def _fail(self, error: OSError) -> None:
        if self._response and not self._response.done():
            self._response.set_exception(error)

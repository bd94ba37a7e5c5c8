"""Real servers that somebody could add as guests: a good one, a careless one, and hostile ones."""

import contextlib
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from hostlab.runtime.ports import free_port

METADATA = "http://169.254.169.254/latest/meta-data/"
MARKUP = "<img src=x onerror=\"document.title='owned'\"><b>POSITIVE</b> ${1+1} {{1+1}}"
# A key and a certificate for 127.0.0.1, valid for a century. Made with `openssl req -x509 -nodes
# -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 36500 -subj /CN=127.0.0.1 -addext
# subjectAltName=IP:127.0.0.1`.
CERTIFICATE = Path(__file__).with_name("address_certificate.pem")
FOR_EVER_S = 30.0  # longer than any test waits


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these servers are for."""


@contextlib.contextmanager
def served(
    handler: type[http.server.BaseHTTPRequestHandler], port: int = 0, scheme: str = "http"
) -> Iterator[str]:
    """Serve in a thread, and yield the base address."""
    server = _Server(("127.0.0.1", port), handler)
    if scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Forwarding(http.server.BaseHTTPRequestHandler):
    """Passes each request on to a service that follows the contract, and may change the response.

    A subclass has `upstream`, and changes what comes back in `changed`.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    upstream = ""

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def changed(self, sent: bytes, response: requests.Response) -> requests.Response:
        """Return the response to send."""
        return response

    def forward(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name != "Host"}
        response = requests.request(
            self.command, self.upstream + self.path, data=sent, headers=headers, timeout=30
        )
        response = self.changed(sent, response)
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)

    do_GET = do_POST = forward


def encrypted(upstream: str) -> contextlib.AbstractContextManager[str]:
    """Serve at https://, with a certificate that nobody else has signed."""
    return served(type("Encrypted", (Forwarding,), {"upstream": upstream}), scheme="https")


def careless(upstream: str, port: int = 0) -> contextlib.AbstractContextManager[str]:
    """Serve what differs from the contract in three ways: percent, /ready, and the request's ID."""

    class Careless(Forwarding):
        def changed(self, sent: bytes, response: requests.Response) -> requests.Response:
            response.headers.pop("X-Request-ID", None)
            if self.path == "/ready":
                response.status_code = 404
            if self.path == "/predict" and response.status_code == 200:
                percent = [one | {"score": one["score"] * 100} for one in response.json()]
                response._content = json.dumps(percent).encode()
            return response

    Careless.upstream = upstream
    return served(Careless, port)


def with_markup(upstream: str) -> contextlib.AbstractContextManager[str]:
    """Serve labels, errors, and headers with markup; everything else follows the contract."""

    class WithMarkup(Forwarding):
        def changed(self, sent: bytes, response: requests.Response) -> requests.Response:
            if self.path == "/predict" and response.status_code == 200:
                response._content = json.dumps(
                    [one | {"label": MARKUP} for one in response.json()]
                ).encode()
            if self.path == "/health":
                response.status_code, response._content = 500, MARKUP.encode()
            if self.path == "/metrics":
                response._content = b"<script>document.title='owned'</script>"
            return response

    WithMarkup.upstream = upstream
    return served(WithMarkup)


@contextlib.contextmanager
def raw(respond: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve bytes: `respond` gets each connection after the first bytes of its request."""
    stop = threading.Event()
    listening = socket.create_server(("127.0.0.1", free_port()))
    listening.settimeout(0.1)

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(FOR_EVER_S)
            connection.recv(65536)
            respond(connection)

    def accept() -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listening.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stop.set()
        thread.join()
        listening.close()


def endless_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    _repeat(connection, b" " * 65536)


def endless_chunks(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _repeat(connection, b"5\r\nhello\r\n" * 1000)


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    _repeat(connection, b"x" * 65536)


def endless_interim_responses(connection: socket.socket) -> None:
    _repeat(connection, b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def slow_drip(connection: socket.socket) -> None:
    """Send a byte now and then, each well within a timeout that is for a single piece."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def packed(connection: socket.socket) -> None:
    """Send what would unpack to a hundred megabytes."""
    import gzip

    body = gzip.compress(b" " * 100_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


def redirect(connection: socket.socket) -> None:
    head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {METADATA}\r\nContent-Length: 0\r\n\r\n"
    connection.sendall(head.encode())


def not_http(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


def _repeat(connection: socket.socket, piece: bytes) -> None:
    ends_at = time.monotonic() + FOR_EVER_S
    while time.monotonic() < ends_at:
        connection.sendall(piece)

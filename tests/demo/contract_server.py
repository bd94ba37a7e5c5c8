"""A real HTTP server that follows the contract, and fails or hangs on command."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from demo.status_poller import Endpoint


@contextmanager
def service(
    method: str,
    label: str = "POSITIVE",
    fails_after: int | None = None,
    gate: threading.Event | None = None,
) -> Iterator[Endpoint]:
    """A server that follows the contract.

    It fails after `fails_after` responses, and responds only once `gate` is open.
    """
    answered = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def send(self, status, body, **headers):
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):
            self.send(200 if self.path == "/health" else 404, {"status": "alive"})

        def do_POST(self):
            nonlocal answered
            self.rfile.read(int(self.headers["Content-Length"]))
            if gate:
                gate.wait(30)
            answered += 1
            if fails_after is not None and answered > fails_after:
                self.send(503, {"title": "The queue is full", "detail": "Ask again in 1 s."})
            else:
                self.send(
                    200,
                    [{"label": label, "score": 0.9}],
                    **{"Server-Timing": "queue;dur=0.1, model;dur=0.2"},
                )

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Endpoint(method, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()

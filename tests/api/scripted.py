"""A provider on a real socket that does what a test scripts: respond well, badly, or late."""

import contextlib
import json
import socket
import socketserver
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Action = Callable[["_Handler"], None]


@dataclass(frozen=True)
class ReceivedRequest:
    """A request that the provider received; `at` is in seconds of time.monotonic()."""

    path: str
    headers: dict[str, str]
    body: Any
    at: float


def reply(status: int, body: object, **headers: str) -> Action:
    """Send a complete response. `body` is sent as JSON unless it is bytes."""

    def act(handler: "_Handler") -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            "Connection": "close",
        }
        fields |= {
            name if "-" in name else name.replace("_", "-"): value
            for name, value in headers.items()
        }
        lines = [
            f"HTTP/1.1 {status} x",
            *(f"{name}: {value}" for name, value in fields.items()),
            "",
            "",
        ]
        handler.wfile.write("\r\n".join(lines).encode() + content)

    return act


def error(
    status: int, message: str = "Something.", code: str | None = None, **headers: str
) -> Action:
    """Respond with an error in OpenAI's form."""
    return reply(
        status, {"error": {"message": message, "type": "x", "param": None, "code": code}}, **headers
    )


def decision(label: str = "POSITIVE", probability: float = 0.9, **more: object) -> Action:
    """Respond to /v1/decisions."""
    others = {"POSITIVE": "NEGATIVE", "NEGATIVE": "POSITIVE"}
    probabilities = [
        {"value": label, "probability": probability},
        {"value": others.get(label, "x"), "probability": 1 - probability},
    ]
    answer = {
        "type": "choice",
        "name": "label",
        "choice": label,
        "confidence": 0.8,
        "probabilities": probabilities,
    } | more
    details = {
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    return reply(
        200,
        {
            "model": "m",
            "answers": [answer],
            "usage": {"input_tokens": 40, "output_tokens": 2, "total_tokens": 42} | details,
        },
    )


def chat(
    content: str | None, logprobs: dict[str, float] | None = None, **message: object
) -> Action:
    """Respond to /v1/chat/completions.

    `logprobs` has the candidates for the first token. The first of them is the chosen one.
    """
    tokens = [
        {"token": token, "bytes": None, "logprob": value}
        for token, value in (logprobs or {}).items()
    ]
    chosen = {"content": [tokens[0] | {"top_logprobs": tokens}]} if tokens else None
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "logprobs": chosen,
        "message": {"role": "assistant", "content": content} | message,
    }
    usage = {"prompt_tokens": 40, "completion_tokens": 1, "total_tokens": 41}
    return reply(
        200,
        {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        },
    )


def systemone(choice: str, probabilities: dict[str, float]) -> Action:
    answers = {
        "label": {
            "type": "choice",
            "choice": choice,
            "confidence": 0.5,
            "probabilities": probabilities,
        }
    }
    return reply(
        200, {"model": "m", "answers": answers, "usage": {"input_tokens": 40, "output_tokens": 0}}
    )


def reset(handler: "_Handler") -> None:
    """Reset the TCP connection without a response."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def cut_off(handler: "_Handler") -> None:
    """Send less than Content-Length promises."""
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
        b'{"model": "m", "ans'
    )


def hang(handler: "_Handler") -> None:
    """Send nothing until the test is over."""
    handler.server.released.wait(60)


def trickle(handler: "_Handler") -> None:
    """Send one byte at a time, so that no timeout between two bytes applies."""
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    )
    while not handler.server.released.wait(0.1):
        handler.wfile.write(b" ")


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        request_line = self.rfile.readline().decode()
        if not request_line.strip():
            return
        headers = {}
        while (line := self.rfile.readline().decode().strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        path = request_line.split()[1]
        action = self.server.provider.next(
            ReceivedRequest(path, headers, json.loads(body) if body else None, time.monotonic())
        )
        with contextlib.suppress(OSError):  # the client may disconnect
            action(self)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, provider: "ScriptedProvider") -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.provider, self.released = provider, threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class ScriptedProvider:
    """Runs the actions in `script` one after the other, then `otherwise`.

    GET /v1/models has an action of its own, and `seen` does not contain it.
    """

    def __init__(self) -> None:
        self.script: deque[Action] = deque()
        self.otherwise: Action = decision()
        self.by_path: dict[str, Action] = {}
        self.seen: list[ReceivedRequest] = []
        self.models: Action = reply(
            200,
            {
                "object": "list",
                "data": [{"id": "m", "object": "model", "created": 0, "owned_by": "x"}],
            },
        )
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        self._server = _Server(self.port, self)
        self.port = self._server.server_address[1]
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def stop(self) -> None:
        self._server.released.set()
        self._server.shutdown()
        self._server.server_close()

    def reset_script(self) -> None:
        self._server.released.set()
        self._server.released = threading.Event()
        self.script.clear()
        self.by_path.clear()
        self.otherwise = decision()
        self.seen.clear()

    def next(self, seen: ReceivedRequest) -> Action:
        if seen.path == "/v1/models":
            return self.models
        self.seen.append(seen)
        if self.script:
            return self.script.popleft()
        return self.by_path.get(seen.path, self.otherwise)

"""A service in a thread of the test, with a predictor that does what its text says."""

import asyncio
import contextlib
import copy
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from deployments.services.application import Predictor, create_app
from deployments.services.contract import PredictorResult
from deployments.services.logs import OneLineFormatter
from deployments.services.prediction import Prediction
from deployments.services.server import uvicorn_config
from deployments.services.settings import Settings


class Obedient:
    """A predictor that fails on `fail`, hangs on `hang`, and labels other texts by their length."""

    model, engine, engine_note = "obedient", None, None
    ready = True

    async def start(self) -> None: ...
    async def close(self) -> None: ...
    def reject_if_full(self) -> None: ...

    async def check(self) -> None:
        if not self.ready:
            raise RuntimeError("checked")

    async def predict(self, texts: list[str], request_id: str) -> PredictorResult:
        if texts == ["fail"]:
            raise RuntimeError("predicted\n2026-01-01 00:00:00 INFO forged")
        if texts == ["hang"]:
            await asyncio.Event().wait()
        return PredictorResult([Prediction(str(len(text)), 1.0) for text in texts], {})


class Service:
    """A running service: its address, its log, and what raw bytes get as a response."""

    def __init__(self, server: uvicorn.Server, predictor: Predictor, log: pytest.LogCaptureFixture):
        self.server, self.predictor, self._log = server, predictor, log
        self.port: int = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def lines(self, part: str) -> list[str]:
        """Return the lines of the log that have a part, as soon as there is one."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = [line for line in self.log() if part in line]
            if found:
                return found
            time.sleep(0.01)
        return []

    def log(self) -> list[str]:
        formatter = OneLineFormatter("%(asctime)s %(levelname)s %(message)s")
        records = [copy.copy(one) for one in self._log.records if one.name == "hostlab"]
        for record in records:
            record.exc_text = None  # pytest's formatter leaves its traceback there
        return [line for one in records for line in formatter.format(one).splitlines()]

    def send(self, *parts: bytes) -> bytes:
        """Return what the service sends in response, or until it is silent for a second."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            for part in parts:
                connection.sendall(part)
                time.sleep(0.02 if len(parts) > 1 else 0)
            received = b""
            with contextlib.suppress(TimeoutError):
                while chunk := connection.recv(65536):
                    received += chunk
                    if _is_complete(received):
                        break
            return received

    def in_progress(self) -> int:
        """Return how many requests are in progress, after a moment for those that just ended."""
        time.sleep(0.05)
        return len(self.server.server_state.tasks)

    def metric(self, line: str) -> float:
        """Return the value of the metric that a line of /metrics begins with; 0 if it has none."""
        text = self.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").decode()
        values = [one.rpartition(" ")[2] for one in text.splitlines() if one.startswith(line)]
        return float(values[0]) if values else 0.0


def _is_complete(received: bytes) -> bool:
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return False


@contextlib.contextmanager
def serving(log: pytest.LogCaptureFixture, predictor: Predictor | None = None) -> Iterator[Service]:
    """Serve until the end of the block."""
    log.set_level(logging.INFO)
    predictor = predictor or Obedient()
    settings = Settings("in-process", "127.0.0.1", 0, None, "1.0", 5.0, 256, 0.0, shutdown_s=1.0)
    server = uvicorn.Server(uvicorn_config(create_app(predictor, settings), settings))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield Service(server, predictor, log)
    finally:
        server.should_exit = True
        thread.join()

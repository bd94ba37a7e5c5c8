"""Live things for a lesson: an application served from inside the notebook, a client that never
gives up asking, a process that hangs.
"""

import contextlib
import io
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import psutil
import requests
import uvicorn
from fastapi import FastAPI

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError, StartFailed

ASK_EVERY_S = 0.1
LOGGERS = ("uvicorn.error", "hostlab")


class ServedHere:
    """An application in a thread of this Python, on a free port of 127.0.0.1: it ends with the
    notebook, whatever happens.

    Good for trying things out: the application can be changed and served again in a second. `with
    ServedHere(app) as served: …`
    """

    def __init__(self, app: FastAPI) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._log = logging.StreamHandler(io.StringIO())

    def start(self, timeout_s: float = 60.0) -> Self:
        """Return when it answers and, where it has a /ready, is ready.

        Raises StartFailed after `timeout_s` seconds.
        """
        for name in LOGGERS:
            logger = logging.getLogger(name)
            logger.addHandler(self._log)
            logger.propagate = False  # or a traceback appears under some later cell
        self._thread.start()
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self._thread.is_alive():
            if (
                self._server.started
                and requests.get(f"{self.url}/ready", timeout=5).status_code != 503
            ):
                return self
            time.sleep(0.05)
        log = self.log
        self.stop()
        raise StartFailed(
            f"The application in this notebook was not ready within {timeout_s:g} s.", log
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    @property
    def log(self) -> str:
        """What the server wrote so far: the traceback of a failed request, for one."""
        return self._log.stream.getvalue()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=15)
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(self._log)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass(frozen=True)
class Beat:
    """One question and whether it was answered; `sent_s` in seconds since the heartbeat began."""

    sent_s: float
    answered: bool


class Heartbeat:
    """A client that asks ten times a second and notes what came of it, wherever the service is now.

    `with Heartbeat(service) as heartbeat: …`
    """

    def __init__(self, service: Deployment) -> None:
        self.beats: list[Beat] = []
        self.events: dict[str, float] = {}  # moments in seconds since it began, by name
        self._service = service
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def mark(self, event: str) -> None:
        """Note that something happens now."""
        self.events[event] = time.perf_counter() - self._began

    @property
    def outage_s(self) -> float:
        """Return the longest time in seconds between two answers."""
        answered = [beat.sent_s for beat in self.beats if beat.answered]
        return max((later - earlier for earlier, later in pairwise(answered)), default=0.0)

    def _ask(self) -> None:
        while not self._over.is_set():
            sent_s = time.perf_counter() - self._began
            try:
                self._service.predict("Are you there?")
                self.beats.append(Beat(sent_s, True))
            except HostingLabError:
                self.beats.append(Beat(sent_s, False))
            self._over.wait(ASK_EVERY_S)

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def wait(seconds: float, what: str) -> None:
    """Let time pass, and say what for: a cell that is silent for long looks as if it
    hung itself.
    """
    print(f"{seconds:g} s: {what}", flush=True)
    time.sleep(seconds)


@contextlib.contextmanager
def hung(service: Deployment, name: str) -> Iterator[None]:
    """Let one process of a service hang (SIGSTOP) for as long as the block lasts; then it goes on
    as if nothing had been.
    """
    process = psutil.Process(
        int(next(part.id for part in service.components() if part.name == name))
    )
    process.suspend()
    try:
        yield
    finally:
        process.resume()

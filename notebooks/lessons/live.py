"""What a lesson runs: an application in the notebook, a client that never stops, a hung process."""

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
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("common")

ASK_EVERY_S = 0.1
LOGGERS = ("uvicorn.error", "hostlab")


class ServedHere:
    """An application in a thread of this Python, on a free port of 127.0.0.1.

    It stops when the notebook's kernel exits. After a change, you can serve the application again
    within a second. `with ServedHere(app) as served: …`
    """

    def __init__(self, app: FastAPI) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._log = logging.StreamHandler(io.StringIO())

    def start(self, timeout_s: float = 60.0) -> Self:
        """Start the application, and return when it responds and, if it has a /ready, is ready.

        Raises StartFailed after `timeout_s` seconds.
        """
        for name in LOGGERS:
            logger = logging.getLogger(name)
            logger.addHandler(self._log)
            logger.propagate = False  # or a traceback appears below a later cell
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
        raise StartFailed(texts("not_ready", seconds=timeout_s), log)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    @property
    def log(self) -> str:
        """The server's log so far, such as the traceback of a failed request."""
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
    """One request, sent `sent_s` seconds after the heartbeat began, and whether it succeeded."""

    sent_s: float
    succeeded: bool


class Heartbeat:
    """A client that sends ten requests per second to a service, even after its address changes.

    `with Heartbeat(service) as heartbeat: …`
    """

    def __init__(self, service: Deployment) -> None:
        self.beats: list[Beat] = []
        self.events: dict[str, float] = {}  # by name, in seconds since it began
        self._service = service
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def mark(self, event: str) -> None:
        """Record that an event happens now."""
        self.events[event] = time.perf_counter() - self._began

    @property
    def outage_s(self) -> float:
        """The longest time in seconds between two successful requests."""
        times = [beat.sent_s for beat in self.beats if beat.succeeded]
        return max((later - earlier for earlier, later in pairwise(times)), default=0.0)

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
    """Sleep, and print the reason, because a cell without output looks as if it hung."""
    print(texts("waiting", seconds=seconds, what=what), flush=True)
    time.sleep(seconds)


@contextlib.contextmanager
def hung(service: Deployment, name: str) -> Iterator[None]:
    """Suspend one process of a service (SIGSTOP) for the duration of the block, then resume it."""
    component = next(one for one in service.components() if one.name == name)
    process = psutil.Process(int(component.id))
    process.suspend()
    try:
        yield
    finally:
        process.resume()

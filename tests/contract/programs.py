"""Programs that a test starts as a student does, by hand."""

import os
import re
import subprocess
import sys
import time

import requests

from hostlab.runtime import state
from hostlab.runtime.paths import COURSE, ROOT
from hostlab.runtime.ports import free_port

START_TIMEOUT_S = 60


class ByHand:
    """A program, started in its own folder on a free port, or on its own one if PORT is None.

    Entering it returns its address. It is killed at the end.
    """

    process: subprocess.Popen[bytes]

    def __init__(self, program: str, **settings: str | None) -> None:
        self.path, self.port = COURSE / program, free_port()
        chosen = {"PORT": str(self.port), "PYTHONPATH": str(ROOT)} | settings
        given = {name: value for name, value in chosen.items() if value is not None}
        self.environment = os.environ | given
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> str:
        with open(state.home() / "by-hand.log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, self.path.name],
                cwd=self.path.parent,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        if "PORT" in self.environment:
            self._wait()
        return self.url

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                requests.get(f"{self.url}/health", timeout=30)
                return
            except requests.ConnectionError:
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def wait_until_ready(url: str) -> None:
    """Return once a program is ready."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            if requests.get(f"{url}/ready", timeout=30).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        assert time.monotonic() < deadline, f"{url} is not ready"
        time.sleep(0.1)


def queued_texts(url: str) -> float:
    """Return the number of texts in the queue."""
    metrics = requests.get(f"{url}/metrics", timeout=30).text
    found = re.search(r"^hostlab_queued_texts ([\d.]+)", metrics, re.MULTILINE)
    assert found, metrics
    return float(found[1])

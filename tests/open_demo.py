"""`hostlab demo` in a process of its own, for the tests."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from hostlab.runtime.paths import python_path
from hostlab.runtime.ports import free_port
from tests.programs import NO_TOOLS


@dataclass
class Demo:
    """A running demo, and its output so far."""

    url: str
    process: subprocess.Popen
    lines: list[str] = field(default_factory=list)

    def output(self) -> str:
        return "".join(self.lines)

    def end(self) -> int:
        """Stop the demo, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.reader.join(timeout=10)
        return status

    def read(self) -> None:
        self.reader = threading.Thread(
            target=lambda: self.lines.extend(self.process.stdout), daemon=True
        )
        self.reader.start()


@contextlib.contextmanager
def open_demo(*options: str, **environment: str) -> Iterator[Demo]:
    port = free_port()
    command = [sys.executable, "-m", "hostlab.cli", "demo", "--port", str(port), *options]
    # Docker and the cluster are shared: the page would show what no test here has started.
    environment = (
        os.environ | {"PYTHONPATH": python_path(), "PYTHONUNBUFFERED": "1"} | NO_TOOLS | environment
    )
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    demo = Demo(f"http://127.0.0.1:{port}", process)
    demo.read()
    try:
        deadline = time.monotonic() + 120
        while "The demo is at" not in demo.output():
            assert process.poll() is None, f"the demo exited at once: {demo.output()}"
            assert time.monotonic() < deadline, f"the demo did not open: {demo.output()}"
            time.sleep(0.1)
        yield demo
    finally:
        if process.poll() is None:
            demo.end()

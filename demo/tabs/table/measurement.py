"""Run `hostlab measure` as a child process of the demo, and follow its progress.

A process of its own, so the work of the page affects no figure. It waits for the machine as a load
does. It stops the services that it has started, even when it is interrupted, and leaves alone what
was running before.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Literal, Self

from demo.run_queue import RunQueue
from hostlab import METHODS
from hostlab.errors import BadInput
from hostlab.runtime.paths import python_path
from hostlab.runtime.spawning import detached

# As the command line names them
PARTS = ("all", "simplicity", "scalability", "latency", "faults", "difficulty")
COUNTED = ("simplicity", "difficulty")  # run nothing, and so have no option --quick
INTERRUPTED = 130  # the exit status after Ctrl-C
LOG_LINES = 3  # of the child's log, in an error message

if sys.platform == "win32":
    _INTERRUPT = signal.CTRL_BREAK_EVENT
else:
    _INTERRUPT = signal.SIGINT

MeasureState = Literal["waiting", "running", "ended"]


class MeasureRun:
    """One measurement, in a thread that reads the child's progress."""

    def __init__(self, part: str, quick: bool, queue: RunQueue) -> None:
        """Raises BadInput for an unknown part."""
        if part not in PARTS:
            raise BadInput(f"There is no part {part!r}. The parts are: {', '.join(PARTS)}.")
        self.part, self.quick, self.methods = part, quick, tuple(METHODS)
        self.state: MeasureState = "waiting"
        self.done, self.sentence = 0.0, ""  # done: from 0 to 1
        self.left_s: float | None = None
        self.file: Path | None = None  # report.json, once it is written
        self.error: str | None = None
        self._log: list[str] = []
        self._queue, self._stop = queue, threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._work, name="measure", daemon=True)

    def start(self) -> Self:
        """Begin as soon as the machine is free."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Interrupt it as Ctrl-C does. What it has measured by then is kept."""
        self._stop.set()
        if self._process and self._process.poll() is None:
            self._process.send_signal(_INTERRUPT)

    def join(self) -> None:
        """Wait until the measurement has ended."""
        self._thread.join()

    @property
    def stopping(self) -> bool:
        """Whether somebody has stopped the measurement."""
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        """Whether the measurement has ended."""
        return self.state == "ended"

    def _work(self) -> None:
        try:
            with self._queue.reserve(self) as reserved:
                if reserved:
                    self.state = "running"
                    self._measure()
        finally:
            self.state, self.left_s = "ended", None

    def _measure(self) -> None:
        with self._popen() as process:
            self._process = process
            if self.stopping:  # stopped before there was a process to interrupt
                self.stop()
            assert process.stderr is not None  # a pipe
            for line in process.stderr:
                self._read(line.strip())
        if process.returncode not in (0, INTERRUPTED) and not self.stopping and not self.error:
            self.error = (
                " ".join(self._log[-LOG_LINES:])
                or f"The measurement failed with exit status {process.returncode} and no message. "
                f"Run `hostlab measure {self.part}` in a terminal."
            )

    def _popen(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "hostlab.cli", "measure", self.part, "--progress-json"]
        if self.quick and self.part not in COUNTED:
            command.append("--quick")
        return subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": python_path(), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            **detached(),
        )

    def _read(self, line: str) -> None:
        """Read one line from the child's standard error: progress as JSON, or log text."""
        message = _message(line)
        if message is None:
            self._log += [line] if line else []
        elif "error" in message:
            self.error = message["error"]
        elif "written" in message:
            files = map(Path, message["written"])
            self.file = next((file for file in files if file.name == "report.json"), None)
        else:
            self.done, self.left_s = message["done"], message["left_s"]
            self.sentence = message["sentence"]


def _message(line: str) -> dict[str, Any] | None:
    """Return a line's JSON object, or None if the line is text."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None

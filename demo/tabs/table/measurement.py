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
from pathlib import Path
from typing import Any

from demo.run_queue import ExclusiveRun, RunQueue
from hostlab import METHODS
from hostlab.errors import BadInput
from hostlab.runtime.paths import python_module, python_path
from hostlab.runtime.progress import Sentence
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


class MeasureRun(ExclusiveRun):
    """One measurement. Its thread reads the child's progress."""

    def __init__(self, part: str, quick: bool, queue: RunQueue) -> None:
        """Raises BadInput for an unknown part."""
        if part not in PARTS:
            raise BadInput(f"There is no part {part!r}. The parts are: {', '.join(PARTS)}.")
        super().__init__(tuple(METHODS), queue)
        self.part, self.quick = part, quick
        self.done = 0.0  # from 0 to 1
        self.sentence: Sentence | None = None
        self._left_s: float | None = None
        self.file: Path | None = None  # report.json, once it is written
        self.error: str | None = None
        self._log: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    @property
    def left_s(self) -> float | None:
        """About how many seconds it still takes, or None where that is unknown."""
        return self._left_s

    def stop(self) -> None:
        """Interrupt it as Ctrl-C does. What it has measured by then is kept."""
        super().stop()
        if self._process and self._process.poll() is None:
            self._process.send_signal(_INTERRUPT)

    def end(self) -> None:
        """Forget the estimate."""
        self._left_s = None

    def run(self) -> None:
        """Run the child to its end."""
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
        command = python_module("hostlab.cli", "measure", self.part, "--progress-json")
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
            self.done, self._left_s = message["done"], message["left_s"]
            self.sentence = Sentence.from_data(message["data"])


def _message(line: str) -> dict[str, Any] | None:
    """Return a line's JSON object, or None if the line is text."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None

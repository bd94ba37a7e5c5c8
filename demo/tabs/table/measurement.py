"""`hostlab measure` as a child of the demo: what it says of its progress, how it ended. Nothing here draws.

It is a process of its own, so that the page's work is in no figure, and it waits for its turn as a load does. What it starts for
the measurement it stops by itself, also when it is interrupted; what runs already it neither restarts, scales nor breaks.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from demo.run_queue import RunQueue
from hostlab import METHODS
from hostlab.errors import BadInput
from hostlab.runtime.paths import python_path
from hostlab.runtime.spawning import detached

PARTS = (
    "all",
    "simplicity",
    "scalability",
    "latency",
    "faults",
    "difficulty",
)  # as the command line names them
COUNTED = ("simplicity", "difficulty")  # nothing runs for these, and there is no quick way
_PROGRESS = re.compile(
    r"(?P<percent>\d+)%(, about (?P<left>\d+) (?P<unit>min|s) left)?: (?P<sentence>.*)"
)
_WRITTEN = re.compile(r"Written: (?P<json>.*?report\.json)")
STOPPED = 130  # its exit status after Ctrl-C


class MeasureRun:
    """One measurement, in a thread that reads what the child says. `state` is waiting, running or ended."""

    def __init__(self, part: str, quick: bool, turns: RunQueue) -> None:
        """Raises BadInput for a part that is none."""
        if part not in PARTS:
            raise BadInput(f"There is no part {part!r}. There are: {', '.join(PARTS)}.")
        self.part, self.quick, self.methods = part, quick, tuple(METHODS)
        self.state, self.done, self.left_s, self.sentence = "waiting", 0.0, None, ""
        self.file: Path | None = None  # the report, once it is written
        self.error: str | None = None
        self._turns, self._stop, self._process = turns, threading.Event(), None
        self._thread = threading.Thread(target=self._work, name="measure", daemon=True)

    def start(self) -> "MeasureRun":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Interrupt it as Ctrl-C does: what has been measured by then is kept."""
        self._stop.set()
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)

    def join(self) -> None:
        self._thread.join()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        return self.state == "ended"

    def _work(self) -> None:
        try:
            with self._turns.reserve(self) as mine:
                if mine:
                    self.state = "running"
                    self._measure()
        finally:
            self.state, self.left_s = "ended", None

    def _measure(self) -> None:
        command = [
            sys.executable,
            "-m",
            "hostlab.cli",
            "measure",
            self.part,
            *["--quick"] * (self.quick and self.part not in COUNTED),
        ]
        environment = os.environ | {"PYTHONPATH": python_path(), "PYTHONUNBUFFERED": "1"}
        said: list[str] = []
        with subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            **detached(),
        ) as self._process:
            if self.stopping:  # somebody was quicker than the start
                self.stop()
            for line in self._process.stderr:
                self._heard(line.strip(), said)
        if self._process.returncode not in (0, STOPPED) and not self.stopping:
            self.error = (
                " ".join(said[-3:])
                or f"The measurement ended with exit status {self._process.returncode}, and says nothing."
            )

    def _heard(self, line: str, said: list[str]) -> None:
        if progress := _PROGRESS.fullmatch(line):
            self.done, self.sentence = int(progress["percent"]) / 100, progress["sentence"]
            self.left_s = (
                float(progress["left"]) * (60 if progress["unit"] == "min" else 1)
                if progress["left"]
                else None
            )
        elif written := _WRITTEN.match(line):
            self.file = Path(written["json"])
        elif line:
            said.append(line)

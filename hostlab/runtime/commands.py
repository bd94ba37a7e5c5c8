"""Run another program to its end, and report how long it has taken so far."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from hostlab.types import Progress

POLL_S = 0.5


@dataclass(frozen=True)
class CommandResult:
    """How a program ended. `output` is what it wrote to standard output and standard error."""

    exit_status: int
    output: str


def run(command: Sequence[str], doing: str, progress: Progress) -> CommandResult:
    """Run `command` and wait until it ends.

    `progress` is told the seconds; `doing` names the work.
    """
    started = time.monotonic()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=POLL_S)
                    return CommandResult(process.returncode, output)
                except subprocess.TimeoutExpired:
                    progress(f"{doing}: {time.monotonic() - started:.0f} s")
        except BaseException:  # Ctrl-C too: the program must not outlive this call
            process.kill()
            raise

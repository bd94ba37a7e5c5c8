"""Run another program to its end, and report how long it has taken so far."""

import os
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import psutil

from hostlab.runtime.progress import Progress, Sentence

POLL_S = 0.5
TERMINATE_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class CommandResult:
    """How a program ended. `output` is what it wrote to standard output and standard error."""

    exit_status: int
    output: str

    def tail(self, lines: int) -> str:
        """Return the last lines of the output."""
        return "\n".join(self.output.splitlines()[-lines:])


def run(command: Sequence[str], doing: Sentence, progress: Progress) -> CommandResult:
    """Run `command` and wait until it ends.

    `progress` is called with the seconds so far; `doing` names the work.
    """
    steps = run_in_steps(command, doing)
    while True:
        try:
            sentence = next(steps)
        except StopIteration as end:
            result: CommandResult = end.value
            return result
        try:
            progress(sentence)
        except BaseException:
            steps.close()
            raise


def run_in_steps(
    command: Sequence[str], doing: Sentence, variables: Mapping[str, str] | None = None
) -> Generator[Sentence, None, CommandResult]:
    """Run `command`, yield how long it has taken while it runs, and return its result.

    `variables` are added to the environment. Closing the generator ends the program and its
    children.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = psutil.Popen(
            command,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while process.poll() is None:
                elapsed_s = time.monotonic() - started
                yield Sentence("text.running", doing=doing, seconds=elapsed_s)
                time.sleep(POLL_S)
        finally:  # Ctrl-C too: the program must not outlive this call
            _end(process)
        output.seek(0)
        return CommandResult(process.returncode, output.read().decode("utf-8", "replace"))


def _end(process: psutil.Popen) -> None:
    if process.poll() is not None:
        return
    processes = [*process.children(recursive=True), process]
    for one in processes:
        one.terminate()
    _, remaining = psutil.wait_procs(processes, timeout=TERMINATE_TIMEOUT_S)
    for one in remaining:
        one.kill()

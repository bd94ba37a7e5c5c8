"""How a measurement reports its progress: to people, or as JSON lines to a program."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from hostlab.cli.console import err, exit_status, spinner
from hostlab.errors import HostingLabError
from hostlab.measure.steps import Step
from hostlab.types import Language

REPORT_EVERY_S = 1.0
_ESTIMATE_FROM = 0.02  # the share that has to be done before the rest can be estimated


class ProgressReport(Protocol):
    """Receives each step of a measurement."""

    def __call__(self, step: Step[Any]) -> None:
        """Report the step."""


@contextmanager
def progress_report(as_json: bool) -> Iterator[ProgressReport]:
    """Yield what reports progress on standard error.

    On a terminal, one line that changes; elsewhere, at most a line each second. With `as_json`, one
    object a line: {"done": 0.25, "left_s": 30.0, "sentence": "…", "data": {…}}; left_s is null
    while it is not known, and data is the sentence for `Sentence.from_data`, in no language.
    """
    began = time.monotonic()
    if as_json:

        def write(step: Step[Any]) -> None:
            left_s = _left_s(step, time.monotonic() - began)
            english, data = step.sentence.text(Language.EN), step.sentence.as_data()
            write_json({"done": step.done, "left_s": left_s, "sentence": english, "data": data})

        yield write
    elif err.is_terminal:
        with spinner("Beginning") as update:
            yield lambda step: update(_sentence(step, time.monotonic() - began))
    else:
        printed_at = -REPORT_EVERY_S

        def print_line(step: Step[Any]) -> None:
            nonlocal printed_at
            now = time.monotonic()
            if now - printed_at >= REPORT_EVERY_S:
                printed_at = now
                err.print(_sentence(step, now - began), soft_wrap=True)

        yield print_line


@contextmanager
def errors_as_json(enabled: bool) -> Iterator[None]:
    """Write an error to standard error as {"error": "…"} and exit, instead of raising it."""
    try:
        yield
    except HostingLabError as error:
        if not enabled:
            raise
        write_json({"error": str(error)})
        sys.exit(exit_status(error))


def report_files(files: Sequence[Path], as_json: bool) -> None:
    """Report where the results were written."""
    if as_json:
        write_json({"written": [str(file) for file in files]})
    else:
        err.print(f"Written: {', '.join(map(str, files))}", soft_wrap=True)


def write_json(message: dict[str, Any]) -> None:
    """Write one message to standard error, in ASCII, whatever the encoding of a terminal is."""
    err.file.write(json.dumps(message) + "\n")
    err.file.flush()


def _left_s(step: Step[Any], elapsed_s: float) -> float | None:
    return elapsed_s * (1 - step.done) / step.done if step.done > _ESTIMATE_FROM else None


def _sentence(step: Step[Any], elapsed_s: float) -> str:
    left_s, left = _left_s(step, elapsed_s), ""
    if left_s is not None:
        amount = f"{left_s / 60:.0f} min" if left_s > 90 else f"{left_s:.0f} s"
        left = f", about {amount} left"
    return f"{step.done:.0%}{left}: {step.sentence.text(Language.EN)}"

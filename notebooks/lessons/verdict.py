"""The verdict of an exercise's check: [OK], [--] (not solved yet), or [FAIL].

A check is a function that raises NotSolved or Wrong with a sentence, or returns a sentence about
what it measured. It tests what the student's code does and never reads the code, so every solution
that works is right.
"""

import functools
import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from textwrap import shorten
from typing import Any, TextIO

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.score.record import Verdict
from notebooks.lessons.outcomes import record_outcome
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("common")

DOING = "[..]"  # begins each line of a check that is not its verdict
MARKS = {"not here": "[--]", "no service": "[FAIL]"}  # of the verdicts that are not their own mark
SHORT = 80  # characters of what a function printed


class NotSolved(Exception):
    """The exercise is not solved yet."""


class Wrong(Exception):
    """The solution is wrong. The message says what the check saw, and gives a hint."""


class NotHere(Exception):
    """The machine lacks what the exercise needs."""


class _Output(io.TextIOBase):
    """Shows what is printed during a check, and keeps it: a function may print its result."""

    def __init__(self, shown: TextIO) -> None:
        self.shown, self.printed, self.returned_nothing = shown, "", False

    def write(self, text: str) -> int:
        self.printed += text
        return self.shown.write(text)

    def flush(self) -> None:
        self.shown.flush()


def check(function: Callable[..., str]) -> Callable[..., None]:
    """Make a check of a function: print its verdict in one sentence, record it, and return nothing.

    The record is what `hostlab score` shows. If it cannot be written, a second sentence says so.

    If HOSTLAB_LESSON_CHECKS is set, as when the tests run the notebooks, every verdict other than
    the one that it names also raises AssertionError, except for NotHere.
    """

    @functools.wraps(function)
    def checked(*arguments: Any) -> None:
        output = _Output(sys.stdout)
        verdict: Verdict
        try:
            with redirect_stdout(output):
                verdict, sentence = "OK", function(*arguments)
        except NotHere as error:
            verdict, sentence = "not here", str(error)
        except NotSolved as error:
            verdict, sentence = "--", texts("not_solved", hint=error)
            if output.returned_nothing and (printed := output.printed.strip()):
                text = shorten(printed, SHORT, placeholder=" …")
                verdict, sentence = "FAIL", texts("printed", text=text)
        except Wrong as error:
            verdict, sentence = "FAIL", str(error)
        except HostingLabError as error:
            verdict, sentence = "no service", texts("service_error", message=error)
        mark = MARKS.get(verdict, f"[{verdict}]")
        print(mark, sentence)
        if unrecorded := record_outcome(function, verdict):
            print(unrecorded)
        expected = os.environ.get("HOSTLAB_LESSON_CHECKS", mark)
        if mark != expected and verdict != "not here":
            raise AssertionError(f"{function.__name__}: {mark} {sentence}")

    return checked


def doing(sentence: str) -> None:
    """Say what a check does now. Call this before each step that may take over two seconds."""
    shown = sys.stdout.shown if isinstance(sys.stdout, _Output) else sys.stdout
    print(DOING, sentence, file=shown, flush=True)


def is_missing(value: Any) -> bool:
    """Return whether an exercise's function returned nothing yet: None, or the `...` of its body.

    Compared by identity, because a comparison with a NumPy array is an array.
    """
    missing = value is None or value is ...
    if missing and isinstance(sys.stdout, _Output):
        sys.stdout.returned_nothing = True
    return missing


def require(service: Deployment) -> None:
    """Raise NotHere if the machine lacks a tool that `service` needs."""
    if service.missing_tools():
        raise NotHere(texts("exercise_needs", tool=texts.table("tools")[service.method]))


def run(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a student's function. Raises Wrong if the function raises an exception."""
    try:
        return function(*arguments)
    except Exception as error:
        raise Wrong(texts("raised", kind=type(error).__name__, message=error)) from error

"""The verdict of an exercise's check: [OK], [--] (not solved yet), or [FAIL].

A check is a function that raises NotSolved or Wrong with a sentence, or returns a sentence about
what it measured. It tests what the student's code does and never reads the code, so every solution
that works is right.
"""

import contextlib
import functools
import io
import os
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from notebooks.lessons import texts


class NotSolved(Exception):
    """The exercise is not solved yet."""


class Wrong(Exception):
    """The solution is wrong. The message says what the check saw, and gives a hint."""


class NotHere(Exception):
    """The machine lacks what the exercise needs."""


def check(function: Callable[..., str]) -> Callable[..., None]:
    """Make a check of a function: print its verdict in one sentence, and return nothing.

    If HOSTLAB_LESSON_CHECKS is set, as when the tests run the notebooks, every verdict other than
    the one that it names also raises AssertionError, except for NotHere.
    """

    @functools.wraps(function)
    def checked(*arguments: Any) -> None:
        try:
            mark, sentence = "[OK]", function(*arguments)
        except NotHere as error:
            print("[--]", error)
            return
        except NotSolved as error:
            mark, sentence = "[--]", f"not solved yet. {error}"
        except Wrong as error:
            mark, sentence = "[FAIL]", str(error)
        except HostingLabError as error:
            mark, sentence = "[FAIL]", texts.SERVICE_ERROR.format(message=error)
        print(mark, sentence)
        if mark != os.environ.get("HOSTLAB_LESSON_CHECKS", mark):
            raise AssertionError(f"{function.__name__}: {mark} {sentence}")

    return checked


def is_missing(value: Any) -> bool:
    """Return whether an exercise's function returned nothing yet: None, or the `...` of its body.

    Compared by identity, because a comparison with a NumPy array is an array.
    """
    return value is None or value is ...


def require(service: Deployment) -> None:
    """Raise NotHere if the machine lacks a tool that `service` needs."""
    if service.missing_tools():
        raise NotHere(texts.EXERCISE_NEEDS.format(tool=texts.TOOLS[service.method]))


def doing(sentence: str) -> None:
    """Print what a check does now, because one that takes seconds looks stuck without a word."""
    print(f"     {sentence}", flush=True)


def returned(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a student's function that has to return something.

    Raises Wrong if it raises an exception, or prints its result instead of returning it.
    """
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            result = run(function, *arguments)
    finally:
        sys.stdout.write(output.getvalue())
    if is_missing(result) and (printed := output.getvalue().strip()):
        raise Wrong(texts.PRINTED.format(printed=textwrap.shorten(printed, 80)))
    return result


def run(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a student's function. Raises Wrong if the function raises an exception."""
    try:
        return function(*arguments)
    except Exception as error:
        raise Wrong(texts.RAISED.format(kind=type(error).__name__, message=error)) from error

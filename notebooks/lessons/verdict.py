"""[OK], [--] not solved yet, or [FAIL]: how a check of an exercise answers.

A check is a function that raises NotSolved or Wrong with a sentence, or returns what it saw. It
measures the real thing and never looks at the text of the answer, so every solution that works is
right.
"""

import functools
import os
from collections.abc import Callable
from typing import Any

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from notebooks.lessons import texts


class NotSolved(Exception):
    """Nothing was tried yet."""


class Wrong(Exception):
    """Something was tried; the message says what was seen, and gives a hint."""


class NotHere(Exception):
    """The machine lacks what the exercise needs."""


def check(function: Callable[..., str]) -> Callable[..., None]:
    """Make a check of a function: print its verdict in one sentence and return nothing.

    With HOSTLAB_LESSON_CHECKS=strict in the environment, everything but [OK] is an error as well:
    the tests run the solved notebooks so. What cannot be tried on this machine (NotHere) is none.
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
        if mark != "[OK]" and os.environ.get("HOSTLAB_LESSON_CHECKS") == "strict":
            raise AssertionError(f"{function.__name__}: {mark} {sentence}")

    return checked


def require(service: Deployment) -> None:
    """Raise NotHere where the machine lacks what `service` needs."""
    if service.missing_tools():
        raise NotHere(texts.EXERCISE_NEEDS.format(tool=texts.TOOLS[service.method]))


def run(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a student's function; what it raises becomes Wrong."""
    try:
        return function(*arguments)
    except Exception as error:
        raise Wrong(texts.RAISED.format(kind=type(error).__name__, message=error)) from error

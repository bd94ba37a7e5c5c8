"""Calls of a student's function: a check judges the result, the exception, and the time taken."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class CallResult:
    """The outcome of a call so far.

    `value` is what it returned and `error` what it raised; `returned` is False while it still runs.
    """

    value: Any = None
    error: Exception | None = None
    returned: bool = False
    seconds: float = 0.0


def timed_call(function: Callable[..., Any], *arguments: Any) -> CallResult:
    """Call a function and wait for it. Never raises what the function raises."""
    result, started = CallResult(), time.monotonic()
    _call_into(result, function, arguments)
    result.seconds = time.monotonic() - started
    return result


def call_within(limit_s: float, function: Callable[..., Any], *arguments: Any) -> CallResult:
    """Call a function in a thread, and wait for it for at most `limit_s` seconds."""
    result, started = CallResult(), time.monotonic()
    thread = threading.Thread(target=_call_into, args=(result, function, arguments), daemon=True)
    thread.start()
    thread.join(limit_s)
    result.seconds = time.monotonic() - started
    return result


def _call_into(result: CallResult, function: Callable[..., Any], arguments: Any) -> None:
    try:
        result.value = function(*arguments)
    except Exception as error:
        result.error = error
    result.returned = True

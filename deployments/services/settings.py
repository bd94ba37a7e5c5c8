"""The settings of a service, all from the environment, so that a shell, Compose and Kubernetes set them the same way."""

import os
import sys
from dataclasses import dataclass
from typing import Self, TypeVar

N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Settings:
    """What a service needs to know. Times are in seconds, sizes in what their names say."""

    method: str
    host: str
    port: int
    run_id: str | None
    version: str
    upstream_timeout_s: float
    queue_limit: int
    drain_s: float
    shutdown_s: float

    @classmethod
    def from_environment(cls, method: str, port: int) -> Self:
        """Read the environment; `method` and `port` are what holds when it is silent.

        Ends the program with a sentence on stderr where a value cannot be used.
        """
        return cls(
            method=os.environ.get("HOSTLAB_METHOD", method),
            host=os.environ.get("HOST", "127.0.0.1"),
            port=number("PORT", port, low=1, high=65535),
            run_id=os.environ.get("HOSTLAB_RUN_ID")
            or None,  # given by whoever starts us; none when started by hand
            version=os.environ.get("VERSION", "1.0"),
            upstream_timeout_s=number("UPSTREAM_TIMEOUT_S", 20.0, low=0.01, high=3600.0),
            queue_limit=number(
                "QUEUE_LIMIT", 256, low=64, high=100_000
            ),  # texts that may wait; one full request always fits
            drain_s=number(
                "DRAIN_S", 0.5, low=0.0, high=600.0
            ),  # after SIGTERM: not ready, but still answering
            shutdown_s=number(
                "SHUTDOWN_S", 10.0, low=0.1, high=600.0
            ),  # then: time for the requests in flight
        )


def number(name: str, default: N, low: N, high: N) -> N:
    """Return the environment variable `name` as a number of the default's type, or end the program and say what is wrong."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = type(default)(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        sys.exit(
            f"The environment variable {name} is {text!r}. It has to be a number from {low} to {high}; unset it for {default}."
        )
    return value

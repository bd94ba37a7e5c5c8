"""The settings of a service. All come from the environment: a shell, Compose, and Kubernetes can
set them in the same way.
"""

import os
import sys
from dataclasses import dataclass
from typing import Self, TypeVar

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Settings:
    """The settings of a service.

    Attributes:
        method: The hosting method, as /health reports it.
        host: The address to listen on.
        port: The port to listen on.
        run_id: An ID from the program that started the service; None if started by hand.
        version: The version of the service, as /health reports it.
        upstream_timeout_s: The time limit for a request to the model service or the provider.
        queue_limit: The maximum number of waiting texts. A full request always fits.
        drain_s: After SIGTERM: how long the service is not ready, but still answers.
        shutdown_s: After that: the time limit for the requests in flight.
    """

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
        """Read the environment. `method` and `port` are the defaults.

        Exits with a message on stderr if a value is invalid.
        """
        return cls(
            method=os.environ.get("HOSTLAB_METHOD", method),
            host=os.environ.get("HOST", "127.0.0.1"),
            port=read_number("PORT", port, low=1, high=65535),
            run_id=os.environ.get("HOSTLAB_RUN_ID") or None,
            version=os.environ.get("VERSION", "1.0"),
            upstream_timeout_s=read_number("UPSTREAM_TIMEOUT_S", 20.0, low=0.01, high=3600.0),
            queue_limit=read_number("QUEUE_LIMIT", 256, low=64, high=100_000),
            drain_s=read_number("DRAIN_S", 0.5, low=0.0, high=600.0),
            shutdown_s=read_number("SHUTDOWN_S", 10.0, low=0.1, high=600.0),
        )


def read_number(name: str, default: Number, low: Number, high: Number) -> Number:
    """Return the environment variable `name` as a number of the default's type.

    Exits with a message on stderr if the value is not a number from `low` to `high`.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = type(default)(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        sys.exit(
            f"The environment variable {name} is {text!r}. Set it to a number from {low} to "
            f"{high}, or unset it to use {default}."
        )
    return value

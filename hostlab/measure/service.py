"""What a load is put on: a running method, or any service by its address."""

from typing import Protocol

import requests

from hostlab.bounded_http import bounded_session
from hostlab.guests.address import locate
from hostlab.types import Status

_TIMEOUT_S = 5.0


class Service(Protocol):
    """A method, as hostlab.get returns it, or something like it. `method` is its name."""

    @property
    def method(self) -> str: ...

    @property
    def url(self) -> str: ...

    def status(self) -> Status:
        """Return whether it runs."""


class ServiceAt:
    """A service on this machine or in a private network: a classmate's, or that of an exercise.

    Its name is its address. Nobody here starts it.
    """

    def __init__(self, address: str) -> None:
        """Raises BadInput for an address elsewhere, or what is no address."""
        self.method = address
        self.url = locate(address)

    def status(self) -> Status:
        """Return whether anybody responds there, with whatever status."""
        try:
            with bounded_session() as session:
                session.get(f"{self.url}/ready", timeout=_TIMEOUT_S)
        except requests.RequestException:
            reason = f"Nobody responds at {self.url}. Start the service, and check the port."
            return Status(self.method, "stopped", reason=reason)
        return Status(self.method, "running", self.url)


def is_address(name: str) -> bool:
    """Return whether a name in a command is an address: no method has one of its signs."""
    return any(sign in name for sign in ".:/")

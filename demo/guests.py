"""Guests: services that somebody has added by their address. They end with the demo's memory.

A guest is one more row of Compare and Load. It is not started, stopped, or killed from here: that
is up to its owner. So the demo watches whether it goes away and comes back.
"""

import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from demo.status_poller import Endpoint
from hostlab import METHODS
from hostlab.errors import BadInput
from hostlab.guests.findings import Finding

MAX_GUESTS = 40  # a class
MAX_NAME_CHARACTERS = 30
SILENT_PROBES = 2  # without a response in time, until a guest counts as away
_SIGNS = frozenset(" .:_-")  # in a name, besides letters and digits


@dataclass
class GuestFigures:
    """The last measurement of a guest; None where there is none, or it failed with `error`."""

    p50_ms: float | None = None
    per_s: float | None = None
    error: str | None = None


@dataclass
class Guest:
    """A service by its address. Times are in seconds; `away_since` is in Unix seconds.

    `outages_s` are how long it was away each time that it has come back.
    """

    name: str
    url: str
    findings: list[Finding]
    figures: GuestFigures = field(default_factory=GuestFigures)
    away_since: float | None = None
    outages_s: list[float] = field(default_factory=list)
    silent_probes: int = 0

    @property
    def endpoint(self) -> Endpoint:
        """The guest as Compare asks it."""
        return Endpoint(self.name, self.url)

    @property
    def conforming(self) -> int:
        """How many checks of the contract it has passed."""
        return sum(finding.conforms for finding in self.findings)

    @property
    def ranked(self) -> bool:
        """Whether it takes part in the ranking: it has been measured, and responds."""
        return self.figures.p50_ms is not None and self.away_since is None

    @property
    def ready_status(self) -> object:
        """The status of its response to /ready, where that is none of the contract's.

        None where /ready is as it should be, or nothing is known of it.
        """
        ready = next((one for one in self.findings if one.check == "ready"), None)
        return ready.values.get("status") if ready and not ready.conforms else None

    def note(self, responds: bool | None) -> None:
        """Note whether it responds to a probe now; None where it takes too long.

        A busy service may be late once, but not often.
        """
        self.silent_probes = self.silent_probes + 1 if responds is None else 0
        if responds is None and self.silent_probes < SILENT_PROBES:
            return
        if not responds:
            self.away_since = self.away_since or time.time()
        elif self.away_since is not None:
            self.outages_s.append(time.time() - self.away_since)
            self.away_since = None


class GuestRejected(BadInput):
    """A guest cannot be added. `name` and `values` are of the sentence in the page's texts."""

    def __init__(self, name: str, **values: object) -> None:
        super().__init__(name)
        self.name, self.values = name, values


def _is_allowed(character: str) -> bool:
    return character.isalnum() or character in _SIGNS


class GuestList:
    """All guests, in the order in which they came. May be used from any thread."""

    def __init__(self) -> None:
        self._guests: dict[str, Guest] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Guest]:
        """Return the guests."""
        with self._lock:
            return list(self._guests.values())

    def url(self, name: str) -> str | None:
        """Return the base address of a guest, or None where there is none of that name."""
        with self._lock:
            guest = self._guests.get(name)
            return guest.url if guest else None

    def name_for(self, typed: str, url: str) -> str:
        """Return the name that a guest at `url` gets: what was typed, else its address.

        Raises GuestRejected.
        """
        name = " ".join(typed.split()) or urlsplit(url).netloc.strip("[]").replace("]:", ":")
        if len(name) > MAX_NAME_CHARACTERS or not all(map(_is_allowed, name)):
            raise GuestRejected("name", limit=MAX_NAME_CHARACTERS)
        with self._lock:
            taken = self._guests.get(name)
            if name in METHODS or (taken and taken.url != url):
                raise GuestRejected("name_taken", guest=name)
            known = any(guest.url == url for guest in self._guests.values())
            if len(self._guests) >= MAX_GUESTS and not known:
                raise GuestRejected("full", limit=MAX_GUESTS)
        return name

    def add(self, name: str, url: str, findings: list[Finding]) -> None:
        """Add a guest. One at the same address is replaced."""
        with self._lock:
            for known in [one for one in self._guests.values() if one.url == url]:
                del self._guests[known.name]
            self._guests[name] = Guest(name, url, findings)

    def remove(self, name: str) -> None:
        """Remove a guest, if there is one of that name."""
        with self._lock:
            self._guests.pop(name, None)

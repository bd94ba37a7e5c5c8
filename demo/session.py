"""What one reader has done: the history that Compare shows, and that Load, Report and the exports read.

It lives in the demo's memory, under a key that only the reader's browser knows: a reload brings it back, another reader cannot
reach it, and it ends with the demo. Several pages of one browser are one reader.
"""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from demo.tabs.compare.comparison import Comparison

READERS = 200  # a large class; beyond it, who was away longest is forgotten
KEPT = 200  # comparisons and load runs of each


@dataclass
class Session:
    """One reader's history, oldest first: questions with their answers and measurements, and runs of Load (load_panel says which type)."""

    comparisons: list[Comparison] = field(default_factory=list)
    loads: list[Any] = field(default_factory=list)
    measurement: Any = None  # the last one that the reader has started in Table

    def add(self, comparison: Comparison) -> None:
        self.comparisons[:] = [*self.comparisons, comparison][-KEPT:]

    def add_load(self, run: Any) -> None:
        self.loads[:] = [*self.loads, run][-KEPT:]


@dataclass
class Reader:
    """One page that is open in one browser. A new question ends the one before."""

    language: str = "en"
    session: Session = field(default_factory=Session)
    asked: int = 0
    shown: Comparison | None = None  # else the newest
    left_out: set[str] = field(default_factory=set)  # methods that are not to be asked
    unloaded: set[str] = field(default_factory=set)  # methods on which no load is to be put

    def join(self, session: Session) -> None:
        """Take this history for one's own, and bring along what was done before it was found: who is quick asks while the page still loads."""
        if session is not self.session:
            early, self.session = self.session, session
            for comparison in early.comparisons:
                session.add(comparison)
            for run in early.loads:
                session.add_load(run)
            session.measurement = early.measurement or session.measurement


class Sessions:
    """All readers' histories. May be used from any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: str) -> Session:
        """Return the history kept under `key`: a new one, where there is none or it was forgotten."""
        with self._lock:
            session = self._known.setdefault(key, Session())
            self._known.move_to_end(key)
            while len(self._known) > READERS:
                self._known.popitem(last=False)
            return session


def new_key() -> str:
    return secrets.token_urlsafe(24)

"""What one reader has done: comparisons, loads, measurements.

The history lives in the demo's memory, under a key that only the reader's browser knows. A page
reload brings it back, other readers cannot reach it, and it ends with the demo. Several pages of
one browser share it.
"""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, TypeVar

from demo.texts import Texts, texts_in

MAX_READERS = 200  # a large class; beyond that, the one who has been away longest is forgotten
MAX_ENTRIES = 200  # of one type, of each reader

T = TypeVar("T")

# Several pages of one browser add at the same time. One lock for all sessions, because Gradio
# copies each page's state, and a lock cannot be copied.
_adding = threading.Lock()


class Session:
    """One reader's history: entries of any type, such as Comparison or LoadRun."""

    def __init__(self) -> None:
        self._entries: dict[type, list[Any]] = {}  # by the type of the entries

    def add(self, entry: object) -> None:
        """Add an entry. If there are too many of its type, the oldest one goes."""
        with _adding:
            self._entries[type(entry)] = [*self.entries(type(entry)), entry][-MAX_ENTRIES:]

    def entries(self, kind: type[T]) -> list[T]:
        """Return the entries of one type, oldest first."""
        return list(self._entries.get(kind, ()))

    def last(self, kind: type[T]) -> T | None:
        """Return the newest entry of one type, or None where there is none."""
        entries = self.entries(kind)
        return entries[-1] if entries else None

    def clear(self, kind: type) -> None:
        """Remove the entries of one type."""
        self._entries.pop(kind, None)

    def add_all(self, other: "Session") -> None:
        """Add the entries of another session."""
        for entries in list(other._entries.values()):
            for entry in entries:
                self.add(entry)


@dataclass
class Reader:
    """One page that is open in a browser.

    `local`: the browser runs on this machine, so that addresses of this machine lead somewhere.
    `load_mode`: what the page's Load tab is for, "load" or "limit"; None until the reader chooses.
    `behind`: the loads to draw behind the charts of the Load tab, by when they began.
    `asking`: the last question, a compare.running.RunningQuestion; a new one ends it.
    """

    language: str = "en"
    local: bool = False
    session: Session = field(default_factory=Session)
    load_mode: str | None = None
    behind: tuple[str, ...] = ()
    asking: Any = None
    shown: object = None  # the comparison on the page; None: the newest
    deselected: dict[str, frozenset[str]] = field(default_factory=dict)  # methods, by tab
    drawn: dict[str, int] = field(default_factory=dict)  # how often a tab's boxes were, by tab

    @property
    def texts(self) -> Texts:
        """The page's texts in the reader's language."""
        return texts_in(self.language)

    def join(self, session: Session) -> None:
        """Adopt `session` as the history.

        Entries from before it was found move along: a fast reader asks while the page still loads.
        """
        if session is self.session:
            return
        early, self.session = self.session, session
        session.add_all(early)


class Sessions:
    """All readers' histories. May be used from any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: str) -> Session:
        """Return the history under `key`; a new one if there is none, or it was forgotten."""
        with self._lock:
            session = self._known.setdefault(key, Session())
            self._known.move_to_end(key)
            while len(self._known) > MAX_READERS:
                self._known.popitem(last=False)
            return session


def new_key() -> str:
    """Return a key that nobody can guess."""
    return secrets.token_urlsafe(24)

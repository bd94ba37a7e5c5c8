"""The student's record: what the checks of the exercises found, one line for each check.

A line is an HMAC, a space, and an entry as JSON. The HMAC covers the entry and the HMAC of the line
before, so a line that was changed, added, moved, or removed by hand is noticed.

The key is in this file, which every student can read, so this is no proof. It does not protect
against:

- somebody who computes the HMACs with this key, or who calls `add_outcome` without a check
- the removal of the last lines, or of the whole record
- a solution that was copied from somebody else, which a check accepts like one's own
- a clock that is set to another time
"""

import contextlib
import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hostlab.errors import BadInput, StateUnusable
from hostlab.runtime import state
from hostlab.score.variant import Variant

_KEY = b"hosting-lab: the record of the exercises"
_LOCK_TIMEOUT_S = 10.0
MAX_NAME = 80  # characters
JUDGED = ("OK", "FAIL")  # the verdicts that count as a try

Verdict = Literal["OK", "--", "FAIL", "not here", "no service"]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class Outcome(_Entry):
    """What one check found, and the title of its exercise in the language of the notebook.

    `exercise` is the number of the exercise, of the lesson's `of`. `tries` is how often the
    student's code was judged until it was right. That is [OK] or [FAIL]. Not counted are "--" (no
    solution yet), "not here" (the machine lacks a tool), and "no service" (the service that the
    exercise needs did not respond). `variant` is None for an exercise without variants.
    """

    lesson: Text
    lesson_title: Text
    check: Text
    exercise: int = Field(ge=1, le=20)
    of: int = Field(ge=1, le=20)
    title: Text
    verdict: Verdict
    variant: Variant | None = None
    tries: int = Field(default=0, ge=0)


class StudentName(_Entry):
    """The student's name, which is set once."""

    name: str = Field(min_length=1, max_length=MAX_NAME)


_ENTRY: TypeAdapter[Outcome | StudentName] = TypeAdapter(Outcome | StudentName)


@dataclass(frozen=True)
class ScoreRecord:
    """A record. `changed` has the numbers of the lines that do not fit the chain, from 1.

    `outcomes` leaves these lines out.
    """

    lines: Sequence[str]
    name: str | None
    outcomes: Sequence[Outcome]
    changed: Sequence[int]


def path() -> Path:
    """Return the record's file, whose folder is created. Raises StateUnusable."""
    folder = state.home() / "score"
    with _errors():
        folder.mkdir(exist_ok=True)
    return folder / "record.txt"


def load() -> ScoreRecord:
    """Return the record of this user, which is empty before the first check.

    Raises StateUnusable.
    """
    file = path()
    with _errors():
        text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    return parse([line for line in text.split("\n") if line])


def parse(lines: Sequence[str]) -> ScoreRecord:
    """Return what the lines of a record say, and which of them were changed by hand."""
    name, outcomes, changed, previous = None, list[Outcome](), list[int](), ""
    for number, line in enumerate(lines, start=1):
        found, _, entry_json = line.partition(" ")
        try:
            if not hmac.compare_digest(found.encode(), _hmac(previous, entry_json).encode()):
                raise ValueError("The line does not follow the one before.")
            entry = _ENTRY.validate_json(entry_json)
        except ValueError:  # pydantic's ValidationError is one
            changed.append(number)
        else:
            if isinstance(entry, Outcome):
                outcomes.append(entry)
            else:
                name = name or entry.name
        previous = found
    return ScoreRecord(lines, name, outcomes, changed)


def add_outcome(outcome: Outcome) -> None:
    """Add what a check found, with the number of tries. Raises StateUnusable."""
    with _locked():
        record = load()
        before = [
            one
            for one in record.outcomes
            if (one.lesson, one.check) == (outcome.lesson, outcome.check)
        ]
        tries = before[-1].tries if before else 0
        if outcome.verdict in JUDGED and not any(one.verdict == "OK" for one in before):
            tries += 1
        _write([*record.lines, _line(record, outcome.model_copy(update={"tries": tries}))])


def set_name(name: str) -> str:
    """Set the student's name, and return it without needless spaces.

    Raises BadInput for a name that is empty, too long, or not the one that was set before, and
    StateUnusable.
    """
    name = " ".join(name.split())
    try:
        entry = StudentName(name=name)
    except ValidationError as error:
        raise BadInput(f"A name has 1 to {MAX_NAME} characters.") from error
    with _locked():
        record = load()
        if record.name is None:
            _write([*record.lines, _line(record, entry)])
        elif record.name != name:
            raise BadInput(
                f"This record is already that of {record.name}. To begin a new one, move {path()} "
                "to another folder, and set the name again."
            )
    return name


def _line(record: ScoreRecord, entry: _Entry) -> str:
    previous = record.lines[-1].partition(" ")[0] if record.lines else ""
    entry_json = entry.model_dump_json()
    return f"{_hmac(previous, entry_json)} {entry_json}"


def _hmac(previous: str, entry_json: str) -> str:
    return hmac.new(_KEY, f"{previous} {entry_json}".encode(), hashlib.sha256).hexdigest()


def _write(lines: Sequence[str]) -> None:
    target = path()
    new = target.with_suffix(".new")
    with _errors():
        new.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        os.replace(new, target)


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """Hold the lock of the record, which two notebooks may write. Raises StateUnusable."""
    lock = FileLock(path().with_suffix(".lock"), timeout=_LOCK_TIMEOUT_S, is_singleton=True)
    with _errors():
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """Raise StateUnusable where the record cannot be read or written."""
    try:
        yield
    except Timeout as error:
        raise StateUnusable(
            f"Another program has held {error.lock_file} for {_LOCK_TIMEOUT_S:g} s. Try again."
        ) from error
    except OSError as error:
        raise StateUnusable(
            f"The record of your score cannot be used: {error}. Free some space or make its folder "
            "writable, or set HOSTLAB_HOME to another folder."
        ) from error

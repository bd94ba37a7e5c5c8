"""Loads that have ended, to be laid behind the charts of another one: this session's, and others'.

All have the form in which a report keeps them, whether they come from a file or from this page.
"""

from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from demo import report_file
from demo.formatting import clock
from demo.session import Session
from demo.tabs.load.run import LoadRun
from demo.tabs.load.saved_form import SavedLoad
from demo.texts import Texts
from hostlab.errors import BadInput

MAX_BEHIND = 3  # more lines would hide each other

_ended: WeakKeyDictionary[LoadRun, SavedLoad] = WeakKeyDictionary()


@dataclass(frozen=True)
class LoadedLoads:
    """The loads of a session's report that a reader has loaded."""

    loads: tuple[SavedLoad, ...]


class _SessionLoads(BaseModel):
    loads: list[SavedLoad]


def read(path: Path, texts: Texts) -> LoadedLoads:
    """Return the loads of a session's report. Raises BadInput, in the reader's language."""
    _, data = report_file.read(path, texts)
    if "questions" not in data:
        raise BadInput(texts("earlier.no_session", file=path.name))
    try:
        loads = _SessionLoads.model_validate(data).loads
    except ValueError as error:
        raise report_file.damaged(path, error, texts) from error
    if not loads:
        raise BadInput(texts("earlier.no_loads", file=path.name))
    return LoadedLoads(tuple(loads))


def known(session: Session, shown: LoadRun | None) -> dict[str, SavedLoad]:
    """Return the loads that can be laid behind `shown`, by when they began, the newest first."""
    loads = [load for file in session.entries(LoadedLoads) for load in file.loads]
    loads += [_saved(run) for run in session.entries(LoadRun) if run.over]
    loads.sort(key=lambda load: load.began, reverse=True)
    return {
        load.began.isoformat(): load
        for load in loads
        # A report of this session has the load that the page shows, too
        if shown is None or int(load.began.timestamp()) != int(shown.began)
    }


def _saved(run: LoadRun) -> SavedLoad:
    """Return a load that has ended in the form of a report.

    Kept, because every tick of the tab lists the loads, and the form has each of their seconds.
    """
    if run not in _ended:
        _ended[run] = SavedLoad.model_validate(run.as_dict())
    return _ended[run]


def title(load: SavedLoad, texts: Texts) -> str:
    """Return when a load began, what it was, and on which methods."""
    level = texts.number(f"{load.plan.level:g}")
    asked = texts(f"load.short_{load.plan.kind}", level=level)
    methods = ", ".join(texts.title(row.method) for row in load.rows)
    return f"{clock(load.began.timestamp())}  {methods}, {asked}"

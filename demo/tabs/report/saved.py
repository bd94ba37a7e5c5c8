"""A saved report, as far as it can be compared: of a session, or of `hostlab measure`.

Of a session these are the medians of the same texts, and the percentiles of the same loads. Of a
measurement these are all figures that have a name in both reports.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, TypeAdapter

from demo import report_file
from demo.tabs.load.track import Disturbance
from demo.tabs.report.session_form import (
    LoadPlace,
    SavedSession,
    disturbances,
    medians,
    of_loads,
)
from demo.texts import Texts
from hostlab.errors import BadInput
from hostlab.measure.report import files
from hostlab.measure.report.diff import Figures, figures_of
from hostlab.measure.report.table import Data

ReportKind = Literal["session", "measurement"]


@dataclass(frozen=True)
class SavedReport:
    """What there is to compare in a report.

    `name` is the file's, or empty for what the page holds now. `engines` is by method; a method of
    which it is not known is missing. `disturbances` has what was done to a method under a load.
    `session` is what the figures of a session come from.
    """

    kind: ReportKind
    name: str
    made_at: datetime
    processor: str
    engines: dict[str, str]
    figures: Figures
    disturbances: Mapping[LoadPlace, tuple[Disturbance, ...]] = field(default_factory=dict)
    session: SavedSession | None = None

    def since(self, then: "SavedReport") -> "SavedReport":
        """Return this report without what is the same measurement in an earlier one."""
        if self.session is None or then.session is None:
            return self if self.made_at != then.made_at else replace(self, figures={})
        return _of_session(self.session.since(then.session), self.name)

    def shared_with(self, then: "SavedReport") -> int:
        """Return how many questions and loads of a session are the same in both reports."""
        if self.session is None or then.session is None:
            return 0
        rest = self.session.since(then.session)
        known, new = (len(one.questions) + len(one.loads) for one in (self.session, rest))
        return known - new


def read(path: Path, texts: Texts) -> SavedReport:
    """Return the report in a file. Raises BadInput, in the reader's language."""
    content, data = report_file.read(path, texts)
    try:
        if "questions" in data:
            return of_session(data, path.name)
        return _of_measurement(files.parse(content), path.name)
    except (ValueError, BadInput) as error:
        raise report_file.damaged(path, error, texts) from error


def of_session(data: dict[str, Any], name: str = "") -> SavedReport:
    """Return a session's report (`document.as_data`). Raises pydantic.ValidationError."""
    return _of_session(SavedSession.model_validate(data), name)


def _of_session(session: SavedSession, name: str) -> SavedReport:
    rows = [row for question in session.questions for row in question.methods]
    engines = {row.method: row.engine for row in rows if row.engine}
    figures = medians(session.questions) | of_loads(session.loads)
    return SavedReport(
        "session",
        name,
        session.made_at,
        session.machine.processor,
        engines,
        figures,
        disturbances(session.loads),
        session,
    )


def newest_measurement() -> SavedReport | None:
    """Return this machine's newest measurement, or None where nothing has been measured."""
    for file in files.kept():
        try:
            return _of_measurement(files.read(file))
        except BadInput:  # not a report of this version; the Table tab says so
            continue
    return None


def _of_measurement(report: Data, name: str = "") -> SavedReport:
    return SavedReport(
        "measurement",
        name,
        TypeAdapter(AwareDatetime).validate_python(report["measured_at"]),
        report["machine"]["processor"],
        dict(report["engines"]),
        figures_of(report),
    )

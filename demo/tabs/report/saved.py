"""A saved report, as far as it can be compared: of a session, or of `hostlab measure`.

Of a session these are the medians of the same texts, and the percentiles of the same loads. Of a
measurement these are all figures that have a name in both reports.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from demo.texts import Texts
from hostlab.errors import BadInput
from hostlab.measure.load.isolated import LoadKind
from hostlab.measure.report import files
from hostlab.measure.report.diff import FigureName, Figures, figures_of
from hostlab.measure.report.table import Data
from hostlab.measure.statistics import Figure, percentile

MAX_REPORT_BYTES = 5_000_000  # a long session, with all of its loads

ReportKind = Literal["session", "measurement"]
Milliseconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True)
class SavedReport:
    """What there is to compare in a report.

    `name` is the file's, or empty for what the page holds now. `engines` is by method; a method of
    which it is not known is missing.
    """

    kind: ReportKind
    name: str
    made_at: str
    processor: str
    engines: dict[str, str]
    figures: Figures


@dataclass(frozen=True)
class QuestionName(FigureName):
    """Which figure of a question: the median latency of these texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class LoadName(FigureName):
    """Which figure of a load: a percentile at a level (requests per second, or users)."""

    kind: LoadKind
    level: float


class _SavedMachine(BaseModel):
    processor: str


class _SavedRow(BaseModel):
    method: str
    engine: str | None = None
    in_turn_ms: list[Milliseconds]


class _SavedQuestion(BaseModel):
    texts: list[str]
    methods: list[_SavedRow]


class _SavedLoadFigures(BaseModel):
    p50_ms: Figure | None
    p95_ms: Figure | None
    p99_ms: Figure | None


class _SavedPhase(BaseModel):
    level: float
    figures: _SavedLoadFigures


class _SavedTrack(BaseModel):
    method: str
    phases: list[_SavedPhase]


class _SavedPlan(BaseModel):
    kind: LoadKind


class _SavedLoad(BaseModel):
    plan: _SavedPlan
    rows: list[_SavedTrack]


class _SavedSession(BaseModel):
    """The form of a session's report, as far as it is compared; see document.as_data."""

    made_at: str
    machine: _SavedMachine
    questions: list[_SavedQuestion]
    loads: list[_SavedLoad]


def read(path: Path, texts: Texts) -> SavedReport:
    """Return the report in a file. Raises BadInput, in the reader's language."""
    if (size := path.stat().st_size) > MAX_REPORT_BYTES:
        size_mb, limit_mb = f"{size / 1e6:.1f}", f"{MAX_REPORT_BYTES / 1e6:g}"
        raise BadInput(texts("problem.file_size", file=path.name, size=size_mb, limit=limit_mb))
    try:
        content = path.read_text(encoding="utf-8-sig")
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(texts("changes.no_json", file=path.name)) from error
    if not isinstance(data, dict) or not data.keys() & {"results", "questions"}:
        raise BadInput(texts("changes.no_report", file=path.name))
    try:
        if "questions" in data:
            return of_session(data, path.name)
        return _of_measurement(files.parse(content), path.name)
    except (ValueError, BadInput) as error:
        reason = _reason(error) if isinstance(error, ValidationError) else str(error)
        raise BadInput(texts("changes.damaged", file=path.name, reason=reason)) from error


def of_session(data: dict[str, Any], name: str = "") -> SavedReport:
    """Return a session's report (`document.as_data`). Raises pydantic.ValidationError."""
    session = _SavedSession.model_validate(data)
    rows = [row for question in session.questions for row in question.methods]
    engines = {row.method: row.engine for row in rows if row.engine}
    figures = _medians(session.questions) | _percentiles(session.loads)
    return SavedReport(
        "session", name, session.made_at, session.machine.processor, engines, figures
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
        report["measured_at"],
        report["machine"]["processor"],
        dict(report["engines"]),
        figures_of(report),
    )


def _medians(questions: list[_SavedQuestion]) -> dict[FigureName, Figure]:
    """Return the median of each method for each list of texts, over all times it was asked."""
    samples: dict[FigureName, list[float]] = defaultdict(list)
    for question in questions:
        for row in question.methods:
            name = QuestionName("question", row.method, "p50", tuple(question.texts))
            samples[name] += row.in_turn_ms
    medians = {name: percentile(values, 50, "ms") for name, values in samples.items()}
    return {name: median for name, median in medians.items() if median}


def _percentiles(loads: list[_SavedLoad]) -> dict[FigureName, Figure]:
    """Return the percentiles of each method at each level; of several such loads, of the last."""
    return {
        LoadName("load", track.method, name[:3], load.plan.kind, phase.level): figure
        for load in loads
        for track in load.rows
        for phase in track.phases
        for name, figure in phase.figures
        if figure
    }


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"

"""A session's report as JSON, as far as it is compared, and the figures in it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, NonNegativeInt

from hostlab.measure.load.isolated import LoadKind
from hostlab.measure.report.diff import FigureName
from hostlab.measure.statistics import Figure, percentile, share

Disturbance = Literal["kill", "start"]
Milliseconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True)
class QuestionName(FigureName):
    """Which figure of a question: the median latency of these texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class LoadPlace:
    """A method under a load of one kind at one level (requests per second, or users)."""

    method: str
    kind: LoadKind
    level: float


@dataclass(frozen=True)
class LoadName(FigureName):
    """Which figure of a load: a percentile, or the share of requests that were lost."""

    place: LoadPlace


class _SavedMachine(BaseModel):
    processor: str


class _SavedRow(BaseModel):
    method: str
    engine: str | None = None
    in_turn_ms: list[Milliseconds]


class _SavedQuestion(BaseModel):
    asked_at: str
    texts: list[str]
    methods: list[_SavedRow]


class _SavedLoadFigures(BaseModel):
    sent: NonNegativeInt
    lost: NonNegativeInt
    p50_ms: Figure | None
    p95_ms: Figure | None
    p99_ms: Figure | None


class _SavedPhase(BaseModel):
    level: float
    from_s: float
    until_s: float | None
    figures: _SavedLoadFigures


class _SavedEvent(BaseModel):
    at_s: float
    what: Literal["kill", "start", "change", "back"]


class _SavedTrack(BaseModel):
    method: str
    phases: list[_SavedPhase]
    events: list[_SavedEvent]


class _SavedPlan(BaseModel):
    kind: LoadKind


class _SavedLoad(BaseModel):
    began: str
    plan: _SavedPlan
    rows: list[_SavedTrack]


class SavedSession(BaseModel):
    """The form of a session's report, as far as it is compared; see document.as_data."""

    made_at: AwareDatetime
    machine: _SavedMachine
    questions: list[_SavedQuestion]
    loads: list[_SavedLoad]


def medians(questions: list[_SavedQuestion]) -> dict[FigureName, Figure]:
    """Return the median of each method for each list of texts, over all times it was asked."""
    samples: dict[FigureName, list[float]] = defaultdict(list)
    for question in questions:
        for row in question.methods:
            name = QuestionName("question", row.method, "p50", tuple(question.texts))
            samples[name] += row.in_turn_ms
    medians = {name: percentile(values, 50, "ms") for name, values in samples.items()}
    return {name: median for name, median in medians.items() if median}


def of_loads(loads: list[_SavedLoad]) -> dict[FigureName, Figure]:
    """Return the figures of each method at each level; of several such loads, of the last."""
    found: dict[FigureName, Figure] = {}
    for load in loads:
        for track in load.rows:
            for phase in track.phases:
                place = LoadPlace(track.method, load.plan.kind, phase.level)
                figures = phase.figures
                known = {
                    "p50_ms": figures.p50_ms,
                    "p95_ms": figures.p95_ms,
                    "p99_ms": figures.p99_ms,
                    "lost_share": share(min(figures.lost, figures.sent), figures.sent),
                }
                for name, figure in known.items():
                    if figure:
                        found[LoadName("load", track.method, name, place)] = figure
    return found


def disturbances(loads: list[_SavedLoad]) -> dict[LoadPlace, tuple[Disturbance, ...]]:
    """Return who was killed or restarted at which level; of several such loads, in the last."""
    found: dict[LoadPlace, tuple[Disturbance, ...]] = {}
    for load in loads:
        for track in load.rows:
            for phase in track.phases:
                found[LoadPlace(track.method, load.plan.kind, phase.level)] = tuple(
                    event.what
                    for event in track.events
                    if event.what in ("kill", "start")
                    and phase.from_s <= event.at_s
                    and (phase.until_s is None or event.at_s < phase.until_s)
                )
    return {place: events for place, events in found.items() if events}

"""A session's report as JSON, as far as it is compared, and the figures in it."""

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, Field

from demo.tabs.load.saved_form import SavedLoad, SavedPhase, SavedTrack
from demo.tabs.load.track import Disturbance
from hostlab.measure.load.isolated import LoadKind
from hostlab.measure.report.diff import FigureName
from hostlab.measure.statistics import Figure, mean, percentile, share

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


class SavedSession(BaseModel):
    """The form of a session's report, as far as it is compared; see document.as_data."""

    made_at: AwareDatetime
    machine: _SavedMachine
    questions: list[_SavedQuestion]
    loads: list[SavedLoad]

    def since(self, then: Self) -> Self:
        """Return this session without the questions and loads that are in an earlier report."""
        asked = {question.asked_at for question in then.questions}
        began = {load.began for load in then.loads}
        return self.model_copy(
            update={
                "questions": [one for one in self.questions if one.asked_at not in asked],
                "loads": [one for one in self.loads if one.began not in began],
            }
        )


def medians(questions: list[_SavedQuestion]) -> dict[FigureName, Figure]:
    """Return the median of each method for each list of texts, over all times it was asked."""
    samples: dict[FigureName, list[float]] = defaultdict(list)
    for question in questions:
        for row in question.methods:
            name = QuestionName("question", row.method, "p50", tuple(question.texts))
            samples[name] += row.in_turn_ms
    medians = {name: percentile(values, 50, "ms") for name, values in samples.items()}
    return {name: median for name, median in medians.items() if median}


def of_loads(loads: list[SavedLoad]) -> dict[FigureName, Figure]:
    """Return the figures of each method at each level; of several such loads, of the last."""
    found: dict[FigureName, Figure] = {}
    for load in loads:
        for track in load.rows:
            for phase in track.phases:
                place = LoadPlace(track.method, load.plan.kind, phase.level)
                figures = phase.figures
                known = {
                    "per_s": _throughput(track, phase),
                    "p50_ms": figures.p50_ms,
                    "p95_ms": figures.p95_ms,
                    "p99_ms": figures.p99_ms,
                    "lost_share": share(min(figures.lost, figures.sent), figures.sent),
                }
                for name, figure in known.items():
                    if figure:
                        found[LoadName("load", track.method, name, place)] = figure
    return found


def _throughput(track: SavedTrack, phase: SavedPhase) -> Figure | None:
    """Return the mean of the phase's whole seconds; None where there are fewer than two."""
    until_s = math.inf if phase.until_s is None else phase.until_s
    whole = [
        one.per_s
        for one in track.seconds
        if phase.from_s <= one.second and one.second + 1 <= until_s
    ]
    return mean(whole, "texts/s") if len(whole) > 1 else None


def disturbances(loads: list[SavedLoad]) -> dict[LoadPlace, tuple[Disturbance, ...]]:
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

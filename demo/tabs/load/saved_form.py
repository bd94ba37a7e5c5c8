"""A load as plain data (`LoadRun.as_dict`), as a session's report keeps it."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, NonNegativeInt

from demo.tabs.load.plan import MAX_SECONDS
from demo.tabs.load.track import EventKind
from hostlab.measure.load.isolated import LoadKind
from hostlab.measure.statistics import Figure

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class SavedLoadFigures(BaseModel):
    """How many requests were sent and lost, and the percentiles of the latency."""

    sent: NonNegativeInt
    lost: NonNegativeInt
    p50_ms: Figure | None
    p95_ms: Figure | None
    p99_ms: Figure | None


class SavedPhase(BaseModel):
    """A time at one level, in seconds of the method's own time."""

    level: NotNegative
    from_s: float
    until_s: float | None
    figures: SavedLoadFigures


class SavedEvent(BaseModel):
    """What was done to the method."""

    at_s: float
    what: EventKind


class SavedSecond(BaseModel):
    """One second of the charts: `per_s` predictions, lost requests, milliseconds."""

    second: NonNegativeInt
    per_s: NotNegative
    lost: NonNegativeInt
    p50_ms: NotNegative | None
    p95_ms: NotNegative | None
    p99_ms: NotNegative | None


class SavedTrack(BaseModel):
    """One method under the load."""

    method: Annotated[str, Field(max_length=100)]
    phases: list[SavedPhase]
    events: list[SavedEvent]
    seconds: list[SavedSecond]


class SavedPlan(BaseModel):
    """What load it was: requests per second (open) or users (closed)."""

    kind: LoadKind
    level: NotNegative
    seconds: Annotated[float, Field(gt=0, le=MAX_SECONDS)]
    ramp_s: Annotated[float, Field(ge=0, le=MAX_SECONDS)]

    @property
    def total_s(self) -> float:
        """How long each method was under load, the ramp-up included."""
        return self.ramp_s + self.seconds


class SavedLoad(BaseModel):
    """One load. When it began tells it from others."""

    began: AwareDatetime
    plan: SavedPlan
    rows: Annotated[list[SavedTrack], Field(max_length=50)]  # the methods and a class's guests

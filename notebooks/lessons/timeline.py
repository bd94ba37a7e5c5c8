"""What happened to containers or pods during an outage, on the time axis of the plot above it.

The rows come from the engine (docker_timeline.py) or from the cluster, not from what the client
saw. plots.timeline(load, rows) draws them below the requests of that load.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from hostlab.palette import GRAY, GREEN, SKY, VERMILION
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("common")

State = Literal["starting", "ready", "killed", "terminating"]
COLORS: dict[State, str] = {
    "starting": SKY,
    "ready": GREEN,
    "killed": VERMILION,
    "terminating": GRAY,
}
# For readers who see no colors, and for print.
HATCHES: dict[State, str] = {"starting": "////", "ready": "", "killed": "", "terminating": "...."}
HEIGHT = 0.6
ROW_INCHES, FRAME_INCHES = 0.35, 0.9


@dataclass(frozen=True)
class Interval:
    """A time in one state, in seconds since the load began.

    starting: its program runs or is about to, but is not ready. ready: it gets requests.
    killed: its program has ended without being asked to, and nothing has started it again.
    terminating: it was asked to end, and finishes what it has begun.
    """

    state: State
    begin_s: float
    end_s: float


@dataclass(frozen=True)
class Row:
    """A container or pod, and its intervals in order. Between them, it doesn't exist."""

    name: str
    intervals: Sequence[Interval]


@dataclass
class Life:
    """What is known of one container or pod so far. `state` is None while it doesn't exist."""

    name: str
    state: State | None
    since_s: float
    intervals: list[Interval] = field(default_factory=list, kw_only=True)

    def become(self, state: State | None, at_s: float) -> None:
        """Close the interval before, unless nothing changes."""
        if state == self.state:
            return
        at_s = max(at_s, self.since_s)
        if self.state and at_s > self.since_s:
            self.intervals.append(Interval(self.state, self.since_s, at_s))
        self.state, self.since_s = state, at_s


def rows_until(ended_s: float, lives: Iterable[Life]) -> list[Row]:
    """Return a row for each life that had a state for a while before `ended_s`."""
    rows = []
    for life in lives:
        life.become(None, ended_s)
        if life.intervals:
            rows.append(Row(life.name, life.intervals))
    return rows


def height_inches(rows: Sequence[Row]) -> float:
    """Return how high the axes of these rows should be."""
    return FRAME_INCHES + ROW_INCHES * len(rows)


def draw(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw one bar for each row, from top to bottom, and a cross where a program was killed.

    The x-axis is left as it is, because it belongs to the plot above.
    """
    for number, row in enumerate(rows):
        for one in row.intervals:
            axes.barh(
                number,
                one.end_s - one.begin_s,
                HEIGHT,
                left=one.begin_s,
                color=COLORS[one.state],
                hatch=HATCHES[one.state],
                edgecolor="white",
                linewidth=0,
            )
            if one.state == "killed":  # a restart takes a tenth of a second, too short for a bar
                axes.plot(
                    one.begin_s,
                    number,
                    marker="X",
                    markersize=11,
                    color=VERMILION,
                    markeredgecolor="white",
                )
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    handles = [
        Patch(
            facecolor=COLORS[state],
            hatch=HATCHES[state],
            edgecolor="white",
            label=texts.table("states")[state],
        )
        for state in _states(rows)
    ]
    axes.figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)


def _states(rows: Sequence[Row]) -> list[State]:
    """Return the states that occur, in the order of a life."""
    found = {one.state for row in rows for one in row.intervals}
    return [state for state in COLORS if state in found]

"""Line charts over time, as SVG within HTML.

The lines stretch to the room there is. Their labels are HTML beside the drawing, so that the
letters do not stretch too.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from demo.templating import render
from demo.texts import Texts

_WIDTH, _HEIGHT = 1000, 300  # in the drawing's own units

# (seconds, value); None is a gap in the line
Line = Sequence[tuple[float, float | None]]


@dataclass(frozen=True)
class ChartEvent:
    """Something that happened to a method `at_s` seconds into its line, and the label beside it."""

    at_s: float
    method: str
    label: str


@dataclass(frozen=True)
class Cross:
    """A point of a method that is marked; `label` stands above it, such as its true value."""

    at_s: float
    value: float
    label: str = ""


@dataclass(frozen=True)
class BoundLine:
    """A value that the lines should not exceed, and the label of the level line there."""

    value: float
    label: str


def chart(
    title: str,
    lines: Mapping[str, Line],
    until_s: float,
    texts: Texts,
    events: Iterable[ChartEvent] = (),
    description: str = "",
    bound: BoundLine | None = None,
    crosses: Mapping[str, Sequence[Cross]] | None = None,
    behind: Sequence[Mapping[str, Line]] = (),
    offered: Mapping[str, Line] | None = None,
    note: str = "",
) -> Markup:
    """Return a chart with one line for each method, from 0 to `until_s` seconds.

    `description` gives the latest values to screen readers. `crosses` are points of each method
    that are marked. `behind` are the lines of other runs, each run dashed in its own way. `offered`
    are thin lines: what the others would reach if nothing held them back. `note` is small print
    beside the title.
    """
    offered = offered or {}
    drawn = [line for run in (lines, offered, *behind) for line in run.values()]
    values = [value for line in drawn for _, value in line if value is not None]
    top = _axis_end(max([*values, bound.value if bound else 0.0], default=0.0))
    marks = [
        {"share": min(event.at_s / until_s, 1), "method": event.method, "label": event.label}
        for event in events
    ]
    return render(
        "chart.html.j2",
        title=title,
        note=note,
        description=description,
        width=_WIDTH,
        height=_HEIGHT,
        marks=marks,
        bound={"share": bound.value / top, "label": bound.label} if bound else None,
        crosses=[
            {
                "at": cross.at_s / until_s,
                "up": cross.value / top,
                "method": method,
                "label": cross.label,
            }
            for method, of_method in (crosses or {}).items()
            for cross in of_method
        ],
        paths=_paths(lines, until_s, top),
        paths_behind=[_paths(run, until_s, top) for run in behind],
        offered=_paths(offered, until_s, top),
        y_axis=[(share, _short(top * share, texts)) for share in (0, 0.5, 1)],
        x_axis=_time_axis(until_s, texts),
    )


def _time_axis(until_s: float, texts: Texts) -> list[tuple[float, str]]:
    """Return the labels of the time axis, each with its place from 0 to 1."""
    step = next((step for step in (1, 2, 5, 10, 20, 30, 60) if until_s / step <= 6), 120)
    seconds = [number * step for number in range(int(until_s / step + 1e-9) + 1)]
    labels = [_short(at, texts) for at in seconds]
    labels[-1] += f" {texts('load.unit')}"
    return [(at / until_s, label) for at, label in zip(seconds, labels, strict=True)]


def _paths(lines: Mapping[str, Line], until_s: float, top: float) -> dict[str, str]:
    return {method: _path(line, until_s, top) for method, line in lines.items()}


def _path(line: Line, until_s: float, top: float) -> str:
    """Return the line's SVG path.

    A point between two gaps is a stroke of no length: its round ends make it a dot.
    """
    commands, drawing = [], False
    for at_s, value in line:
        if value is None:
            drawing = False
            continue
        x, y = at_s / until_s * _WIDTH, _HEIGHT - min(value, top) / top * _HEIGHT
        commands.append(f"L{x:.1f} {y:.1f}" if drawing else f"M{x:.1f} {y:.1f}h0")
        drawing = True
    return "".join(commands)


def _axis_end(highest: float) -> float:
    """Return the round number at the end of an axis: 1, 2, 4, 5, or 8 times a power of ten."""
    if highest <= 0:
        return 1.0
    power: float = 10 ** math.floor(math.log10(highest))
    factors = (1, 2, 4, 5, 8, 10)
    return next(factor * power for factor in factors if factor * power >= highest * (1 - 1e-9))


def _short(value: float, texts: Texts) -> str:
    return texts.number(f"{value:g}" if value < 10_000 else f"{value:.0f}")

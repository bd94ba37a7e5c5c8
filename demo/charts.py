"""Line charts over time, as SVG within HTML: no script, the page's colours in light and dark, letters that keep their size.

The lines are stretched to whatever room there is; what is written stands in HTML beside them, so that it is not stretched too.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from demo.theme import method_colour

_WIDE, _HIGH = 1000, 300  # of the drawing's own units

Line = Sequence[
    tuple[float, float | None]
]  # (seconds, value); None where there is nothing to draw, which is a gap


@dataclass(frozen=True)
class Mark:
    """Something that happened to a method `at_s` seconds into its line; `said` is written beside it."""

    at_s: float
    method: str
    said: str


def chart(
    title: str,
    lines: Mapping[str, Line],
    until_s: float,
    marks: Iterable[Mark] = (),
    described: str = "",
    unit: str = "s",
) -> str:
    """Return a chart of one line for each method, from 0 to `until_s` seconds.

    `described` says its latest values to those who do not see it; `unit` is that of the time, in the reader's language.
    """
    highest = max(
        (value for line in lines.values() for _, value in line if value is not None), default=0.0
    )
    top, step = _ceiling(highest), _step(until_s)
    drawn = "".join(
        f'<line class="hl-grid-line" x1="0" x2="{_WIDE}" y1="{y}" y2="{y}"/>'
        for y in (0, _HIGH // 2, _HIGH)
    )
    written = "".join(
        f'<span class="hl-y" style="--at:{share}">{_short(top * share)}</span>'
        for share in (0, 0.5, 1)
    )
    seconds = [number * step for number in range(int(until_s / step + 1e-9) + 1)]
    written += "".join(
        f'<span class="hl-x" style="--at:{at / until_s:.4f}">{_short(at)}{f" {unit}" if at == seconds[-1] else ""}</span>'
        for at in seconds
    )
    for mark in marks:
        share = min(mark.at_s / until_s, 1)
        colour = method_colour(mark.method)
        drawn += f'<line class="hl-mark-line" style="--colour:{colour}" x1="{share * _WIDE:.1f}" x2="{share * _WIDE:.1f}" y1="0" y2="{_HIGH}"/>'
        written += (
            f'<span class="hl-mark" style="--at:{share:.4f};--colour:{colour}">{escape(mark.said)}</span>'
            if mark.said
            else ""
        )
    for method, line in lines.items():
        drawn += f'<path class="hl-line" data-method="{method}" style="--colour:{method_colour(method)}" d="{_path(line, until_s, top)}"/>'
    return (
        f'<figure class="hl-chart" role="img" aria-label="{escape(f"{title}. {described}", quote=True)}"><figcaption>{escape(title)}</figcaption>'
        f'<div class="hl-plot"><svg viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>{written}</div></figure>'
    )


def _path(line: Line, until_s: float, top: float) -> str:
    """Return the line's path. A point between two gaps is a stroke of no length, which round ends make a dot."""
    commands, pen = [], False
    for at_s, value in line:
        if value is None:
            pen = False
            continue
        x, y = at_s / until_s * _WIDE, _HIGH - min(value, top) / top * _HIGH
        commands.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}{'' if pen else 'h0'}")
        pen = True
    return "".join(commands)


def _ceiling(highest: float) -> float:
    """Return the round number that an axis ends at: 1, 2, 4, 5 or 8 times a power of ten."""
    if highest <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(highest))
    return next(
        times * power for times in (1, 2, 4, 5, 8, 10) if times * power >= highest * (1 - 1e-9)
    )


def _step(until_s: float) -> int:
    """Return after how many seconds an axis of time is marked: about five times."""
    return next((step for step in (1, 2, 5, 10, 20, 30, 60) if until_s / step <= 6), 120)


def _short(value: float) -> str:
    return f"{value:g}" if value < 10_000 else f"{value:.0f}"

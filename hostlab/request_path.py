"""Draws the way of a request: boxes, what runs around them, and the milliseconds on the way.

The lessons and the demo describe a way as plain data and get an SVG. A symbol means the same
everywhere: a yellow box is the model, a slanted box is a queue, and a border around boxes is what
runs them: a process (solid), a container (double), a pod (dashed, round), or a provider's own
computers (dotted). What is dead is gray and crossed out, and the replica that answered has a thick
blue border and a thick arrow to it. All words come from the caller, in the reader's language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Literal, get_args

from hostlab.palette import BLUE, GRAY, LIGHT_GRAY, MODEL_FILL, MODEL_LINE, VERMILION
from hostlab.svg_canvas import SvgCanvas

Role = Literal["client", "code", "queue", "model"]
Runner = Literal["process", "container", "pod", "provider"]
Symbol = Role | Runner | Literal["dead"]  # what a legend explains
Figure = Callable[[float], str]  # writes milliseconds in the reader's language

CHARACTER, LINE = 7.2, 16.0  # the width of a character and the height of a line, in pixels
PAD, GAP, TITLE = 12.0, 16.0, 20.0
BOX, ARROW = 54.0, 64.0  # the height of a box and the least length of an arrow
INK, DEAD_FILL = "#222222", "#eeeeee"
_BORDERS: dict[Runner, dict[str, str]] = {
    "process": {"rx": "2"},
    "container": {"rx": "2"},
    "pod": {"rx": "16", "stroke_dasharray": "7 3"},
    "provider": {"rx": "16", "stroke_dasharray": "2 3"},
}


@dataclass(frozen=True)
class PathBox:
    """A part of a program. `ms` is how long the request stays in it, if that was measured."""

    name: str  # may have several lines
    role: Role = "code"
    ms: float | None = None


@dataclass(frozen=True)
class PathBorder:
    """What runs some boxes: they live and die together. Without a runner, it is not drawn."""

    boxes: tuple[PathBox, ...]
    runner: Runner | None = None
    title: str = ""
    alive: bool = True
    answered: bool = False  # the one of several replicas that did


@dataclass(frozen=True)
class Stage:
    """What the request passes next: one border, or replicas, of which it takes one.

    `arrow` and `ms` describe the way to it: the network, HTTP, JSON.
    """

    borders: tuple[PathBorder, ...]
    arrow: str = ""
    ms: float | None = None


def plain_ms(ms: float) -> str:
    """Return milliseconds with one decimal and their unit."""
    return f"{ms:.1f} ms"


def path_svg(stages: tuple[Stage, ...], figure: Figure = plain_ms, description: str = "") -> str:
    """Return the picture of a way, from the client on the left to the model on the right.

    Screen readers read the description.
    """
    columns: list[list[_Placed]] = []
    x, height = PAD, max(map(_stage_height, stages)) + 2 * PAD
    for stage in stages:
        x += _arrow_length(stage, figure) if columns else 0
        columns.append(_column(stage, x, height, figure))
        x += columns[-1][0].width
    canvas = SvgCanvas(x + PAD, height, description)
    for (before, after), stage in zip(pairwise(columns), stages[1:], strict=True):
        _draw_arrows(canvas, before, after, stage, figure)
    for placed in (one for column in columns for one in column):
        _draw(canvas, placed, figure)
    return canvas.source()


def legend_svg(words: Mapping[Symbol, str]) -> str:
    """Return a row with the symbol of each key of `words`, and its word."""
    row, x = [], PAD
    height = BOX + TITLE + 1.5 * PAD
    for key, word in words.items():
        border = PathBorder((), "process", word, alive=False)
        if key in get_args(Role):
            border = PathBorder((PathBox(word, key),))  # type: ignore[arg-type]
        elif key in get_args(Runner):
            border = PathBorder((), key, word)  # type: ignore[arg-type]
        width = _width(border, plain_ms)
        row.append(_Placed(border, x, (height + 2 * PAD - _height(border)) / 2, width))
        x += width + GAP
    canvas = SvgCanvas(x - GAP + PAD, height + 2 * PAD)
    for placed in row:
        _draw(canvas, placed, plain_ms)
    return canvas.source()


@dataclass(frozen=True)
class _Placed:
    border: PathBorder
    x: float
    y: float
    width: float

    @property
    def boxes_y(self) -> float:
        return self.y + TITLE + PAD / 2


def _column(stage: Stage, x: float, height: float, figure: Figure) -> list[_Placed]:
    width = max(_width(border, figure) for border in stage.borders)
    y, column = (height - _stage_height(stage)) / 2, []
    for border in stage.borders:
        column.append(_Placed(border, x, y, width))
        y += _height(border) + GAP
    return column


def _stage_height(stage: Stage) -> float:
    return sum(map(_height, stage.borders)) + GAP * (len(stage.borders) - 1)


def _height(border: PathBorder) -> float:
    # The same with and without a title, so that all boxes of a way are in one row.
    return TITLE + 1.5 * PAD + (BOX if border.boxes else 0)


def _width(border: PathBorder, figure: Figure) -> float:
    boxes = sum(_box_width(box, figure) + GAP for box in border.boxes) - GAP
    return max(boxes, len(border.title) * CHARACTER) + (2 * PAD if border.runner else 0)


def _box_width(box: PathBox, figure: Figure) -> float:
    lines = [*box.name.split("\n"), "" if box.ms is None else figure(box.ms)]
    return max(map(len, lines)) * CHARACTER + 2 * PAD


def _arrow_length(stage: Stage, figure: Figure) -> float:
    words = [stage.arrow, "" if stage.ms is None else figure(stage.ms)]
    return max(ARROW, max(map(len, words)) * CHARACTER + 2 * PAD)


def _draw(canvas: SvgCanvas, placed: _Placed, figure: Figure) -> None:
    border, x, y, width = placed.border, placed.x, placed.y, placed.width
    color, height = INK if border.alive else GRAY, _height(border)
    if border.runner:
        style = {"fill": "none", "stroke": color} | _BORDERS[border.runner]
        if border.answered:
            style |= {"stroke": BLUE, "stroke_width": "3"}
        canvas.rectangle(x, y, width, height, **style)
        if border.runner == "container":
            canvas.rectangle(x + 3, y + 3, width - 6, height - 6, **style)
        canvas.text(x + width / 2, y + TITLE, border.title, fill=color, font_size="12")
        boxes = sum(_box_width(box, figure) + GAP for box in border.boxes) - GAP
        x += (width - boxes) / 2
    for box in border.boxes:
        _draw_box(canvas, box, x, placed.boxes_y, border.alive, figure)
        x += _box_width(box, figure) + GAP
    if not border.alive:
        right, bottom = placed.x + width, y + height
        # Translucent, so that the name of what is dead can be read.
        cross = {"stroke": VERMILION, "stroke_width": "2", "stroke_opacity": "0.5"}
        canvas.line(placed.x, y, right, bottom, **cross)
        canvas.line(placed.x, bottom, right, y, **cross)


def _draw_box(
    canvas: SvgCanvas, box: PathBox, x: float, y: float, alive: bool, figure: Figure
) -> None:
    width, color = _box_width(box, figure), INK if alive else GRAY
    fill, line = (MODEL_FILL, MODEL_LINE) if box.role == "model" else ("#ffffff", INK)
    style = {"fill": fill, "stroke": line} if alive else {"fill": DEAD_FILL, "stroke": GRAY}
    if box.role == "queue":
        top, bottom = ((x + 8, y), (x + width, y)), ((x + width - 8, y + BOX), (x, y + BOX))
        canvas.polygon(*top, *bottom, **style)
    else:
        canvas.rectangle(x, y, width, BOX, rx="27" if box.role == "client" else "4", **style)
    lines = box.name.split("\n")
    figures = [figure(box.ms)] if box.ms is not None and alive else []
    y += BOX / 2 + 5 - LINE * (len(lines) + len(figures) - 1) / 2
    for number, text in enumerate([*lines, *figures]):
        weight = "bold" if number >= len(lines) else "normal"
        canvas.text(x + width / 2, y + LINE * number, text, fill=color, font_weight=weight)


def _draw_arrows(
    canvas: SvgCanvas,
    before: list[_Placed],
    after: list[_Placed],
    stage: Stage,
    figure: Figure,
) -> None:
    start, end = before[0].x + before[0].width, after[0].x - 2
    for source, target in product(before, after):
        from_y, to_y = source.boxes_y + BOX / 2, target.boxes_y + BOX / 2
        if source.border.alive and target.border.alive:
            answered = target.border.answered
            canvas.arrow(start, from_y, end, to_y, BLUE if answered else INK, 3 if answered else 1)
        else:
            canvas.line(start, from_y, end, to_y, stroke=LIGHT_GRAY, stroke_dasharray="4 4")
    middle, highest = (start + end) / 2, min(one.boxes_y for one in (*before, *after)) + BOX / 2
    figures = "" if stage.ms is None else figure(stage.ms)
    # Arrows to several replicas leave no room below the highest one.
    name_y, figure_y = (
        (highest - 8, highest + 19) if len(after) == 1 else (highest - 22, highest - 6)
    )
    canvas.text(middle, name_y, stage.arrow, fill=INK, font_size="12")
    canvas.text(middle, figure_y, figures, fill=INK, font_weight="bold")

"""Draws the way of a request from left to right: boxes, what runs around them, and milliseconds.

The lessons and the demo describe a way as plain data (hostlab/path_parts.py) and get an SVG. All
words come from the caller, in the reader's language.
"""

from collections.abc import Mapping
from itertools import pairwise, product
from typing import get_args

from hostlab.palette import BLUE, LIGHT_GRAY, PART_COLORS
from hostlab.path_parts import (
    ARROW,
    BOX,
    CHARACTER,
    GAP,
    INK,
    PAD,
    TITLE,
    Figure,
    PathBorder,
    PathBox,
    Placed,
    Role,
    Runner,
    Stage,
    Symbol,
    border_height,
    border_width,
    draw_border,
    draw_figure,
    place_stage,
    plain_ms,
    with_shared_figure,
)
from hostlab.svg_canvas import SvgCanvas

BRACKET = 40.0  # the height of a bracket and its words


def path_svg(stages: tuple[Stage, ...], figure: Figure = plain_ms, description: str = "") -> str:
    """Return the picture of a way, from the client on the left to the model on the right.

    Screen readers read the description.
    """
    columns: list[list[Placed]] = []
    x, height = PAD, max(map(_stage_height, stages)) + 2 * PAD
    together = with_shared_figure(stages)
    for stage in stages:
        x += _arrow_length(stage, figure) if columns else 0
        columns.append(place_stage(stage, x, (height - _stage_height(stage)) / 2, figure))
        x += columns[-1][0].width
    canvas = SvgCanvas(x + PAD, height + (BRACKET if together else 0), description)
    for (before, after), stage in zip(pairwise(columns), stages[1:], strict=True):
        _draw_arrows(canvas, before, after, stage, figure)
    for placed in (one for column in columns for one in column):
        draw_border(canvas, placed, figure)
    if together:
        _draw_bracket(canvas, columns[stages.index(together) - 1 :], height, together, figure)
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
        width = border_width(border, plain_ms)
        row.append(Placed(border, x, (height + 2 * PAD - border_height(border)) / 2, width))
        x += width + GAP
    canvas = SvgCanvas(x - GAP + PAD, height + 2 * PAD)
    for placed in row:
        draw_border(canvas, placed, plain_ms)
    return canvas.source()


def _stage_height(stage: Stage) -> float:
    return sum(map(border_height, stage.borders)) + GAP * (len(stage.borders) - 1)


def _arrow_length(stage: Stage, figure: Figure) -> float:
    words = [stage.arrow, "" if stage.ms is None or stage.together else figure(stage.ms)]
    return max(ARROW, max(map(len, words)) * CHARACTER + 2 * PAD)


def _draw_arrows(
    canvas: SvgCanvas,
    before: list[Placed],
    after: list[Placed],
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
    # Arrows to several replicas leave no room below the highest one.
    name_y, figure_y = (
        (highest - 8, highest + 19) if len(after) == 1 else (highest - 22, highest - 6)
    )
    canvas.text(middle, name_y, stage.arrow, fill=INK, font_size="12")
    passes = any(one.border.alive for one in before) and stage.alive
    if stage.ms is not None and not stage.together and passes:
        draw_figure(canvas, middle, figure_y, figure(stage.ms), PART_COLORS[stage.part])


def _draw_bracket(
    canvas: SvgCanvas, columns: list[list[Placed]], y: float, stage: Stage, figure: Figure
) -> None:
    """Draw a bracket under the ways to a stage and to the next one, with their shared figure."""
    (before, *_), _, (after, *_) = columns[:3]
    start, end = before.x + before.width, after.x
    canvas.line(start, y, end, y, stroke=INK)
    for x in (start, end):
        canvas.line(x, y - 8, x, y, stroke=INK)
    words = f"{stage.together} {figure(stage.ms or 0)}"
    draw_figure(canvas, (start + end) / 2, y + 20, words, PART_COLORS[stage.part])

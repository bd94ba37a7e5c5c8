"""Draws the way of a request from top to bottom, for a phone: the same parts, one below another."""

from hostlab.palette import BLUE, LIGHT_GRAY, PART_COLORS
from hostlab.path_parts import (
    BOLD,
    BOX,
    CHARACTER,
    GAP,
    INK,
    LINE,
    PAD,
    Figure,
    Placed,
    Stage,
    border_height,
    draw_border,
    draw_figure,
    place_stage,
    plain_ms,
    with_shared_figure,
)
from hostlab.svg_canvas import SvgCanvas

INDENT, RAIL = 22.0, 10.0  # of a stage against the one above, and of the line that leads to it


def path_down_svg(
    stages: tuple[Stage, ...], figure: Figure = plain_ms, description: str = ""
) -> str:
    """Return the picture of a way, from the client at the top to the model at the bottom.

    Screen readers read the description.
    """
    rows: list[list[Placed]] = []
    x, y = PAD, PAD
    for stage in stages:
        y += LINE if rows else 0  # for the words beside the line
        rows.append(place_stage(stage, x, y, figure))
        last = rows[-1][-1]
        x, y = x + INDENT, last.y + border_height(last.border) + GAP
    together = with_shared_figure(stages)
    right = max(one.x + one.width for row in rows for one in row)
    canvas = SvgCanvas(right + PAD, y + (LINE if together else 0), description)
    for before, after, stage in zip(rows, rows[1:], stages[1:], strict=False):
        _draw_way(canvas, before, after, stage, figure)
    for placed in (one for row in rows for one in row):
        draw_border(canvas, placed, figure)
    if together:
        words = f"{together.together} {figure(together.ms or 0)}"
        middle = PAD + len(words) * BOLD / 2
        draw_figure(canvas, middle, y + 2, words, PART_COLORS[together.part])
    return canvas.source()


def _draw_way(
    canvas: SvgCanvas, before: list[Placed], after: list[Placed], stage: Stage, figure: Figure
) -> None:
    """Draw a line down from the last of `before`, and an arrow from it to each of `after`."""
    source, rail = before[-1], before[-1].x + RAIL
    passes = any(one.border.alive for one in before)
    # What is not drawn around the boxes, as at the client, ends where the boxes do.
    start = (
        source.y + border_height(source.border) if source.border.runner else source.boxes_y + BOX
    )
    for target in sorted(after, key=lambda one: (one.border.answered, one.border.alive)):
        to_y = target.boxes_y + BOX / 2
        if passes and target.border.alive:
            answered = target.border.answered
            color, width = (BLUE, 3) if answered else (INK, 1)
            canvas.line(rail, start, rail, to_y, stroke=color, stroke_width=f"{width}")
            canvas.arrow(rail, to_y, target.x - 2, to_y, color, width)
        else:
            dashed = {"stroke": LIGHT_GRAY, "stroke_dasharray": "4 4"}
            canvas.line(rail, start, rail, to_y, **dashed)
            canvas.line(rail, to_y, target.x, to_y, **dashed)
    y, x = after[0].y - 8, rail + 16 + len(stage.arrow) * CHARACTER
    canvas.text(rail + 8, y, stage.arrow, fill=INK, text_anchor="start")
    if stage.ms is not None and not stage.together and passes and stage.alive:
        words = figure(stage.ms)
        draw_figure(canvas, x + len(words) * BOLD / 2, y, words, PART_COLORS[stage.part])

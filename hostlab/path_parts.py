"""What the way of a request consists of, and how its boxes and borders look.

A symbol means the same everywhere: a yellow box is the model, a slanted box is a queue, and a
border around boxes is what runs them: a process (solid), a container (double), a pod (dashed,
round), or a provider's own computers (dotted). What is dead is gray and crossed out, and the
replica that answered has a thick blue border. A figure is underlined in the color that its part has
in all charts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hostlab.palette import BLUE, GRAY, LIGHT_GRAY, MODEL_FILL, MODEL_LINE, PART_COLORS, VERMILION
from hostlab.svg_canvas import SvgCanvas

Role = Literal["client", "code", "queue", "model"]
Runner = Literal["process", "container", "pod", "provider"]
Symbol = Role | Runner | Literal["dead"]  # what a legend explains
Figure = Callable[[float], str]  # writes milliseconds in the reader's language

CHARACTER, LINE = 7.2, 16.0  # the width of a character and the height of a line, in pixels
BOLD = 8.2  # the width of a bold character
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

    `arrow` and `ms` describe the way to it: the network, HTTP, JSON. Where nobody can tell it from
    the way to the next stage, `together` names both, and `ms` is their sum. `part` is the part of
    the latency that `ms` belongs to.
    """

    borders: tuple[PathBorder, ...]
    arrow: str = ""
    ms: float | None = None
    together: str = ""
    part: Literal["hop", "upstream"] = "hop"

    @property
    def alive(self) -> bool:
        """Whether one of its borders is."""
        return any(border.alive for border in self.borders)


def plain_ms(ms: float) -> str:
    """Return milliseconds with one decimal and their unit."""
    return f"{ms:.1f} ms"


@dataclass(frozen=True)
class Placed:
    """A border, and where it is in a picture."""

    border: PathBorder
    x: float
    y: float
    width: float

    @property
    def boxes_y(self) -> float:
        """Where its boxes begin."""
        return self.y + TITLE + PAD / 2


def border_height(border: PathBorder) -> float:
    """Return the height of a border with its boxes."""
    # The same with and without a title, so that all boxes of a way are in one row.
    return TITLE + 1.5 * PAD + (BOX if border.boxes else 0)


def border_width(border: PathBorder, figure: Figure) -> float:
    """Return the width of a border, or of its boxes if it is not drawn."""
    boxes = sum(box_width(box, figure) + GAP for box in border.boxes) - GAP
    return max(boxes, len(border.title) * CHARACTER) + (2 * PAD if border.runner else 0)


def place_stage(stage: Stage, x: float, y: float, figure: Figure) -> list[Placed]:
    """Return the borders of a stage one below another, from `x` and `y` on, equally wide."""
    width, placed = max(border_width(border, figure) for border in stage.borders), []
    for border in stage.borders:
        placed.append(Placed(border, x, y, width))
        y += border_height(border) + GAP
    return placed


def box_width(box: PathBox, figure: Figure) -> float:
    """Return the width of a box with its words."""
    lines = [*box.name.split("\n"), "" if box.ms is None else figure(box.ms)]
    return max(map(len, lines)) * CHARACTER + 2 * PAD


def draw_border(canvas: SvgCanvas, placed: Placed, figure: Figure) -> None:
    """Draw a border with its boxes; cross it out if it is dead."""
    border, x, y, width = placed.border, placed.x, placed.y, placed.width
    color, height = INK if border.alive else GRAY, border_height(border)
    if border.runner:
        style = {"fill": "none", "stroke": color} | _BORDERS[border.runner]
        if border.answered:
            style |= {"stroke": BLUE, "stroke_width": "3"}
        canvas.rectangle(x, y, width, height, **style)
        if border.runner == "container":
            canvas.rectangle(x + 3, y + 3, width - 6, height - 6, **style)
        canvas.text(x + width / 2, y + TITLE, border.title, fill=color, font_size="12")
        boxes = sum(box_width(box, figure) + GAP for box in border.boxes) - GAP
        x += (width - boxes) / 2
    for box in border.boxes:
        _draw_box(canvas, box, x, placed.boxes_y, border.alive, figure)
        x += box_width(box, figure) + GAP
    if not border.alive:
        right, bottom = placed.x + width, y + height
        # Translucent, so that the name of what is dead can be read.
        cross = {"stroke": VERMILION, "stroke_width": "2", "stroke_opacity": "0.5"}
        canvas.line(placed.x, y, right, bottom, **cross)
        canvas.line(placed.x, bottom, right, y, **cross)


def _draw_box(
    canvas: SvgCanvas, box: PathBox, x: float, y: float, alive: bool, figure: Figure
) -> None:
    width, color = box_width(box, figure), INK if alive else GRAY
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
    for number, text in enumerate(lines):
        canvas.text(x + width / 2, y + LINE * number, text, fill=color)
    for text in figures:
        line = PART_COLORS.get(box.role, LIGHT_GRAY)
        draw_figure(canvas, x + width / 2, y + LINE * len(lines), text, line)


def draw_figure(canvas: SvgCanvas, x: float, y: float, text: str, color: str) -> None:
    """Write a figure whose middle is at `x`, underlined in `color`."""
    canvas.text(x, y, text, fill=INK, font_weight="bold")
    width = len(text) * BOLD
    canvas.rectangle(x - width / 2, y + 3, width, 4, fill=color, stroke=GRAY, stroke_width="0.5")


def with_shared_figure(stages: tuple[Stage, ...]) -> Stage | None:
    """Return the stage whose figure is shared with the next one; None if the way is broken."""
    if not all(stage.alive for stage in stages):
        return None
    return next((one for one in stages if one.together and one.ms is not None), None)

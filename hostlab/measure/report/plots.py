"""The plots of the HTML report, drawn as SVG that is part of the page."""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from hostlab.measure.report.table import Data
from hostlab.palette import BLUE, GREEN, ORANGE, PART_COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plots(results: Data) -> list[Markup]:
    """Return an SVG for each of latency, its split, and throughput that was measured."""
    drawings = (_latency(results), _split(results), _throughput(results))
    return [drawing for drawing in drawings if drawing is not None]


def _latency(results: Data) -> Markup | None:
    series = {"p50_ms": ("p50", BLUE), "p95_ms": ("p95", ORANGE)}
    return _bars(_rows(results, "latency", "p50_ms"), series, "Warm latency, ms")


def _throughput(results: Data) -> Markup | None:
    series = {"per_s": ("at saturation", GREEN)}
    return _bars(_rows(results, "throughput", "per_s"), series, "Texts a second")


def _rows(results: Data, part: str, key: str) -> list[Data]:
    """Return the rows of a part that have that figure."""
    return [row for row in results[part]["rows"] if row[key]] if part in results else []


def _bars(rows: list[Data], series: dict[str, tuple[str, str]], label: str) -> Markup | None:
    if not rows:
        return None
    height = 0.8 / len(series)

    def draw(axes: "Axes") -> None:
        for place, (name, (legend, color)) in enumerate(series.items()):
            offset = (place - (len(series) - 1) / 2) * height
            figures = [row[name] for row in rows]
            axes.barh(
                [number + offset for number in range(len(rows))],
                [figure["value"] for figure in figures],
                height,
                color=color,
                label=legend,
                xerr=_whiskers(figures),
                error_kw={"capsize": 3, "linewidth": 1},
            )
        axes.set_xlabel(label)

    return _svg(draw, rows)


def _whiskers(figures: Sequence[Data]) -> tuple[list[float], list[float]]:
    """Return how far the intervals reach below and above the values; 0 where there is none."""
    has_interval = [figure["low"] is not None for figure in figures]
    pairs = list(zip(figures, has_interval, strict=True))
    below = [figure["value"] - figure["low"] if has else 0.0 for figure, has in pairs]
    above = [figure["high"] - figure["value"] if has else 0.0 for figure, has in pairs]
    return below, above


def _split(results: Data) -> Markup | None:
    rows = _rows(results, "latency", "split_ms")
    if not rows:
        return None

    def draw(axes: "Axes") -> None:
        left = [0.0] * len(rows)
        for part, color in PART_COLORS.items():
            widths = [row["split_ms"][part] or 0.0 for row in rows]
            axes.barh(range(len(rows)), widths, left=left, color=color, label=part)
            left = [start + width for start, width in zip(left, widths, strict=True)]
        axes.set_xlabel("Where the mean latency goes, ms")

    return _svg(draw, rows)


def _svg(draw: Callable[["Axes"], None], rows: Sequence[Data]) -> Markup:
    # Imported only here because it takes most of a second, and reports are also read without plots.
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(8, 1.5 + 0.6 * len(rows)), layout="constrained")
    axes = canvas.subplots()
    draw(axes)
    axes.set_yticks(range(len(rows)), [row["method"] for row in rows])
    axes.invert_yaxis()
    axes.legend(frameon=False)
    file = io.StringIO()
    canvas.savefig(file, format="svg", metadata={"Date": None})
    drawing = file.getvalue()
    return Markup(drawing[drawing.index("<svg") :])  # matplotlib escapes the text in it

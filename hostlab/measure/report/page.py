"""The report as one HTML file that needs nothing else: tables, and plots drawn into it as SVG."""

import io
from collections.abc import Callable, Sequence
from html import escape

from matplotlib.figure import Figure

from hostlab.measure.report.tables import Data, Table, about
from hostlab.palette import BLUE, GREEN, ORANGE, PART_COLORS

_STYLE = """body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 } th, td { border-bottom: 1px solid #ddd; padding: .3rem .8rem; text-align: left; vertical-align: top }
th { background: #f3f3f3 } .notes { color: #555; font-size: .9rem } svg { max-width: 100%; height: auto } .wide { overflow-x: auto }"""


def html(report: Data, tables: Sequence[Table]) -> str:
    """Return the whole report as a page."""
    plots = "".join(
        filter(None, (plot(report["results"]) for plot in (_latency, _split, _throughput)))
    )
    body = "".join(map(_table, tables))
    title = "Five ways of hosting one model, measured"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1><p>{escape(about(report))}</p><p>Brackets, and whiskers in the "
        f"plots, are 95 % intervals.</p>{plots}{body}</body></html>\n"
    )


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows
    )
    notes = "<br>".join(map(escape, table.notes))
    return f'<h2>{escape(table.title)}</h2><div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div><p class="notes">{notes}</p>'


def _latency(results: Data) -> str | None:
    return _bars(
        results, "latency", {"p50_ms": ("p50", BLUE), "p95_ms": ("p95", ORANGE)}, "Warm latency, ms"
    )


def _throughput(results: Data) -> str | None:
    return _bars(results, "throughput", {"per_s": ("at saturation", GREEN)}, "Texts a second")


def _bars(results: Data, part: str, series: dict[str, tuple[str, str]], label: str) -> str | None:
    rows = (
        [row for row in results[part]["rows"] if row[next(iter(series))]] if part in results else []
    )
    if not rows:
        return None

    def draw(figure: Figure) -> None:
        axes, height = figure.subplots(), 0.8 / len(series)
        for place, (name, (legend, color)) in enumerate(series.items()):
            at = [number + (place - (len(series) - 1) / 2) * height for number in range(len(rows))]
            values = [row[name]["value"] for row in rows]
            below = [
                row[name]["value"]
                - (row[name]["low"] if row[name]["low"] is not None else row[name]["value"])
                for row in rows
            ]
            above = [
                (row[name]["high"] if row[name]["high"] is not None else row[name]["value"])
                - row[name]["value"]
                for row in rows
            ]
            axes.barh(
                at,
                values,
                height,
                color=color,
                label=legend,
                xerr=(below, above),
                error_kw={"capsize": 3, "linewidth": 1},
            )
        axes.set_yticks(range(len(rows)), [row["method"] for row in rows])
        axes.invert_yaxis()
        axes.set_xlabel(label)
        axes.legend(frameon=False)

    return _svg(draw, len(rows))


def _split(results: Data) -> str | None:
    rows = (
        [row for row in results["latency"]["rows"] if row["split_ms"]]
        if "latency" in results
        else []
    )
    if not rows:
        return None

    def draw(figure: Figure) -> None:
        axes, left = figure.subplots(), [0.0] * len(rows)
        for part, color in PART_COLORS.items():
            widths = [row["split_ms"][part] or 0.0 for row in rows]
            axes.barh(range(len(rows)), widths, left=left, color=color, label=part)
            left = [one + width for one, width in zip(left, widths, strict=True)]
        axes.set_yticks(range(len(rows)), [row["method"] for row in rows])
        axes.invert_yaxis()
        axes.set_xlabel("Where the mean latency goes, ms")
        axes.legend(frameon=False)

    return _svg(draw, len(rows))


def _svg(draw: Callable[[Figure], None], rows: int) -> str:
    figure = Figure(figsize=(8, 1.5 + 0.6 * rows), layout="constrained")
    draw(figure)
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return f"<figure>{drawn.getvalue()[drawn.getvalue().index('<svg') :]}</figure>"

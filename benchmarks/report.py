"""The forms of a result: tables in the terminal, a page in Markdown, and data in JSON."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.goals import GOALS, Measured, holds, median, values
from benchmarks.texts import SETS
from hostlab.measure.machine import describe, features
from hostlab.measure.report.markdown import document
from hostlab.measure.report.table import Table, about, number

RESULTS = Path(__file__).parent / "results"
# By the first word or words of a figure's name.
_UNITS = {
    "p50": "ms",
    "at": "ms",
    "goodput": "texts/s",
    "goodput latency p50": "ms",
    "rejection": "ms",
    "start": "s",
    "memory": "MB",
    "growth": "MB",
}


def head(rounds: int) -> dict[str, Any]:
    """Return when and on what this is measured.

    Call it before anything runs, because it includes the load average.
    """
    return {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "effort": "full" if rounds >= 5 else "quick",
        "machine": describe() | {"features": features()},
        "remarks": [],
    }


def figure_cell(numbers: Sequence[float]) -> str:
    """Return the median with its interval."""
    figure = median(numbers, "")
    if figure is None:
        return "–"
    interval = f" [{number(figure.low)}–{number(figure.high)}]" if figure.low is not None else ""
    return number(figure.value) + interval


def goals_table(measured: Measured) -> Table:
    """Return the goals, their results, and whether they hold."""
    rows = []
    for goal in GOALS:
        found = values(goal, measured)
        figure = median(found, goal.unit)
        result = f"{figure_cell(found)} {goal.unit}" if figure else "–"
        rows.append([goal.what, goal.bound, result, holds(goal, figure)])
    notes = [
        "Ratios and differences of figures of the same round, as medians over the rounds. In "
        "brackets: the smallest and largest of five rounds, which include the true median with a "
        "probability of 94 %, or, for nine rounds and more, an interval inside them.",
        "R: tokenize and run the model in one process, in sorted batches of the best size and "
        "number, with the best engine, while the same load is generated.",
        "Not surely: the interval includes the bound, or there are too few rounds for an interval.",
    ]
    columns = ["goal, of in-process unless it names another", "bound", "result", "holds?"]
    return Table("Goals", columns, rows, notes)


def rates_table(
    measured: Measured,
    titles: Mapping[str, str],
    lost: Mapping[str, int],
    generator_cpu: Mapping[str, float],
) -> Table:
    """Return the texts a second of everything that was measured."""
    sets = [name for name in SETS if f"limit/{name}" in measured]
    rows = [
        [title, *(figure_cell(measured[f"{key}/{name}"]) for name in sets), "–", "–"]
        for key, title in (("limit", "R"), ("torch limit", "R with torch"))
        if any(f"{key}/{name}" in measured for name in sets)
    ]
    for target, title in titles.items():
        cells = [figure_cell(measured.get(f"saturation/{name}/{target}", [])) for name in sets]
        rows.append(
            [title, *cells, f"{generator_cpu.get(target, 0):.0%}", str(lost.get(target, 0))]
        )
    for target in ("in-process", "separate-process"):
        cells = [figure_cell(measured.get(f"lists/{name}/{target}", [])) for name in sets]
        rows.append([f"{target}, lists of 32", *cells, "–", "–"])
    notes = [
        "Saturation: 32 clients, one text in each request, except for lists. Client's CPU: the "
        "largest share of one core that it used in any measurement."
    ]
    return Table("Texts a second", ["", *sets, "client's CPU", "requests lost"], rows, notes)


def others_table(measured: Measured) -> Table:
    """Return the figures of the other goals."""
    rows = []
    for name, numbers in measured.items():
        kind = name.partition("/")[0]
        if unit := _UNITS.get(kind) or _UNITS.get(kind.split()[0]):
            rows.append([name, unit, figure_cell(numbers)])
    return Table("Other figures", ["figure", "unit", "median"], rows)


def write(
    folder: Path,
    name: str,
    title: str,
    report: dict[str, Any],
    paragraphs: Sequence[str],
    tables: Sequence[Table],
) -> list[Path]:
    """Write NAME.json and NAME.md into `folder`, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / f"{name}.md", folder / f"{name}.json"
    known = ", ".join(report["machine"]["features"] or []) or "unknown"
    lines = [about(report), f"Instructions of the processor: {known}.", *paragraphs]
    page.write_text(document(title, lines, tables), encoding="utf-8")
    data.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [page, data]

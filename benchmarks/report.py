"""The forms of a result: tables on the terminal, a page in Markdown, plain data in JSON."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.goals import GOALS, Measured, holds, median, values
from benchmarks.texts import SETS
from hostlab.measure.machine import describe
from hostlab.measure.report.markdown import document
from hostlab.measure.report.table import Table, about, number

RESULTS = Path(__file__).parent / "results"


def head(rounds: int) -> dict[str, Any]:
    """Return when and on what this is measured; to be called before anything runs, because it holds
    the load average.
    """
    return {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "effort": "full" if rounds >= 5 else "quick",
        "machine": describe(),
        "remarks": [],
    }


def figure_cell(numbers: Sequence[float]) -> str:
    """Return the median with its interval."""
    figure = median(numbers, "")
    if figure is None:
        return "–"
    return number(figure.value) + (
        f" [{number(figure.low)}–{number(figure.high)}]" if figure.low is not None else ""
    )


def goals_table(measured: Measured) -> Table:
    """Return the goals, what came of each, and whether it holds."""
    rows = []
    for goal in GOALS:
        found = values(goal, measured)
        figure = median(found, goal.unit)
        rows.append(
            [
                goal.what,
                goal.bound,
                f"{figure_cell(found)} {goal.unit}" if figure else "–",
                holds(goal, figure),
            ]
        )
    notes = [
        "Ratios and differences of figures of the same round; medians over the rounds. In "
        "brackets: the smallest and largest of five rounds, which hold "
        "the true median with 94 %; from nine rounds on, an interval inside them.",
        "R: tokenise and run the model in one process, sorted batches, as many at a time, threads "
        "for each, and tokens as do best, "
        "while the same load is generated beside it.",
        "Not surely: the interval reaches over the goal, or there are too few rounds for one.",
    ]
    return Table(
        "Goals",
        ["goal, in-process where nothing else is said", "bound", "result", "holds?"],
        rows,
        notes,
    )


def rates_table(
    measured: Measured,
    titles: Mapping[str, str],
    lost: Mapping[str, int],
    generator_cpu: Mapping[str, float],
) -> Table:
    """Return texts a second of all that was measured."""
    sets = [name for name in SETS if f"limit/{name}" in measured]
    rows = [["R", *(figure_cell(measured[f"limit/{name}"]) for name in sets), "–", "–"]]
    for target, title in titles.items():
        cells = [figure_cell(measured.get(f"saturation/{name}/{target}", [])) for name in sets]
        rows.append(
            [title, *cells, f"{generator_cpu.get(target, 0):.0%}", str(lost.get(target, 0))]
        )
    for target in ("in-process", "separate-process"):
        cells = [figure_cell(measured.get(f"lists/{name}/{target}", [])) for name in sets]
        rows.append([f"{target}, lists of 32", *cells, "–", "–"])
    notes = [
        "Saturation: 32 clients, one text a request, unless it says lists. The client's "
        "processor: the most that it took of one core in any measurement."
    ]
    return Table("Texts a second", ["", *sets, "client's processor", "requests lost"], rows, notes)


def others_table(measured: Measured) -> Table:
    """Return the figures that stand behind the other goals."""
    units = {
        "p50": "ms",
        "at": "ms",
        "goodput": "texts/s",
        "goodput latency": "ms",
        "refusal": "ms",
        "start": "s",
        "memory": "MB",
        "growth": "MB",
    }
    rows = []
    for name, numbers in measured.items():
        kind = name.partition("/")[0]
        unit = units.get(kind) or units.get(kind.split()[0])
        if unit and kind == "goodput latency p50":
            unit = "ms"
        if unit:
            rows.append([name, unit, figure_cell(numbers)])
    return Table("What stands behind them", ["figure", "unit", "median"], rows)


def write(
    folder: Path,
    name: str,
    title: str,
    report: dict[str, Any],
    paragraphs: Sequence[str],
    tables: Sequence[Table],
) -> list[Path]:
    """Write NAME.json and NAME.md into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / f"{name}.md", folder / f"{name}.json"
    page.write_text(document(title, [about(report), *paragraphs], tables), encoding="utf-8")
    data.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [page, data]

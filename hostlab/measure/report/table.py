"""Plain tables of text, which the terminal, Markdown, and HTML render alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Data = Mapping[str, Any]


@dataclass
class Table:
    """A title, column headings, rows of as many cells, and notes below."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)


def number(value: float | None) -> str:
    """Return a number with three significant digits, and a dash for None."""
    if value is None:
        return "–"
    if abs(value) >= 100 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def figure(data: Data | None) -> str:
    """Return a figure with its interval, and an asterisk where the service does not bound it."""
    if data is None:
        return "–"
    interval = f" [{number(data['low'])}–{number(data['high'])}]" if data["low"] is not None else ""
    return f"{number(data['value'])}{' *' if data['note'] else ''}{interval}"


def percentiles(data: Data) -> list[str]:
    """Return the cells of p50, p95, and p99."""
    return [figure(data[name]) for name in ("p50_ms", "p95_ms", "p99_ms")]


def row(data: Data, cells: list[str], error: str | None = None) -> list[str]:
    """Return a row of `data`'s method; an error is put into the first empty cell, or the last."""
    message = error or data["error"]
    if message:
        empty = cells.index("–") if "–" in cells else len(cells) - 1
        cells[empty] = message
    return [data["method"], *cells]


def about(report: Data) -> str:
    """Return in one line when, how, and on what a report was measured."""
    machine = report["machine"]
    load = ", ".join(map(str, machine["load_average_before"]))
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    sentences = [
        f"{report['measured_at']}, {report['effort']} effort.",
        f"{machine['processor']}, {machine['threads']} threads, {machine['memory_gb']} GB, "
        f"{machine['system']}.",
        f"Load average before: {load}.",
        f"Model: {machine['model']}.",
        *_engines(report.get("engines", {})),
    ]
    return " ".join([*sentences, f"{versions}.", *report["remarks"]])


def _engines(engines: Mapping[str, str]) -> list[str]:
    """Return a sentence on what ran the model; none where that is not known."""
    if len(set(engines.values())) == 1:
        return [f"Engine: {next(iter(engines.values()))}."]
    each = ", ".join(f"{engine} ({method})" for method, engine in engines.items())
    return [f"Engines: {each}."] if each else []

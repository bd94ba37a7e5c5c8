"""How lesson 06 measures five methods in minutes, and shows the figures.

It measures less than `hostlab measure`:

- Each method is started once, so a cold start has no confidence interval.
- Each method is loaded once, one after the other, by 16 users for two seconds.
- The model of every method is killed at the same time (see bad_night.py).

The figures go into the same report as those of `hostlab measure`, which measures at length.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import pandas as pd
from IPython.display import HTML, DisplayHandle, display

from hostlab.client import Client
from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.load.texts import TEXTS
from hostlab.measure.parts.latency import ColdStartResult, ColdStartRow
from hostlab.measure.parts.throughput import (
    ThroughputResult,
    ThroughputRow,
    fill,
    generator_limit,
    one_round,
)
from hostlab.measure.report.marks import COLUMNS, LECTURE, Mark, marks
from hostlab.measure.report.rules import LIMITS, Limits
from hostlab.measure.report.table import Data
from hostlab.measure.statistics import Figure, mean
from hostlab.measure.steps import R, Step, finish, not_running
from hostlab.runtime.progress import verbatim
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("compare")

USERS, SECONDS = 16, 2.0


def watch(steps: Iterator[Step[R]]) -> R:
    """Run a part of the measurement, show its progress in one line, and return its result."""
    line: DisplayHandle = display({"text/plain": ""}, raw=True, display_id=True)

    def show(step: Step[R]) -> None:
        line.update({"text/plain": f"{step.done:4.0%}  {step.sentence}"}, raw=True)

    return finish(steps, show)


def start_all(services: Sequence[Deployment]) -> Iterator[Step[ColdStartResult]]:
    """Stop each service if it runs, start it, and send it one request.

    The row of a method that cannot start here has the reason.
    """
    result = ColdStartResult([ColdStartRow(service.method) for service in services])
    for number, (service, row) in enumerate(zip(services, result.rows, strict=True)):
        yield Step(
            verbatim(texts("starting", method=service.method)), number / len(services), result
        )
        try:
            service.stop()
            began = time.perf_counter()
            service.start()
            started = time.perf_counter()
            with Client(service.url) as client:
                client.ask(TEXTS[0])
            row.start_s = Figure(started - began, "s")
            row.first_request_ms = Figure((time.perf_counter() - started) * 1000, "ms")
        except HostingLabError as error:
            row.error = str(error)
    yield Step(verbatim(texts("started")), 1.0, result)


def load_all(services: Sequence[Deployment]) -> Iterator[Step[ThroughputResult]]:
    """Load each service with 16 users for two seconds, one after the other."""
    result = ThroughputResult(rows=[ThroughputRow(service.method, USERS) for service in services])
    yield Step(verbatim(texts("generator")), 0.0, result)
    result.limit_per_s = mean(generator_limit(0.6, repeats=2), "1/s")
    for number, (service, row) in enumerate(zip(services, result.rows, strict=True)):
        yield Step(
            verbatim(texts("loading", users=USERS, method=service.method)),
            (number + 1) / (len(services) + 1),
            result,
        )
        try:
            row.error = not_running(service)
            if not row.error:
                limit = result.limit_per_s
                fill(row, [one_round(service, USERS, SECONDS)], limit.value if limit else 0.0)
        except HostingLabError as error:
            row.error = str(error)
    yield Step(verbatim(texts("loaded")), 1.0, result)


def lecture_table() -> pd.DataFrame:
    """Return the lecture's table of pluses and minuses, a row for each method."""
    return pd.DataFrame(LECTURE, index=_columns()).T


def both_tables(report: Data, limits: Limits = LIMITS) -> pd.DataFrame:
    """Return the measured marks with the lecture's in parentheses; ? if nothing was measured.

    `limits` are those of the pluses, as in LIMITS. Raises BadInput.
    """
    table = pd.DataFrame(index=list(LECTURE), columns=_columns())
    for mark in marks(report, limits):
        table.loc[mark.method, _column(mark.column)] = f"{mark.ours or '?'}  ({mark.lecture})"
    return table


def disagreements(report: Data, limits: Limits = LIMITS) -> pd.DataFrame:
    """Return the marks that differ from the lecture's, with the figure behind each.

    `limits` are those of the pluses, as in LIMITS. Raises BadInput.
    """
    rows = [
        (one.method, _column(one.column), one.ours, one.lecture, _basis(one))
        for one in marks(report, limits)
        if one.ours and not one.agrees
    ]
    return pd.DataFrame(rows, columns=list(texts.table("disagreement").values()))


def _columns() -> list[str]:
    return [_column(name) for name in COLUMNS]


def _column(name: str) -> str:
    return texts.table("columns")[name.replace(" ", "_")]


def _basis(mark: Mark) -> str:
    """Return the figure that a mark is based on, as `mark.figure` in the notebook's language."""
    return texts.table("figures")[mark.why].format(**mark.values)


def facts(report: Data) -> pd.DataFrame:
    """Return the figures of a report, a row for each method.

    A figure that was not measured is NaN or None.
    """
    columns = {
        "cold_start_s": ("cold-start", lambda row: _value(row["start_s"])),
        "p50_ms": ("latency", lambda row: _value(row["p50_ms"])),
        "p95_ms": ("latency", lambda row: _value(row["p95_ms"])),
        "per_s": ("throughput", lambda row: _value(row["per_s"])),
        "memory_mb": ("throughput", lambda row: _value(row["peak_memory_mb"])),
        "back_by_itself": ("faults", lambda row: row["by_itself"]),
        "lost": ("faults", lambda row: _value(row["lost"])),
        "files": ("simplicity", lambda row: row["files"]),
        "moving_parts": ("simplicity", lambda row: row["moving_parts"]),
        "tools": ("difficulty", lambda row: len(row["tools"])),
        "disk_mb": ("difficulty", lambda row: row["disk_mb"]),
    }
    results, table = (
        report["results"],
        pd.DataFrame(index=list(LECTURE), columns=list(columns), dtype=object),
    )
    for column, (part, read) in columns.items():
        for row in results[part]["rows"] if part in results else []:
            table.loc[row["method"], column] = read(row)
    return table


def why_not(report: Data) -> None:
    """Print the reason for each method that has no figures."""
    for row in report["results"]["cold-start"]["rows"]:
        if row["error"]:
            print(f"{row['method']}: {row['error']}")


def show_page(file: Path) -> None:
    """Show an HTML file in a frame, so that its style does not affect the notebook."""
    page = escape(file.read_text(encoding="utf-8"), quote=True)
    style = "width: 100%; height: 500px; border: 1px solid #ccc; background: white"
    display(
        HTML(f'<div><iframe srcdoc="{page}" title="{file.name}" style="{style}"></iframe></div>')
    )


def stop_all(services: Sequence[Deployment]) -> None:
    """Stop all services at the same time, because containers and pods take seconds to stop."""
    with ThreadPoolExecutor(max_workers=len(services)) as pool:
        for service, state in zip(services, pool.map(_stopped, services), strict=True):
            print(f"{service.method:17} {state}")


def _stopped(service: Deployment) -> str:
    try:
        service.stop()
    except HostingLabError as error:
        return str(error)
    return service.status().state


def _value(figure: Data | None) -> float | None:
    return None if figure is None else figure["value"]

"""Lesson 06 measures five methods in minutes.

Here is what is shorter than `hostlab measure`, and why it may be.

- Each method is started once: one cold start each, so without an interval.
- Each is put under load once, by 16 users for two seconds, all in turn.
- All are broken in the same second and watched together. One after the other would take minutes, so
  the times to recover are an upper bound: the methods that restart share the processor with each
  other.

The figures go into the same report as those of `hostlab measure`, which does all this at length.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

import pandas as pd
from IPython.display import HTML, DisplayHandle, display

from hostlab.client import Client
from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.fault_injection import model_component
from hostlab.measure.load.generator import OpenLoad, Sample
from hostlab.measure.load.texts import TEXTS
from hostlab.measure.parts.faults import FaultResult, FaultRow
from hostlab.measure.parts.latency import ColdStartResult, ColdStartRow
from hostlab.measure.parts.steady_load import SteadyLoad
from hostlab.measure.parts.throughput import (
    ThroughputResult,
    ThroughputRow,
    fill,
    generator_limit,
    one_round,
    run,
)
from hostlab.measure.report.marks import COLUMNS, LECTURE, marks
from hostlab.measure.report.table import Data
from hostlab.measure.statistics import Figure, mean
from hostlab.measure.steps import R, Step, finish, not_running
from notebooks.lessons import texts_compare as texts

USERS, SECONDS = 16, 2.0
# requests a second while all methods are broken at once: what a small machine does with ease
NIGHT_PER_S = 5.0
WAIT_S = 20.0  # so long nobody gets up


def watch(steps: Iterator[Step[R]]) -> R:
    """Run a part of the measurement to its end with one line that says what goes on, and return its
    result.
    """
    line: DisplayHandle = display({"text/plain": ""}, raw=True, display_id=True)

    def shown() -> Iterator[Step[R]]:
        for step in steps:
            line.update({"text/plain": f"{step.done:4.0%}  {step.sentence}"}, raw=True)
            yield step

    return finish(shown())


def start_all(services: Sequence[Deployment]) -> Iterator[Step[ColdStartResult]]:
    """Stop each service if it runs, start it and send it one request; what cannot start here has a
    row that says why.
    """
    result = ColdStartResult([ColdStartRow(service.method) for service in services])
    for number, (service, row) in enumerate(zip(services, result.rows, strict=True)):
        yield Step(texts.STARTING.format(method=service.method), number / len(services), result)
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
    yield Step(texts.STARTED, 1.0, result)


def load_all(services: Sequence[Deployment]) -> Iterator[Step[ThroughputResult]]:
    """Put 16 users on each service in turn, for two seconds each."""
    result = ThroughputResult(rows=[ThroughputRow(service.method, USERS) for service in services])
    yield Step(texts.GENERATOR, 0.0, result)
    result.limit_per_s = mean(generator_limit(0.6, repeats=2), "1/s")
    for number, (service, row) in enumerate(zip(services, result.rows, strict=True)):
        yield Step(
            texts.LOADING.format(users=USERS, method=service.method),
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
    yield Step(texts.LOADED, 1.0, result)


@dataclass
class Night:
    """What became of one method.

    `samples` by when they were due, the moments in seconds since the load began.
    """

    row: FaultRow
    samples: list[Sample] = field(default_factory=list)
    killed_s: float = 0.0
    woken_s: float | None = None  # when somebody got up and started it again


def bad_night(
    services: Sequence[Deployment], wait_s: float = WAIT_S
) -> Iterator[Step[dict[str, Night]]]:
    """Kill the model of every running service at the same time, under a small steady load; start
    again what has not come back by itself.
    """
    nights = {
        service.method: Night(FaultRow(service.method, "killed model", waited_s=wait_s))
        for service in services
    }
    with ThreadPoolExecutor(max_workers=len(services)) as pool:
        under_way = [
            pool.submit(_one_night, service, nights[service.method], wait_s) for service in services
        ]
        began = time.monotonic()
        while not all(one.done() for one in under_way):
            elapsed_s = time.monotonic() - began
            yield Step(
                texts.NIGHT.format(seconds=elapsed_s), min(0.99, elapsed_s / (wait_s + 10)), nights
            )
            time.sleep(0.5)
        for one in under_way:
            one.result()
    yield Step(texts.MORNING, 1.0, nights)


def _one_night(service: Deployment, night: Night, wait_s: float) -> None:
    row = night.row
    try:
        row.error = not_running(service)
        if row.error:
            return
        steady = SteadyLoad.begin(service, NIGHT_PER_S)
        try:
            night.killed_s = steady.load.elapsed_s
            service.kill(model_component(service))
            recovery_s = steady.recovery(night.killed_s, wait_s)
            row.by_itself = recovery_s is not None
            if recovery_s is not None:
                row.recovery_s = Figure(recovery_s, "s")
            else:
                night.woken_s = steady.load.elapsed_s
                service.start()
                row.restart_s = Figure(steady.load.elapsed_s - night.woken_s, "s")
        finally:
            awake_s, night.samples = steady.load.elapsed_s, steady.end()
        if (
            not row.by_itself
        ):  # a new process may have a new address: clients who know it see an answer again
            load = run(
                OpenLoad(service.url, rate_per_s=NIGHT_PER_S, arrivals="constant", spend=True), 1.5
            )
            night.samples += [
                replace(sample, due_s=awake_s + sample.due_s) for sample in load.samples
            ]
        after = [sample for sample in night.samples if sample.due_s >= night.killed_s]
        row.sent = Figure(float(len(after)), "requests")
        row.lost = Figure(float(sum(sample.status != 200 for sample in after)), "requests")
    except HostingLabError as error:
        row.error = str(error)


def faults_of(nights: dict[str, Night]) -> FaultResult:
    """Return the night as the report's part on faults."""
    return FaultResult(rate_per_s=NIGHT_PER_S, rows=[night.row for night in nights.values()])


def lecture_table() -> pd.DataFrame:
    """Return the lecture's table of pluses and minuses."""
    return pd.DataFrame(LECTURE, index=[texts.COLUMNS[name] for name in COLUMNS]).T


def both_tables(report: Data) -> pd.DataFrame:
    """Return the measured marks with the lecture's in brackets; ? where nothing was measured."""
    table = pd.DataFrame(index=list(LECTURE), columns=[texts.COLUMNS[name] for name in COLUMNS])
    for mark in marks(report):
        table.loc[mark.method, texts.COLUMNS[mark.column]] = f"{mark.ours or '?'}  ({mark.lecture})"
    return table


def disagreements(report: Data) -> pd.DataFrame:
    """Return where the measured mark and the lecture's are not the same, with the
    figure behind it.
    """
    rows = [
        (one.method, texts.COLUMNS[one.column], one.ours, one.lecture, one.figure)
        for one in marks(report)
        if one.ours and not one.agrees
    ]
    return pd.DataFrame(rows, columns=texts.DISAGREEMENT)


def facts(report: Data) -> pd.DataFrame:
    """Return the figures of a report, a row for each method; NaN (or None) where nothing was
    measured.
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
    """Print why a method has no figures, in its own words."""
    for row in report["results"]["cold-start"]["rows"]:
        if row["error"]:
            print(f"{row['method']}: {row['error']}")


def show_page(file: Path) -> None:
    """Show an HTML file in a frame of its own, so that its style stays inside."""
    page = escape(file.read_text(encoding="utf-8"), quote=True)
    style = "width: 100%; height: 500px; border: 1px solid #ccc; background: white"
    display(
        HTML(f'<div><iframe srcdoc="{page}" title="{file.name}" style="{style}"></iframe></div>')
    )


def stop_all(services: Sequence[Deployment]) -> None:
    """Stop all services at the same time, because containers and pods take their seconds."""
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

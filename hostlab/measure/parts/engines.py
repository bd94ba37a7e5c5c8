"""The engines beside each other: start, memory, latency, throughput, and whether labels agree.

Each engine gets a process of its own in each round, and the engines take turns in a new order, so
that a noisy moment of the machine affects all of them alike. The figures are medians of the rounds.
"""

import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from deployments.model.everyday import everyday_examples
from hostlab.errors import ExportFailed
from hostlab.measure import machine
from hostlab.measure.load.texts import TEXTS
from hostlab.measure.steps import Step
from hostlab.runtime import exports
from hostlab.runtime.engines import AUTO, ENGINES, is_installed
from hostlab.runtime.paths import ROOT
from hostlab.runtime.progress import Sentence, silent

REFERENCE = "torch"  # whose labels the others are compared with
DEFAULT = "onnx"
GENERATED = 395  # everyday sentences besides TEXTS; the same ones each time
MIN_AGREEMENT = 0.99  # an engine that agrees on fewer texts is not recommended
MIN_GAIN = 1.1  # a smaller gain over the default is no reason to set anything
_WORKER = Path(__file__).with_name("engine_worker.py")


@dataclass(frozen=True)
class EngineEffort:
    """How much is measured: rounds, single texts in each, and seconds of batches in each."""

    rounds: int = 3
    requests: int = 200
    seconds: float = 3.0


FULL = EngineEffort()
QUICK = EngineEffort(rounds=1, requests=50, seconds=1.0)


@dataclass
class EngineRow:
    """One engine.

    `start_s`: from the start of a process to its first prediction. `peak_mb`: its largest resident
    memory. `p50_ms`: one text at a time. `per_s`: texts per second in batches of 16, with as
    many batches at the same time as a service runs. `agreement`: the share of texts with the label
    that torch gives.
    """

    engine: str
    start_s: float | None = None
    peak_mb: float | None = None
    p50_ms: float | None = None
    per_s: float | None = None
    agreement: float | None = None
    error: str | None = None


@dataclass
class EnginesResult:
    """A row for each engine, and the engine that is the best one here; None if none could run.

    `features` are those of the processor that matter for speed; None where they are not known.
    """

    model: str
    processor: str
    features: list[str] | None
    rounds: int
    texts: int
    threads: int | None = None
    best: str | None = None
    rows: list[EngineRow] = field(default_factory=list)


def measure_engines(
    effort: EngineEffort = FULL, engines: Sequence[str] = ENGINES
) -> Iterator[Step[EnginesResult]]:
    """Measure each installed engine with the model that the services load.

    An engine that is not installed, or cannot run here, has a row that says so.
    """
    texts = evaluation_texts()
    result = EnginesResult(
        machine.model(), machine.processor(), machine.features(), effort.rounds, len(texts)
    )
    result.rows = [_row(engine) for engine in engines if engine != AUTO]
    rows = {row.engine: row for row in result.rows if not row.error}
    reports: dict[str, list[dict[str, Any]]] = {engine: [] for engine in rows}
    yield Step(Sentence("measure.export"), 0.0, result)
    with contextlib.suppress(ExportFailed):  # then torch may run it, and each row says why not
        exports.provide(None, silent)
        if "onnx-int8" in rows:
            exports.provide_int8()
    for number in range(effort.rounds):
        for turn, engine in enumerate(random.sample(list(rows), len(rows))):
            row = rows[engine]
            if row.error:
                continue
            sentence = Sentence(
                "measure.engine_round", number=number + 1, count=effort.rounds, engine=engine
            )
            yield Step(sentence, (number + turn / len(rows)) / effort.rounds, result)
            report = _run(engine, texts, effort)
            row.error = report.get("error")
            if row.error is None:
                reports[engine].append(report)
                result.threads = report["threads"]
            _fill(result, reports)
    yield Step(Sentence("measure.engines"), 1.0, result)


def evaluation_texts() -> list[str]:
    """Return the texts on which labels are compared."""
    generated = everyday_examples(GENERATED, random.Random(0))
    return [*TEXTS, *(text for text, _ in generated)]


def _row(engine: str) -> EngineRow:
    if is_installed(engine):
        return EngineRow(engine)
    extra = "'.[openvino]'" if engine.startswith("openvino") else "."
    return EngineRow(engine, error=f"It is not installed: `pip install -e {extra}`.")


def _run(engine: str, texts: Sequence[str], effort: EngineEffort) -> dict[str, Any]:
    """Return what a process with this engine reports, or {"error": …}."""
    amount = {"requests": effort.requests, "seconds": effort.seconds}
    job = {"engine": engine, "model": exports.model_id(), "texts": texts} | amount
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-P", str(_WORKER)],  # -P: its folder is not on the path
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
        try:
            first, start_s, last = _talk(process, json.dumps(job), began)
        finally:  # Ctrl-C too
            process.kill()
            process.wait()
        errors.seek(0)
        tail = errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
    if "error" in first:
        return first
    if not last:
        reason = tail[0] if tail else f"status {process.returncode}"
        return {"error": f"Its process ended early: {reason}"}
    return {**first, **last, "start_s": start_s}


def _talk(
    process: subprocess.Popen[str], job: str, began: float
) -> tuple[dict[str, Any], float, dict[str, Any]]:
    """Return the first report, when it came, and the last one; reports are empty if none came."""
    if process.stdin is None or process.stdout is None:
        raise TypeError("The process has no pipes.")
    with contextlib.suppress(OSError), process.stdin:  # it may have ended
        process.stdin.write(job)
    first = process.stdout.readline()
    start_s = time.perf_counter() - began
    last = process.stdout.readline()
    process.stdout.close()
    return json.loads(first or "{}"), start_s, json.loads(last or "{}")


def _fill(result: EnginesResult, reports: dict[str, list[dict[str, Any]]]) -> None:
    reference = next(iter(reports.get(REFERENCE, [])), None)
    for row in result.rows:
        if not (own := reports.get(row.engine)):
            continue
        for name in ("start_s", "peak_mb", "p50_ms", "per_s"):
            setattr(row, name, median(report[name] for report in own))
        if reference:
            pairs = zip(own[0]["labels"], reference["labels"], strict=True)
            row.agreement = sum(one == other for one, other in pairs) / result.texts
    result.best = best_engine(result.rows)


def best_engine(rows: Sequence[EngineRow]) -> str | None:
    """Return the engine with the most texts per second whose labels agree with torch's.

    It is the default engine unless another one is clearly faster.
    """
    speed = {
        row.engine: row.per_s
        for row in rows
        if row.per_s is not None and (row.agreement is None or row.agreement >= MIN_AGREEMENT)
    }
    fastest = max(speed, key=lambda engine: speed[engine], default=None)
    if fastest and DEFAULT in speed and speed[fastest] < MIN_GAIN * speed[DEFAULT]:
        return DEFAULT
    return fastest

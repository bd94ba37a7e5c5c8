"""Lesson 01 measures three ways to run the same network in a process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from deployments.model.loading import load_classifier
from deployments.model.source import SHIPPED
from hostlab.measure.parts.engines import (
    QUICK,
    EngineRow,
    evaluation_texts,
    measure_engines,
)
from hostlab.measure.steps import Step
from hostlab.runtime.paths import ROOT
from hostlab.runtime.progress import verbatim
from notebooks.lessons.compare import watch
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("in_process")

TEXTS = 120  # for the pipeline, one after the other
_WORKER = Path(__file__).with_name("pipeline_worker.py")


def compare_engines() -> pd.DataFrame:
    """Measure the lecture's pipeline and two engines, one by one, and print how scores differ."""
    pipeline, predictions = watch(_measure_pipeline())
    engines = watch(measure_engines(QUICK, ("torch", "onnx")))
    ours = load_classifier(engine="onnx").predict(evaluation_texts()[:TEXTS])
    pairs = list(zip(predictions, ours, strict=True))
    pipeline.agreement = sum(one[0] == other[0] for one, other in pairs) / len(pairs)
    most = max(abs(one[1] - other[1]) for one, other in pairs)
    print(texts("same_scores", count=len(pairs), most=most))
    rows = [pipeline, *engines.rows]
    return pd.DataFrame(
        {
            texts("engine_start"): [f"{row.start_s:.1f}" for row in rows],
            texts("engine_memory"): [f"{row.peak_mb:.0f}" for row in rows],
            texts("engine_p50"): [f"{row.p50_ms:.1f}" for row in rows],
            texts("engine_per_s"): [f"{row.per_s:.0f}" for row in rows],
            texts("engine_agreement"): [_percent(row.agreement) for row in rows],
        },
        index=[texts.table("engines")[row.engine] for row in rows],
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _measure_pipeline() -> Iterator[Step[tuple[EngineRow, list[tuple[str, float]]]]]:
    row, predictions = EngineRow("pipeline"), list[tuple[str, float]]()
    yield Step(verbatim(texts("measuring_pipeline")), 0.0, (row, predictions))
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-P", str(_WORKER), str(SHIPPED)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as process:
        assert process.stdin and process.stdout  # because both are pipes
        process.stdin.write(json.dumps(evaluation_texts()[:TEXTS]))
        process.stdin.close()
        process.stdout.readline()
        row.start_s = time.perf_counter() - began
        figures = json.loads(process.stdout.readline())
    row.p50_ms, row.per_s = figures["p50_ms"], figures["per_s"]
    row.peak_mb = figures["peak_mb"]
    predictions += map(tuple, figures["predictions"])
    yield Step(verbatim(texts("measured_pipeline")), 1.0, (row, predictions))

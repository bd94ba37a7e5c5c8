"""The latency part against servers whose delay is known, and the whole way through the suite with a
real service.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from hostlab import get
from hostlab.measure.job import QUICK
from hostlab.measure.parts.latency import measure_cold_start, measure_latency
from hostlab.measure.steps import finish
from hostlab.measure.suite import measure
from hostlab.runtime.paths import ROOT
from tests.measure.load.servers import Known, known_delay


def test_slow_and_fast_are_told_apart_and_the_split_sums_to_the_mean():
    with (
        known_delay("slow", delay_ms=30, jitter_ms=3) as slow,
        known_delay("fast", delay_ms=10) as fast,
    ):
        result = finish(measure_latency([slow, fast], requests=120))
    rows = {row.method: row for row in result.rows}
    assert rows["slow"].p50_ms.low > rows["fast"].p50_ms.high
    assert rows["slow"].p50_ms.value >= 28 and rows["fast"].p50_ms.value >= 10, (
        "never less than the server waits"
    )
    assert rows["fast"].p50_ms.count == 120, "the warm-up is dropped"
    split = rows["slow"].split_ms
    assert (split.queue, split.model, split.upstream) == (1.0, 2.0, 0.0) and split.hop > 25


def test_a_service_that_fails_or_does_not_run_has_a_row_that_says_so():
    with known_delay("fine") as fine, known_delay("fading", fails_after=60) as fading:
        result = finish(
            measure_latency(
                [fine, fading, Known("absent", "http://127.0.0.1:9", "stopped")], requests=100
            )
        )
    rows = {row.method: row for row in result.rows}
    assert rows["fine"].error is None and rows["fine"].p50_ms.count == 100
    assert "503" in rows["fading"].error and rows["fading"].p50_ms.count == 40
    assert "does not run" in rows["absent"].error and rows["absent"].p50_ms is None


def test_who_stops_in_the_middle_keeps_what_was_measured():
    with known_delay() as service:
        steps = measure_latency([service], requests=500)
        for step in steps:
            if step.done > 0.4:
                break
        steps.close()
    assert 100 < step.result.rows[0].p50_ms.count < 400


def test_cold_start_leaves_running_services_alone():
    with known_delay() as service:
        (row,) = finish(measure_cold_start([service], repeats=2)).rows
    assert row.start_s is None and "already runs" in row.error


def test_the_suite_starts_measures_and_stops_a_real_service():
    service, seen, runs = get("in-process"), [], set()
    for step in measure(["cold-start", "latency"], [service], replace(QUICK, warm_requests=20)):
        seen.append(step.done)
        runs.add(service.status().run_id)
    assert service.status().state == "stopped"
    assert seen == sorted(seen) and seen[-1] == 1.0
    assert len(runs - {None}) == 1, "what was started to time its start is measured on"
    assert (
        step.result.results["cold-start"].rows[0].start_s.value > 0
        and step.result.results["latency"].rows[0].p50_ms.count == 20
    )


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_line_says_what_cannot_be_measured(as_json: bool):
    command = [
        sys.executable,
        "-m",
        "hostlab.cli",
        "measure",
        "latency",
        "kubernetes",
        "--quick",
        *(["--json"] if as_json else []),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOSTLAB_KUBE_CONTEXT": "no-such-context"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    if as_json:
        report = json.loads(done.stdout)
        assert (
            report["schema"] == 4
            and report["machine"]["cores"]
            and len(report["machine"]["load_average_before"]) == 3
        )
        assert all(
            report["results"][part]["rows"][0]["error"] for part in ("cold-start", "latency")
        )
    else:
        assert done.stdout.count("kubernetes") >= 2

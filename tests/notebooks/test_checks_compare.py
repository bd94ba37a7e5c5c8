"""Each check of lesson 06, given answers that are right, missing and wrong: on a live service, and
on a report of five methods.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI

from hostlab import METHODS, get
from hostlab.deployment import Deployment
from hostlab.errors import Unavailable
from hostlab.measure.parts.latency import measure_latency
from hostlab.measure.parts.simplicity import measure_simplicity
from hostlab.measure.report.all_tables import tables
from hostlab.measure.simulation import ServiceTimes, simulate
from hostlab.measure.steps import finish
from hostlab.measure.suite import Report
from notebooks.lessons import compare, plots_compare
from notebooks.lessons.check_compare import (
    check_break_even,
    check_defence,
    check_prediction,
    check_users,
)
from notebooks.lessons.live import ServedHere

RATE_PER_S = 20.0


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOSTLAB_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("MPLBACKEND", "agg")
        yield


@pytest.fixture(scope="module")
def service(home: None) -> Iterator[Deployment]:
    with get("in-process").start() as started:
        yield started


@pytest.fixture(scope="module")
def one_at_a_time() -> Iterator[ServedHere]:
    """A service that takes 40 ms for each text and answers one after the other: N users wait for
    about N times 40 ms, on a busy machine, too.
    """
    app, turn = FastAPI(), asyncio.Lock()

    @app.post("/predict")
    async def predict() -> list[dict[str, Any]]:
        async with turn:
            await asyncio.sleep(0.04)
        return [{"label": "POSITIVE", "score": 1.0}]

    with ServedHere(app) as served:
        yield served


@pytest.mark.parametrize(
    ("users", "expected", "hint"),
    [
        (4, "[OK]", "The limit of 230 ms is in between"),
        (None, "[--]", "p95_with"),
        (..., "[--]", "p95_with"),
        (0, "[FAIL]", "a whole number"),
        (201, "[FAIL]", "a whole number"),
        (4.5, "[FAIL]", "a whole number"),
        (1, "[FAIL]", "room for more"),
        (20, "[FAIL]", "over the limit of 230 ms"),
    ],
)
def test_check_users(
    users: Any, expected: str, hint: str, one_at_a_time: ServedHere, verdict: Callable
) -> None:
    said = verdict(check_users, users, 230.0, one_at_a_time)
    assert said.startswith(expected) and hint in said


TIMES = ServiceTimes(
    model_ms=[18.0, 20.0, 22.0, 25.0],
    hop_ms=[2.0, 3.0],
    batch_ms={1: 20.0, 2: 30.0, 4: 55.0, 8: 100.0, 16: 200.0, 32: 400.0},
)
P99_MS = 60.0


@pytest.mark.parametrize(
    ("predicted", "replicas", "expected", "hint"),
    [
        (1.0, 0, "[OK]", "Predicted"),
        (None, 0, "[--]", "simulate("),
        (1.0, None, "[--]", "simulate("),
        ("20 ms", 0, "[FAIL]", "'20 ms'"),
        (float("nan"), 0, "[FAIL]", "nan"),
        (1.0, 2.5, "[FAIL]", "replicas is 2.5"),
        (0.002, 0, "[FAIL]", "You predicted a p95 of 0.1 ms."),
        (1.0, 1, "[FAIL]", "With 1 replicas, the simulated p99"),
        (1.0, 40, "[FAIL]", "40 replicas are enough, but so are 39"),
    ],
)
def test_check_prediction(
    predicted: Any, replicas: Any, expected: str, hint: str, service: Deployment, verdict: Callable
) -> None:
    """`predicted` is in parts of what is right, `replicas` 0 stands for the right number."""
    if isinstance(predicted, float):
        predicted *= float(np.percentile(simulate(TIMES, RATE_PER_S, 1), 95))
    if replicas == 0:
        replicas = next(
            n
            for n in range(1, 100)
            if np.percentile(simulate(TIMES, 10 * RATE_PER_S, n, requests=10_000), 99) <= P99_MS
        )
    said = verdict(check_prediction, predicted, replicas, TIMES, RATE_PER_S, P99_MS, service)
    assert said.startswith(expected) and hint in said


COLUMNS = {
    "p50_ms": [10.0, 11.0, 13.0, 14.5, 12.0],
    "back_by_itself": [False, False, True, True, False],
    "disk_mb": [900.0, 900.0, 1650.0, 1650.0, 80.0],
}
FACTS = pd.DataFrame(COLUMNS, index=list(METHODS), dtype=object)
WITHOUT_DOCKER = FACTS.assign(
    back_by_itself=[False, False, None, None, False],
    p50_ms=[10.0, 11.0, float("nan"), float("nan"), 12.0],
)


@pytest.mark.parametrize(
    ("company", "method", "figures", "expected", "hint"),
    [
        (
            "bank",
            "docker",
            [("back_by_itself", "docker", True), ("back_by_itself", "in-process", False)],
            "[OK]",
            "back_by_itself = True",
        ),
        (
            "museum",
            "api",
            [("disk_mb", "api", 80), ("disk_mb", "docker", 1650)],
            "[OK]",
            "disk_mb = 80",
        ),
        (
            "game",
            "in-process",
            [("p50_ms", "in-process", 10.1), ("p50_ms", "api", 12)],
            "[OK]",
            "2 figures",
        ),
        (
            "game",
            "separate-process",
            [("p50_ms", "separate-process", 11), ("p50_ms", "in-process", 10)],
            "[OK]",
            "",
        ),
        (None, None, None, "[--]", "bank, museum, game"),
        ("bank", None, [], "[--]", ""),
        ("school", "docker", [], "[FAIL]", "It has to be one of: bank"),
        ("bank", "a mainframe", [], "[FAIL]", "It has to be one of: in-process"),
        ("bank", "docker", [("back_by_itself", "docker")], "[FAIL]", "(column, method, value)"),
        ("bank", "docker", 5, "[FAIL]", "(column, method, value)"),
        ("bank", "docker", [("speed", "docker", 1)], "[FAIL]", "no figure 'speed'"),
        (
            "bank",
            "docker",
            [("back_by_itself", "docker", False)],
            "[FAIL]",
            "Your report says True",
        ),
        ("museum", "api", [("disk_mb", "api", 20)], "[FAIL]", "Your report says 80"),
        ("museum", "api", [("disk_mb", "api", "80")], "[FAIL]", "Your report says 80"),
        ("bank", "kubernetes", [("back_by_itself", "kubernetes", True)], "[FAIL]", "would reject"),
        ("bank", "api", [], "[FAIL]", "would reject"),
        ("bank", "in-process", [("p50_ms", "in-process", 10)], "[FAIL]", "back_by_itself is False"),
        ("museum", "docker", [("disk_mb", "docker", 1650)], "[FAIL]", "500 MB of disk space"),
        ("game", "docker", [("p50_ms", "docker", 13)], "[FAIL]", "install"),
        (
            "bank",
            "docker",
            [("p50_ms", "docker", 13), ("p50_ms", "api", 12)],
            "[FAIL]",
            "meets the main requirement of the bank",
        ),
        ("bank", "docker", [], "[FAIL]", "meets the main requirement of the bank"),
        ("bank", "docker", [("back_by_itself", "docker", True)], "[FAIL]", "didn't choose"),
    ],
)
def test_check_defence(
    company: Any, method: Any, figures: Any, expected: str, hint: str, verdict: Callable
) -> None:
    said = verdict(check_defence, company, method, figures, FACTS)
    assert said.startswith(expected) and hint in said


def test_check_defence_where_docker_is_missing(verdict: Callable) -> None:
    assert "can't defend what you haven't measured" in verdict(
        check_defence, "bank", "docker", [], WITHOUT_DOCKER
    )
    assert "wasn't measured on this machine" in verdict(
        check_defence, "bank", "docker", [("p50_ms", "docker", 13)], WITHOUT_DOCKER
    )
    assert verdict(
        check_defence,
        "game",
        "in-process",
        [("p50_ms", "in-process", 10), ("p50_ms", "api", 12)],
        WITHOUT_DOCKER,
    ).startswith("[OK]")


def break_even(machine_hour: float, per_million: float) -> float:
    return machine_hour * 730 / per_million * 1e6


@pytest.mark.parametrize(
    ("answer", "expected", "hint"),
    [
        (break_even, "[OK]", "3,650,000 requests per month"),
        (lambda hour, million: hour * 24 * 31 / million * 1e6, "[OK]", ""),
        (lambda hour, million: None, "[--]", "break_even()"),
        (lambda hour, million: 1 / 0, "[FAIL]", "ZeroDivisionError"),
        (lambda hour, million: "many", "[FAIL]", "isn't a number"),
        (lambda hour, million: break_even(hour, million) / 1e6, "[FAIL]", "millions"),
        (lambda hour, million: hour / million * 1e6, "[FAIL]", "in a month"),
        (lambda hour, million: 3_650_000, "[FAIL]", "cost 1.0: break_even()"),
    ],
)
def test_check_break_even(answer: Callable, expected: str, hint: str, verdict: Callable) -> None:
    said = verdict(check_break_even, answer, 100.0)
    assert said.startswith(expected) and hint in said


class Missing(Deployment):
    """A method whose tool is not there, as on many a laptop."""

    method = "docker"

    def __init__(self) -> None:
        self.supervisor = self

    def find(self) -> None:
        raise Unavailable("No engine answers.")

    def launch(self, record: object, progress: object) -> None:
        raise AssertionError("nothing is launched")


def test_a_method_that_is_missing_has_a_row_that_says_why(
    service: Deployment, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    services, report = [service, Missing()], Report(effort="lesson 06")
    report.results["cold-start"] = finish(compare.start_all([Missing()]))
    report.results["latency"] = finish(measure_latency(services, requests=20))
    report.results["throughput"] = finish(compare.load_all(services))
    nights = finish(compare.bad_night(services, wait_s=3.0))
    report.results["faults"] = compare.faults_of(nights)
    report.results["simplicity"] = finish(measure_simplicity(services))
    compare.why_not(report.as_dict())
    assert capsys.readouterr().out == "docker: No engine answers.\n"
    facts = compare.facts(report.as_dict())
    assert (
        facts.loc["in-process", "p50_ms"] > 0
        and facts.loc["in-process", "back_by_itself"] is False
        and facts.loc["in-process", "lost"] > 0
    )
    assert (
        facts.loc["docker", ["p50_ms", "per_s", "back_by_itself"]].isna().all()
        and facts.loc["docker", "files"] > 0
    )
    assert (
        nights["in-process"].woken_s - nights["in-process"].killed_s >= 3
        and service.status().state == "running"
    )
    for draw, part in (
        (plots_compare.cold_starts, "cold-start"),
        (plots_compare.latencies, "latency"),
        (plots_compare.throughput, "throughput"),
    ):
        draw(report.results[part])
    plots_compare.nights(nights)
    assert compare.both_tables(report.as_dict()).loc["in-process", "fault tolerance"] == "-  (-)"
    assert {"No engine answers."} <= {
        cell for table in tables(report.as_dict()) for row in table.rows for cell in row
    }

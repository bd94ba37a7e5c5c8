"""The checks of lesson 06 except the defense, with solutions that are right, missing, or wrong."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI

from hostlab.deployment import Deployment
from hostlab.measure.simulation import ServiceTimes, simulate
from notebooks.lessons import check_compare
from notebooks.lessons.check_compare import (
    check_break_even,
    check_prediction,
    check_users,
    p95_with,
)
from notebooks.lessons.live import ServedHere

METHOD = "in-process"
RATE_PER_S = 20.0
HOLD_MS = 40


@pytest.fixture(scope="module")
def one_at_a_time() -> Iterator[ServedHere]:
    """A service that handles one request after the other, in HOLD_MS each.

    So N users wait for about N times HOLD_MS.
    """
    app, lock = FastAPI(), asyncio.Lock()

    @app.post("/predict")
    async def predict() -> list[dict[str, Any]]:
        async with lock:
            await asyncio.sleep(HOLD_MS / 1000)
        return [{"label": "POSITIVE", "score": 1.0}]

    with ServedHere(app) as served:
        yield served


def test_the_p95_of_users_who_wait_for_each_other(one_at_a_time: ServedHere) -> None:
    """Never less than the service holds them up; a busy machine can only add to it."""
    assert p95_with(one_at_a_time.url, 4) >= 4 * HOLD_MS
    assert p95_with(one_at_a_time.url, 8) >= 8 * HOLD_MS


@pytest.mark.parametrize(
    ("users", "measured_ms", "expected", "hint"),
    [
        (4, {4: [160], 8: [320]}, "[OK]", "The limit of 230 ms is in between"),
        (4, {4: [300], 8: [320]}, "[OK]", "as close as you can measure"),
        (4, {4: [500, 160], 8: [320]}, "[OK]", "The limit of 230 ms is in between"),
        (4, {4: [160], 8: [150, 320]}, "[OK]", "With 4 users, p95 is 160 ms, and with 8"),
        (1, {1: [40], 2: [80, 90]}, "[FAIL]", "room for more"),
        (20, {20: [800, 790], 40: [1600]}, "[FAIL]", "over the limit of 230 ms"),
        (None, {}, "[--]", "p95_with"),
        (..., {}, "[--]", "p95_with"),
        (np.int64(4), {4: [160], 8: [320]}, "[OK]", "The limit of 230 ms is in between"),
        (True, {}, "[FAIL]", "a whole number"),
        (0, {}, "[FAIL]", "a whole number"),
        (201, {}, "[FAIL]", "a whole number"),
        (4.5, {}, "[FAIL]", "a whole number"),
    ],
)
def test_check_users(
    users: Any,
    measured_ms: dict[int, list[float]],
    expected: str,
    hint: str,
    verdict: Callable,
    one_at_a_time: ServedHere,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How measurements are judged, the second ones included. Their values depend on the machine.

    The limit of a student without a name is five times the p50 of one user.
    """

    def next_p95(url: str, count: int) -> float:
        assert url == one_at_a_time.url
        return measured_ms[count].pop(0)

    monkeypatch.setattr(check_compare, "p95_with", next_p95)
    output = verdict(check_users, users, 46.0, one_at_a_time)
    assert output.startswith(expected) and hint in output
    assert not any(measured_ms.values())


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
        ("p50", 0, "[FAIL]", "which half of the simulated requests take"),
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
    """`predicted` is a factor of the right value, and `replicas` 0 means the right number."""
    if predicted == "p50":
        predicted = np.percentile(simulate(TIMES, RATE_PER_S, 1), 50)
    elif isinstance(predicted, float):
        predicted *= float(np.percentile(simulate(TIMES, RATE_PER_S, 1), 95))
    if replicas == 0:
        replicas = next(
            n
            for n in range(1, 100)
            if np.percentile(simulate(TIMES, 10 * RATE_PER_S, n, requests=10_000), 99) <= P99_MS
        )
    output = verdict(check_prediction, predicted, replicas, TIMES, RATE_PER_S, P99_MS, service)
    assert output.startswith(expected) and hint in output


def break_even(machine_hour: float, per_million: float) -> float:
    return machine_hour * 730 / per_million * 1e6


@pytest.mark.parametrize(
    ("solution", "expected", "hint"),
    [
        (break_even, "[OK]", "3,650,000 requests per month"),
        (lambda hour, million: hour * 24 * 31 / million * 1e6, "[OK]", ""),
        (lambda hour, million: np.float32(break_even(hour, million)), "[OK]", ""),
        (lambda hour, million: True, "[FAIL]", "isn't a number"),
        (lambda hour, million: None, "[--]", "break_even()"),
        (lambda hour, million: 1 / 0, "[FAIL]", "ZeroDivisionError"),
        (lambda hour, million: "many", "[FAIL]", "isn't a number"),
        (lambda hour, million: break_even(hour, million) / 1e6, "[FAIL]", "millions"),
        (lambda hour, million: hour / million * 1e6, "[FAIL]", "in a month"),
        (lambda hour, million: 3_650_000, "[FAIL]", "cost 1.0: break_even()"),
    ],
)
def test_check_break_even(solution: Callable, expected: str, hint: str, verdict: Callable) -> None:
    output = verdict(check_break_even, solution, 100.0)
    assert output.startswith(expected) and hint in output

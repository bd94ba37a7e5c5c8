"""The check of lesson 03 on scaling, given functions that are right, missing, and wrong."""

from collections.abc import Callable

import pytest

from hostlab.methods.docker.deployment import Docker
from notebooks.lessons import check_scaling
from notebooks.lessons.check_scaling import check_scale_until
from tests.notebooks.conftest import unsolved

METHOD = "docker"


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure only briefly, for solutions whose mistake is not in a figure."""
    for name, seconds in (("CAPACITY_S", 1.0), ("RUSH_S", 1.0), ("SETTLE_S", 0.2)):
        monkeypatch.setattr(check_scaling, name, seconds)


def step_by_step(service: Docker, rush_hour: Callable, bound_ms: float) -> int | None:
    for replicas in (1, 2, 3):
        service.scale(replicas)
        if rush_hour() < bound_ms:
            return replicas
    return None


def all_at_once(service: Docker, rush_hour: Callable, bound_ms: float) -> int:
    service.scale(2)
    rush_hour()
    return 2


def gives_up(service: Docker, rush_hour: Callable, bound_ms: float) -> None:
    rush_hour()


def forgets_them(service: Docker, rush_hour: Callable, bound_ms: float) -> int:
    rush_hour()
    service.scale(2)
    return 1


@pytest.mark.docker
@pytest.mark.parametrize(
    ("scale_until", "expected", "hint"),
    [
        (step_by_step, "[OK]", "Measured: with 1, p95"),
        (unsolved, "[--]", "has not called rush_hour()"),
        (lambda service, rush_hour, bound_ms: "two", "[FAIL]", "'two'"),
        (all_at_once, "[FAIL]", "never measured the rush hour with 1"),
        (gives_up, "[FAIL]", "never measured the rush hour with 2"),
        (forgets_them, "[FAIL]", "but 2 are running now"),
    ],
)
def test_check_scale_until(
    scale_until: Callable,
    expected: str,
    hint: str,
    service: Docker,
    verdict: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if expected != "[OK]":
        hurry(monkeypatch)
    output = verdict(check_scale_until, scale_until, service)
    assert output.startswith(expected) and hint in output, output


def measures_all(found: int | None) -> Callable:
    """Return a function that measures up to `found` containers, or all, and returns `found`."""

    def scale_until(service: Docker, rush_hour: Callable, bound_ms: float) -> int | None:
        for replicas in range(1, (found or check_scaling.MOST_REPLICAS) + 1):
            service.scale(replicas)
            rush_hour()
        return found

    return scale_until


@pytest.mark.docker
@pytest.mark.parametrize(
    ("found", "bound_share", "hint"),
    [
        (None, 100, "returned None. But with 1"),
        (2, 100, "returned 2. But with 1"),
        (1, 0.001, "With that many, you measured a p95 of"),
    ],
)
def test_a_conclusion_against_ones_own_figures(
    found: int | None,
    bound_share: float,
    hint: str,
    service: Docker,
    verdict: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr(check_scaling, "BOUND_SHARE", bound_share)
    output = verdict(check_scale_until, measures_all(found), service)
    assert output.startswith("[FAIL]") and hint in output, output

"""The whole search on a simulated server whose limit is known, in virtual time."""

import random
from statistics import median
from typing import Any

import pytest

from hostlab.errors import BadInput
from hostlab.measure.limit.measure import LimitRow, find_limit, measure_limit
from hostlab.measure.limit.plan import Bound, LimitPlan
from tests.unit.hostlab.measure.limit.simulated_server import (
    SimulatedLoad,
    SimulatedServer,
    limit_of,
)


def find(server: SimulatedServer, bound: Bound, **plan: Any) -> LimitRow:
    row = LimitRow("simulated")
    for _ in find_limit(
        row, server, LimitPlan(bound, **{"budget_s": 600.0, "seed": 1} | plan), server
    ):
        pass
    return row


def middle_per_s(row: LimitRow) -> float:
    """Return the middle of the interval."""
    return (row.held_per_s + row.broke_per_s) / 2


@pytest.mark.parametrize(
    ("service_s", "bound"),
    [
        (0.02, Bound(95, 300)),
        (0.005, Bound(95, 100)),
        (0.005, Bound(99, 150)),
        (0.005, Bound(50, 20)),
        (0.001, Bound(95, 30)),
    ],
    ids=lambda value: str(value),
)
def test_it_finds_the_limit_of_a_queue(service_s: float, bound: Bound) -> None:
    true = limit_of(service_s, bound.percent, bound.latency_ms)
    row = find(SimulatedServer(service_s, varies=True), bound)
    assert row.ending == "found" and row.error is None and row.unfinished is None
    assert middle_per_s(row) == pytest.approx(true, rel=0.1)
    assert row.held_per_s < row.broke_per_s <= 1.11 * row.held_per_s
    assert row.latency_ms <= bound.latency_ms


@pytest.mark.parametrize(
    ("workers", "varies", "bound", "true"),
    [
        (1, True, Bound(95, 50), 40.1),  # a queue M/M/1: limit_of(0.01, 95, 50)
        (2, True, Bound(95, 60), 146.2),  # the others: a simulation of 200,000 requests
        (2, False, Bound(95, 30), 141.1),
    ],
    ids=str,
)
def test_a_bound_of_few_service_times_is_reached_long_before_the_capacity(
    workers: int, varies: bool, bound: Bound, true: float
) -> None:
    """A queue varies slowly there, so a single search may be off by more than ten percent."""
    found = []
    for seed in range(5):
        row = find(SimulatedServer(0.01, workers, varies=varies), bound, seed=seed)
        found.append(middle_per_s(row))
    assert median(found) == pytest.approx(true, rel=0.15)
    assert min(found) > 0.75 * true and max(found) < 1.25 * true


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_it_finds_what_several_workers_can_do(workers: int) -> None:
    row = find(SimulatedServer(0.01, workers), Bound(95, 200))
    assert middle_per_s(row) == pytest.approx(100 * workers, rel=0.1)


def test_it_starts_above_the_limit_and_goes_down() -> None:
    row = find(SimulatedServer(0.25), Bound(95, 2000), start_per_s=50.0)
    assert middle_per_s(row) == pytest.approx(4, rel=0.2)
    assert [trial.rate_per_s for trial in row.trials[:4]] == [50, 25, 12.5, 6.25]


def test_a_growing_queue_ends_a_trial_early() -> None:
    row = find(SimulatedServer(0.01), Bound(95, 100))
    beyond = [trial for trial in row.trials if trial.rate_per_s >= 150]
    assert beyond and all(trial.cut_short for trial in beyond)
    assert all(trial.until_s - trial.from_s < 2 for trial in beyond), "of 3.5 s"


def test_a_server_that_hangs_ends_the_search_before_any_response() -> None:
    row = find(SimulatedServer(1000.0), Bound(95, 100))
    assert row.ending == "failed" and "It answered no request of 20 a second." in row.error
    assert row.unfinished.cut_short and row.unfinished.until_s < 2, "of 5.5 s"


def test_errors_break_the_bound() -> None:
    row = find(SimulatedServer(0.01, queue=4), Bound(95, 1000))
    assert 50 < row.held_per_s < 100
    broken = [trial for trial in row.trials if trial.rate_per_s == row.broke_per_s]
    assert any(trial.lost > 0.01 * trial.sent for trial in broken)
    assert all(trial.latency_ms < 100 for trial in broken), "the latency is not what broke it"


@pytest.mark.parametrize("seed", range(5))
def test_noisy_moments_of_the_machine_do_not_decide(seed: int) -> None:
    """A pause of half a second, long enough to break the bound, about every minute."""
    draw = random.Random(seed)
    pauses = tuple(60 * number - draw.uniform(0, 50) for number in range(1, 50))
    server = SimulatedServer(0.005, pauses_at_s=pauses, pause_s=0.5)
    row = find(server, Bound(95, 100))
    assert middle_per_s(row) == pytest.approx(186, rel=0.12)


def test_the_budget_ends_it_with_a_wide_interval() -> None:
    server = SimulatedServer(0.005)
    row = find(server, Bound(95, 100), budget_s=20.0)
    assert row.ending == "budget" and row.elapsed_s <= 20
    assert row.held_per_s == 160 and row.broke_per_s in (None, 320)


def test_it_ends_at_the_highest_and_at_the_lowest_rate() -> None:
    fast = find(SimulatedServer(0.0001), Bound(95, 100))
    assert (fast.ending, fast.held_per_s, fast.broke_per_s) == ("highest", 2000, None)
    slow = find(SimulatedServer(0.2), Bound(95, 100))
    assert (slow.ending, slow.held_per_s, slow.broke_per_s) == ("lowest", None, 1)


def test_a_service_that_dies_is_not_at_its_limit_and_what_was_measured_stays() -> None:
    row = find(SimulatedServer(0.005, dies_at_s=10.0), Bound(95, 100))
    assert row.ending == "failed" and "It has died." in row.error
    assert row.held_per_s == 40 and row.broke_per_s is None
    assert all(trial.held for trial in row.trials) and row.unfinished.lost


def test_whoever_stops_it_keeps_what_was_measured_and_the_load_ends() -> None:
    server, row = SimulatedServer(0.005), LimitRow("simulated")
    steps = find_limit(row, server, LimitPlan(), server)
    while len(row.trials) < 3:
        next(steps)
    next(steps)
    next(steps)
    steps.close()
    assert server.loads[-1].stopped_s is not None
    assert row.held_per_s == 80 and row.ending is None and row.unfinished.rate_per_s == 160


def test_a_generator_at_its_own_limit_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not find(SimulatedServer(0.005), Bound()).generator_bound
    monkeypatch.setattr(SimulatedLoad, "cpu_s", 10.0)
    assert find(SimulatedServer(0.005), Bound()).generator_bound


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (LimitPlan(Bound(90)), "p90 is not measured. Use one of: p50, p95, p99."),
        (LimitPlan(Bound(95, 0)), "1 to 10000 ms"),
        (LimitPlan(Bound(95, 100, 80)), "0 to 50 %"),
        (LimitPlan(budget_s=1), "Allow 10 to 1800 s"),
    ],
)
def test_an_impossible_plan_is_rejected_with_a_reason(plan: LimitPlan, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        next(measure_limit({}, plan))


def test_the_strain_is_the_used_share_of_the_bound() -> None:
    bound = Bound(95, 100, 2)
    assert bound.strain(50, 0) == 0.5 and bound.strain(50, 0.02) == 1 and bound.strain(150, 0) > 1
    assert bound.strain(None, 0.0) == Bound(95, 100, 0).strain(50, 0.001) == float("inf")
    assert Bound(95, 100, 0).strain(50, 0.0) == 0.5

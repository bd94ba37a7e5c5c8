"""The search for a limit on a real server whose capacity is known, by a real load."""

import psutil
import pytest

from hostlab.measure.limit.measure import measure_limit
from hostlab.measure.limit.plan import Bound, LimitPlan
from hostlab.measure.steps import finish
from tests.measure.load.servers import Known, at_a_quiet_moment, known_delay

# With one worker and 10 ms for each request, the limit is just below 100 requests a second: a p95
# of 200 ms is that of a queue (M/D/1) at 94 % of the capacity.
CAPACITY_PER_S, BOUND = 100, Bound(95, 200, 1)
SOON = LimitPlan(BOUND, start_per_s=40.0, precision=0.08, min_trial_s=1.5, budget_s=60.0)


@at_a_quiet_moment
def test_it_finds_the_capacity_of_a_server_and_of_the_next_one() -> None:
    with known_delay("slow", delay_ms=10, one_worker=1) as server:
        result = finish(measure_limit([server, Known("absent", "", "stopped")], SOON))
    row, absent = result.rows
    assert row.held_per_s == pytest.approx(CAPACITY_PER_S, rel=0.1)
    assert row.broke_per_s <= 1.09 * row.held_per_s
    assert row.latency_ms <= BOUND.latency_ms and row.ending == "found"
    assert absent.ending == "failed" and "does not run" in absent.error and not absent.trials


def test_whoever_stops_it_keeps_what_was_found_and_no_generator_stays() -> None:
    children = len(psutil.Process().children())
    with known_delay(delay_ms=5) as server:
        steps = measure_limit([server], SOON)
        for step in steps:
            if len(step.result.rows[0].trials) == 2 and step.result.rows[0].unfinished:
                break
        assert len(psutil.Process().children()) == children + 2, "the server and the generator"
        steps.close()
    assert len(psutil.Process().children()) == children
    (row,) = step.result.rows
    assert row.ending is None and row.held_per_s == 80 and row.unfinished.rate_per_s == 160


def test_a_server_that_only_fails_has_no_limit() -> None:
    with known_delay(fails_after=0) as server:
        (row,) = finish(measure_limit([server], SOON)).rows
    assert row.ending == "failed" and "It answered no request of 40 a second." in row.error
    assert not row.trials and row.unfinished.lost == row.unfinished.sent > 0
    assert row.unfinished.cut_short

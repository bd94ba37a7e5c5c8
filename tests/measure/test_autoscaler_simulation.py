"""The simulation of autoscaling, against what can be computed by hand."""

import numpy as np
import pytest

from hostlab.errors import BadInput
from hostlab.measure.autoscaler_rule import Rule
from hostlab.measure.autoscaler_simulation import (
    Course,
    NodePool,
    Pod,
    day,
    simulate_autoscaling,
    with_surge,
)
from hostlab.measure.simulation import ServiceTimes

TIMES = ServiceTimes([10.0], [2.0], {1: 10.0, 32: 320.0})
POD = Pod(text_ms=10.0, start_s=20.0)  # 100 texts a second
ROOMY = NodePool(nodes=10, cores_per_node=10)


def run(rate_per_s: float, rule: Rule, cluster: NodePool = ROOMY, pod: Pod = POD) -> Course:
    return simulate_autoscaling(
        rule, pod, cluster, TIMES, lambda second: rate_per_s, seconds=180, start_pods=1
    )


def test_a_load_that_one_pod_cannot_carry() -> None:
    """The figure exists after 25 s, and the pods serve 20 s later. Until then, 50 texts a second
    are left over: after 5.12 s, the queue of 256 is full.
    """
    course = run(150, Rule(1, 10, target_percent=50))
    assert list(course.wanted[[24, 25]]) == [1, 2], "one pod at 100%, twice the target"
    assert list(course.ready[[44, 45]]) == [1, 2]
    assert not course.rejected_per_s[:5].any() and course.rejected_per_s[6] == 50
    assert course.p99_ms[20] > 2560
    assert course.wanted[-1] == 4, "what has queued up keeps both pods busy"
    assert course.used_percent[-1] == pytest.approx(37.5)
    assert course.p99_ms[-1] < 50 and not course.rejected_per_s[70:].any()


def test_where_the_cores_are_shared_more_pods_compute_no_more() -> None:
    """Two cores, of which 100 texts a second cost one core outside of the pods."""
    laptop = NodePool(nodes=1, cores_per_node=2, other_ms=10.0)
    course = run(100, Rule(1, 4, target_percent=20), laptop, Pod(10.0, request_cores=0.25))
    assert course.ready[-1] == 4
    assert course.used_percent[-1] == pytest.approx(100), "a quarter of a core each: one together"


def test_the_scheduler_has_room_for_no_more_than_the_nodes_cores() -> None:
    course = run(1_000, Rule(1, 100, target_percent=50), NodePool(nodes=2, cores_per_node=4))
    assert course.wanted[-1] > course.ready[-1] == 8
    assert course.rejected_share > 0


def test_a_lower_target_costs_more_and_is_late_less_often() -> None:
    load = with_surge(lambda second: 1_000.0, at_s=600, factor=2.0, seconds=300)
    low, high = (
        simulate_autoscaling(Rule(1, 100, target), POD, ROOMY, TIMES, load, seconds=1_500)
        for target in (40, 80)
    )
    assert low.pod_hours > high.pod_hours
    assert low.over_pod_hours > high.over_pod_hours
    assert low.under_s < high.under_s and low.late_share < high.late_share
    assert low.needed_pod_hours == high.needed_pod_hours < high.fixed_pod_hours


def test_a_day_has_its_peak_in_the_evening_and_ends_as_it_begins() -> None:
    rates = [day(10_000)(second) for second in range(0, 86_401, 600)]
    assert max(rates) == day(10_000)(20 * 3600) == 10_000
    assert rates[0] == rates[-1] and min(rates) < 2_000
    assert np.abs(np.diff(rates)).max() < 1_000


def test_a_bound_that_a_single_request_exceeds() -> None:
    with pytest.raises(BadInput, match=r"a single request takes 1[0-9] ms"):
        simulate_autoscaling(Rule(1, 4, 50), POD, ROOMY, TIMES, day(100), 60, bound_ms=5)

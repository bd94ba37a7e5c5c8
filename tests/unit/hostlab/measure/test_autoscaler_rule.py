"""The autoscaler's rule against examples that Kubernetes' documentation and source work out."""

import pytest

from hostlab.measure.autoscaler_rule import (
    Rule,
    ScalingPolicy,
    SimulatedAutoscaler,
    Use,
    computed_pods,
)

RULE = Rule(min_pods=1, max_pods=100, target_percent=50)


@pytest.mark.parametrize(
    ("current", "use", "computed"),
    [
        (4, Use(100, 4), 8),  # twice the target: twice the pods
        (4, Use(25, 4), 2),
        (3, Use(51, 3), 3),  # within the tolerance of a tenth
        (3, Use(55, 3), 3),
        (3, Use(56, 3), 4),
        (3, Use(44, 3), 3),  # ceil(2.64)
        (4, Use(100, 2, young=2), 4),  # the two that start will bring use to the target
        (4, Use(200, 2, young=2), 8),  # they will not be enough
        (2, Use(0, 0, young=2), 2),  # no figure yet: <unknown>
        (3, Use(10, 2, young=1), 1),  # young pods do not count where pods go
    ],
)
def test_the_formula(current: int, use: Use, computed: int) -> None:
    assert computed_pods(RULE, current, use) == computed


def test_pods_come_at_once_by_four_or_as_many_again() -> None:
    scaler = SimulatedAutoscaler(RULE, wanted=1)
    assert [scaler.sync(second, Use(5_000, scaler.wanted)) for second in (0, 15, 30)] == [5, 10, 20]


def test_the_limit_is_that_of_a_period_not_of_a_comparison() -> None:
    rule = Rule(1, 100, 50, up=ScalingPolicy(window_s=0, pods=1, percent=0, period_s=60))
    scaler = SimulatedAutoscaler(rule, wanted=1)
    wanted = [scaler.sync(second, Use(500, scaler.wanted)) for second in range(0, 121, 15)]
    assert wanted == [2, 2, 2, 2, 3, 3, 3, 3, 4]


def test_pods_go_only_after_the_window_and_to_its_highest_number() -> None:
    scaler = SimulatedAutoscaler(RULE, wanted=8)
    assert scaler.sync(0, Use(50, 8)) == 8
    for second in range(15, 301, 15):
        percent = 20 if second == 150 else 5
        assert scaler.sync(second, Use(percent, 8)) == 8
    assert scaler.sync(315, Use(5, 8)) == 4, "what it computed at 150 s"
    assert scaler.sync(465, Use(10, 4)) == 1


def test_pods_go_as_slowly_as_the_behavior_says() -> None:
    rule = Rule(1, 100, 50, down=ScalingPolicy(window_s=0, pods=1, percent=0, period_s=30))
    scaler = SimulatedAutoscaler(rule, wanted=5)
    wanted = [scaler.sync(second, Use(1, scaler.wanted)) for second in range(0, 91, 15)]
    assert wanted == [4, 4, 3, 3, 2, 2, 1]


def test_the_number_stays_within_what_is_declared() -> None:
    scaler = SimulatedAutoscaler(Rule(2, 6, 50, down=ScalingPolicy(0, 0, 100, 15)), wanted=4)
    assert scaler.sync(0, Use(500, 4)) == 6
    assert scaler.sync(15, Use(0, 6)) == 2

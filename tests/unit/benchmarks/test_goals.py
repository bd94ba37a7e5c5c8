"""The benchmark's arithmetic: medians and their intervals, verdicts, batches, and texts."""

import numpy as np
import pytest
from tokenizers import Tokenizer

from benchmarks.goals import GOALS, Goal, holds, median, values
from benchmarks.kinds import kinds
from benchmarks.limit_process import cut
from benchmarks.report import goals_table, rates_table
from benchmarks.texts import SETS, text_set
from deployments.model.source import SHIPPED
from hostlab.measure.statistics import Figure

OVER = Goal("twice", "top", over="other", at_least=2)


def test_a_ratio_is_taken_within_each_round():
    assert values(OVER, {"top": [10, 90], "other": [5, 30]}) == [2, 3]
    assert values(OVER, {"top": [10, 90], "other": [5]}) == [2], (
        "a round that was broken off counts for nothing"
    )
    assert values(OVER, {"top": [10]}) == []
    assert values(
        Goal("less", "top", less="other", at_most=2), {"top": [10, 9], "other": [7, 8]}
    ) == [3, 1]
    assert values(Goal("itself", "top", at_most=2), {"top": [1, 2]}) == [1, 2]


def test_five_rounds_give_their_ends_and_nine_leave_the_outermost_out():
    assert median([5, 1, 4, 2, 3], "×") == Figure(3, "×", 1, 5, 5, "order statistics")
    assert median([9, 1, 8, 2, 7, 3, 6, 4, 5], "×") == Figure(5, "×", 2, 8, 9, "order statistics")
    assert median([1, 2, 3, 4], "×") == Figure(2.5, "×", count=4), (
        "four rounds are too few for an interval"
    )
    assert median([], "×") is None


@pytest.mark.parametrize("rounds", [5, 9, 14])
def test_the_interval_holds_the_true_median_about_as_often_as_it_says(rounds):
    draw, held = np.random.default_rng(1), 0
    for _ in range(2000):
        figure = median(list(draw.exponential(size=rounds)), "s")
        held += figure.low <= np.log(2) <= figure.high
    assert 0.92 <= held / 2000 <= 0.98


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ([2.1, 2.2, 2.3, 2.4, 2.5], "yes"),
        ([1.9, 2.2, 2.3, 2.4, 2.5], "yes, not surely"),
        ([1.5] * 5, "no"),
        ([1.5, 1.6, 1.7, 2, 3], "no, not surely"),
    ],
)
def test_verdicts(numbers, verdict):
    assert holds(OVER, median(numbers, "×")) == verdict
    upside_down = Goal("at most", "top", at_most=-2)
    assert holds(upside_down, median([-number for number in numbers], "×")) == verdict


def test_nothing_measured_holds_nothing():
    assert holds(OVER, None) == "not measured"
    table = goals_table({})
    assert [row[3] for row in table.rows] == ["not measured"] * len(GOALS)


def test_a_comparison_that_was_stopped_early_has_a_table_too():
    assert rates_table({}, {"ray": "Ray Serve"}, {}, {}).rows[0] == ["Ray Serve", "0%", "0"]


def test_every_goal_has_one_bound_and_every_peer_four_goals():
    assert all((goal.at_least is None) != (goal.at_most is None) for goal in GOALS)
    for name in kinds():
        own = {goal.over for goal in GOALS if f"/{name} " in f"{goal.over} "}
        assert len(own) == 4, f"{name}: as documented and with the ONNX file, short and mixed"


def test_batches_are_sorted_and_within_the_budget():
    lengths = [30, 5, 8, 100, 7, 29]
    batches = cut(lengths, 60)
    assert [[lengths[index] for index in batch] for batch in batches] == [
        [5, 7, 8],
        [29, 30],
        [100],
    ]
    assert sorted(index for batch in batches for index in batch) == list(range(6))


def test_texts_have_the_lengths_that_their_set_says_and_are_the_same_each_time():
    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    for name, (low, high) in SETS.items():
        texts = text_set(name, count=40)
        lengths = [len(tokenizer.encode(text).ids) for text in texts]
        assert low <= min(lengths) and max(lengths) <= high, name
        assert texts == text_set(name, count=40) and len(set(texts)) > 35

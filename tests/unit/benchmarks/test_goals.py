"""The benchmark's arithmetic: medians and their intervals, verdicts, batches, texts, settings."""

import json

import numpy as np
import pytest
from tokenizers import Tokenizer

from benchmarks.goals import GOALS, Goal, holds, median, values
from benchmarks.limit_process import cut
from benchmarks.peers import best_settings
from benchmarks.report import goals_table
from benchmarks.rounds import percentile, steady_rate
from benchmarks.sweep import best
from benchmarks.targets import HERE, kinds
from benchmarks.texts import SETS, text_set
from deployments.model.source import SHIPPED
from hostlab.measure.load.generator import Sample
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


@pytest.mark.parametrize("every_s", [0.3, 0.7, 1.1])
def test_bursts_are_counted_whole(every_s):
    bursts = [
        Sample(0.0, 0.0, 1000 * every_s * (number + 1), 200)
        for number in range(20)
        for _ in range(32)
    ]
    assert steady_rate(bursts, seconds=4.0) == pytest.approx(32 / every_s)
    assert steady_rate([Sample(0.0, 0.0, 1.0, 503)], 4.0) == 0 and steady_rate([], 4.0) == 0


def test_percentile_of_sorted_values():
    assert percentile(list(range(100)), 99) == 99 and percentile([1, 2, 3], 50) == 2
    assert np.isnan(percentile([], 50))


def test_peers_are_told_whole():
    for kind in kinds().values():
        stems = [part.partition(":")[0].removesuffix(".py") for part in kind.server]
        assert any((HERE / "servers" / f"{stem}.py").is_file() for stem in stems)
        assert all("==" in package for package in kind.packages), "a peer's version is exact"
        settings = list(kind.settings()) if kind.sweep else []
        assert settings == [
            dict(one) for one in dict.fromkeys(tuple(setting.items()) for setting in settings)
        ], "no setting is tried twice"
        assert all(setting.keys() == kind.documented.keys() for setting in settings)


def test_the_best_of_a_sweep_is_found_again(tmp_path):
    small, large = {"BATCH_SIZE": 8}, {"BATCH_SIZE": 32}
    rows = [
        {"peer": "ray", "setting": small, "per_s": {"short": 9, "mixed": 5}},
        {"peer": "ray", "setting": large, "per_s": {"short": 10, "mixed": 4}},
    ]
    file = tmp_path / "sweep.json"
    assert best_settings(file, "ray") == []
    file.write_text(json.dumps({"best": best(rows)}))
    assert best_settings(file, "ray") == [({"short"}, large), ({"mixed"}, small)]
    assert best_settings(file, "litserve") == []
    file.write_text(json.dumps({"best": best(rows[:1])}))
    assert best_settings(file, "ray") == [({"short", "mixed"}, small)]

"""Intervals hold what they promise: checked against known distributions, with fixed seeds."""

import numpy as np
import pytest

from hostlab.measure.statistics import Figure, mean, percentile, share


def test_mean_of_a_textbook_example():
    # n = 5, mean 10, s = 1.5811, t(4) = 2.776: half width 1.963
    figure = mean([8, 9, 10, 11, 12], "s")
    assert (figure.value, figure.count, figure.interval) == (10, 5, "t")
    assert figure.low == pytest.approx(8.037, abs=0.001) and figure.high == pytest.approx(
        11.963, abs=0.001
    )


def test_one_value_has_no_interval_and_none_no_figure():
    assert mean([3.0], "s") == Figure(3.0, "s")
    assert mean([], "s") is None and percentile([], 50, "ms") is None


def test_95_percent_intervals_hold_the_truth_about_95_times_in_100():
    draw = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        figure = mean(list(draw.normal(10, 2, size=5)), "s")
        held += figure.low <= 10 <= figure.high
    assert 0.92 <= held / 400 <= 0.98


def test_percentile_intervals_hold_the_truth():
    draw = np.random.default_rng(2)
    held = 0
    for _ in range(100):
        figure = percentile(draw.exponential(10.0, size=400), 95, "ms")
        held += figure.low <= 10 * np.log(20) <= figure.high
    assert held >= 84  # a percentile bootstrap of a tail comes out a little narrow


def test_a_noisy_stretch_widens_the_interval_more_than_scattered_noise():
    quiet = np.full(400, 10.0) + np.random.default_rng(3).normal(0, 0.1, 400)
    scattered, together = quiet.copy(), quiet.copy()
    scattered[::20] += 30
    together[100:120] += 30

    def width(values: np.ndarray) -> float:
        figure = percentile(values, 94, "ms")
        return figure.high - figure.low

    assert width(together) >= width(scattered) > 0


def test_too_few_beyond_the_percentile_means_no_interval():
    assert percentile(range(100), 99, "ms").low is None
    assert percentile(range(500), 99, "ms").low is not None


def test_figures_differ_when_their_intervals_lie_apart():
    one, other = Figure(10, "ms", 9, 11), Figure(13, "ms", 12, 14)
    assert one.differs_from(other) and other.differs_from(one)
    assert not one.differs_from(Figure(11, "ms", 10.5, 12)) and not one.differs_from(
        Figure(99, "ms")
    )


def test_a_share_has_an_interval_within_0_and_100_percent():
    none, some, every = share(0, 400), share(20, 400), share(400, 400)
    assert (none.value, none.low, every.value, every.high) == (0, 0, 100, 100)
    assert 0.5 < none.high < 1.5 and 98.5 < every.low < 99.5
    assert 3 < some.low < some.value == 5 < some.high < 8
    assert some.differs_from(none) and not none.differs_from(share(1, 400))
    assert share(0, 0) is None

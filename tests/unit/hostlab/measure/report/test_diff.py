"""Two reports: what changed by more than noise is found, and noise is not."""

import numpy as np
import pytest

from hostlab.measure.report.diff import FigureChange, FigureName, change_in_percent, changes
from hostlab.measure.statistics import Figure, percentile

NAME = FigureName("latency", "docker", "p50_ms")


def run(seed: int, count: int = 100, slower: float = 1.0) -> Figure:
    """The median of latencies as a service on a busy machine has them: skewed, with outliers."""
    draw = np.random.default_rng(seed)
    latencies_ms = 10 + draw.gamma(2.0, 1.5, size=count) + 40 * (draw.random(count) < 0.03)
    return percentile(list(slower * latencies_ms), 50, "ms")


def test_the_same_report_has_no_change():
    figures = {NAME: run(1)}
    (same,) = changes(figures, figures)
    assert same.ratio.value == 1 and same.more_than_noise is False


@pytest.mark.parametrize("count", [20, 100])
def test_a_method_that_is_30_percent_slower_is_found(count):
    found = [FigureChange(NAME, run(n, count), run(n + 50, count, 1.3)) for n in range(40)]
    assert sum(one.more_than_noise for one in found) >= (40 if count == 100 else 30)
    assert all(1.1 < one.ratio.value < 1.6 for one in found)


@pytest.mark.parametrize("count", [20, 100, 500])
def test_noise_is_not_a_change(count):
    found = [FigureChange(NAME, run(n, count), run(n + 500, count)) for n in range(100)]
    assert sum(one.more_than_noise for one in found) <= 10


def test_the_interval_of_the_ratio_holds_the_truth():
    ratios = [run(n + 500, slower=1.3).ratio_to(run(n)) for n in range(100)]
    assert sum(one.low <= 1.3 <= one.high for one in ratios) >= 90


def test_what_cannot_be_told_from_noise_is_not_called_noise():
    few = run(1, count=10)
    assert few.low is None
    assert FigureChange(NAME, few, run(2)).more_than_noise is None
    assert FigureChange(NAME, few, few).ratio is None


def test_a_figure_that_was_0_has_no_ratio_but_may_have_changed():
    none, many = Figure(0, "requests", 0, 0, 2, "t"), Figure(30, "requests", 25, 35, 2, "t")
    assert (
        FigureChange(NAME, none, many).ratio is None
        and FigureChange(NAME, none, many).more_than_noise
    )
    assert not FigureChange(NAME, none, none).more_than_noise
    assert change_in_percent(FigureChange(NAME, none, many)) == "–"


def test_a_figure_that_may_be_0_leaves_the_ratio_open():
    may_be_0 = Figure(1.0, "s", 0.0, 5.0, 2, "t")
    assert change_in_percent(FigureChange(NAME, may_be_0, Figure(2.0, "s", 1.5, 2.5))) == (
        "+100% [-61% or more]"
    )
    assert not FigureChange(NAME, may_be_0, Figure(2.0, "s", 1.5, 2.5)).more_than_noise


def test_only_what_is_in_both_is_compared():
    other = FigureName("latency", "api", "p50_ms")
    assert [one.name for one in changes({NAME: run(1)}, {other: run(2), NAME: run(3)})] == [NAME]

"""Figures of a load's samples."""

import numpy as np
import pytest

from benchmarks.samples import latencies, percentile, steady_rate
from hostlab.measure.load.generator import Sample


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


def test_latencies_are_those_of_one_status_and_after_the_warm_up():
    samples = [Sample(0.1, 0.0, 9.0, 200), Sample(0.6, 0.0, 5.0, 200), Sample(0.7, 0.0, 1.0, 503)]
    assert latencies(samples, 200) == [9.0, 5.0]
    assert latencies(samples, 200, after_s=0.5) == [5.0]
    assert latencies(samples, 503, after_s=0.5) == [1.0]

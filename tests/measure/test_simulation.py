"""The simulation against what queueing theory knows exactly."""

import numpy as np
import pytest

from hostlab.measure.load.generator import OpenLoad, Sample
from hostlab.measure.parts.throughput import run
from hostlab.measure.simulation import (
    ServiceTimes,
    measure_service_times,
    replicas_needed,
    simulate,
    times_under_load,
)
from tests.measure.load.servers import known_delay


def no_gain(model_ms, hop_ms=(0.0,)) -> ServiceTimes:
    """A model for which a batch of n takes n times as long."""
    return ServiceTimes(model_ms, hop_ms, {1: 10.0, 32: 320.0})


def test_one_server_with_constant_service_time():
    """M/D/1, 10 ms, half loaded: mean wait = load / (2 (1 - load)) x service = 5 ms (Pollaczek and
    Khinchine).
    """
    latencies = simulate(no_gain([10.0]), rate_per_s=50, replicas=1, requests=60_000, max_batch=1)
    assert latencies.mean() == pytest.approx(15.0, rel=0.03)


def test_one_server_with_exponential_service_time():
    """M/M/1: latency is exponential with mean service / (1 - load), so p95 is three of them."""
    service_ms = list(np.random.default_rng(0).exponential(10.0, 20_000))
    latencies = simulate(
        no_gain(service_ms), rate_per_s=50, replicas=1, requests=60_000, max_batch=1
    )
    assert latencies.mean() == pytest.approx(20.0, rel=0.06)
    assert np.percentile(latencies, 95) == pytest.approx(20 * np.log(20), rel=0.08)


def test_many_replicas_and_little_load_is_service_time_and_hop():
    latencies = simulate(no_gain([10.0], [3.0]), rate_per_s=10, replicas=8, requests=5_000)
    assert np.percentile(latencies, 95) == pytest.approx(13.0, rel=0.01)


def test_batching_carries_what_single_texts_could_not():
    """At one and a half times what one by one would allow, a model that reads many at once in the
    time of two keeps up.
    """
    gain = ServiceTimes([10.0], [0.0], {1: 10.0, 32: 20.0})
    assert np.percentile(simulate(gain, rate_per_s=150, replicas=1), 95) < 100
    assert np.percentile(simulate(gain, rate_per_s=150, replicas=1, max_batch=1), 95) > 1000


def test_replicas_needed_grow_with_the_rate_and_are_the_fewest():
    times = no_gain([10.0])
    needed = [replicas_needed(times, rate, p99_ms=40, requests=4_000) for rate in (10, 100, 1000)]
    assert needed == sorted(needed) and needed[0] == 1 and needed[2] > 10
    assert (
        np.percentile(simulate(times, 1000, needed[2] - 1, 4_000), 99)
        > 40
        >= np.percentile(simulate(times, 1000, needed[2], 4_000), 99)
    )


def test_no_number_of_replicas_makes_one_request_faster():
    assert replicas_needed(no_gain([10.0]), 10, p99_ms=5, requests=200) is None


def test_service_times_of_a_server():
    with known_delay(delay_ms=5) as server:
        times = measure_service_times(server.url, singles=20, of_each=2)
    assert set(times.model_ms) == {2.0} and min(times.hop_ms) >= 3.0, (
        "what the server says, and the rest of the delay"
    )
    assert times.batch_factor(8) == 1.0


def answer(came_s: float, model_ms: float) -> Sample:
    return Sample(came_s - 0.05, 0.0, 50.0, 200, f"queue;dur=3.000, model;dur={model_ms:.3f}")


def test_service_times_under_load_tell_batches_by_their_time():
    """Three answers of one batch (the same time of the model, at the same moment), one alone, and
    one much later that took as long by chance.
    """
    refused = Sample(1.0, 0.0, 5.0, 503)
    times = times_under_load(
        [
            [answer(1.001, 40), answer(1.002, 40), answer(1.003, 40), answer(2.0, 20), refused],
            [answer(1.0, 40), answer(1.5, 20)],
        ]
    )
    assert len(times.model_ms) == 4 and len(times.hop_ms) == 6
    as_measured = [
        ms * times.batch_factor(size) for ms, size in zip(times.model_ms, (3, 1, 1, 1), strict=True)
    ]
    assert as_measured == pytest.approx([40, 40, 20, 20])
    assert times.hop_ms == pytest.approx([7, 7, 7, 7, 27, 27]) and times.hop_at_ms == pytest.approx(
        [0, 1, 2, 999, 999, 1499]
    ), "a round begins where the one before ended"
    assert times.model_at_ms == pytest.approx([10, 1009, 1029, 1529]), "when each batch began"


@pytest.mark.parametrize(("texts", "factor"), [((1, 2, 4), 2.0), ((2, 2, 2), 4.0)])
def test_what_batching_brings_is_learnt_from_the_load(texts, factor):
    """With 10 ms a start and 5 a text, four take twice as long as one.

    Where all batches are alike nothing can be learnt: four times as long.
    """
    samples = [
        answer(number, 10 + 5 * size + number / 1000)
        for number, size in enumerate(texts)
        for _ in range(size)
    ]
    assert times_under_load([samples]).batch_factor(4) == pytest.approx(factor, rel=0.01)


def test_a_load_that_tells_nothing():
    assert times_under_load([[Sample(1.0, 0.0, 5.0, 503), Sample(1.0, 0.0, 5.0, 200)]]) is None


def test_slow_moments_in_a_row_cost_more_than_the_same_ones_here_and_there():
    """A second of slow batches in each ten seconds, and as many slow ones drawn by chance."""
    model_ms, at_ms = [10.0] * 900 + [60.0] * 100, [10.0 * number for number in range(1000)]
    in_a_row = ServiceTimes(model_ms, [0.0], {1: 10.0, 32: 320.0}, at_ms)
    p95_ms = [
        np.percentile(simulate(times, rate_per_s=40, replicas=1), 95)
        for times in (in_a_row, no_gain(model_ms))
    ]
    assert p95_ms[0] > 1.5 * p95_ms[1]


def test_a_load_keeps_where_the_time_went():
    with known_delay(delay_ms=5) as server:
        samples = run(OpenLoad(server.url, rate_per_s=50), 1.0).samples
    times = times_under_load([samples])
    assert len(times.hop_ms) == len(samples) and min(times.hop_ms) >= 2.0, (
        "of its 5 ms the server calls 2 its model's and 1 its queue's"
    )

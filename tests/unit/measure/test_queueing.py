"""The simulation against what queueing theory knows exactly."""

import numpy as np
import pytest

from deployments.measure.generator import OpenLoad, Sample
from deployments.measure.queueing import ServiceTimes, measure_service_times, replicas_needed, simulate, times_under_load
from deployments.measure.throughput import run
from tests.unit.measure.servers import known_delay


def no_gain(model_ms, hop_ms=(0.0,)) -> ServiceTimes:
    """A model for which a batch of n takes n times as long."""
    return ServiceTimes(model_ms, hop_ms, {1: 10.0, 32: 320.0})


def test_one_server_with_constant_service_time():
    """M/D/1, 10 ms, half loaded: mean wait = load / (2 (1 - load)) x service = 5 ms (Pollaczek and Khinchine)."""
    latencies = simulate(no_gain([10.0]), rate_per_s=50, replicas=1, requests=60_000, max_batch=1)
    assert latencies.mean() == pytest.approx(15.0, rel=0.03)


def test_one_server_with_exponential_service_time():
    """M/M/1: latency is exponential with mean service / (1 - load), so p95 is three of them."""
    service_ms = list(np.random.default_rng(0).exponential(10.0, 20_000))
    latencies = simulate(no_gain(service_ms), rate_per_s=50, replicas=1, requests=60_000, max_batch=1)
    assert latencies.mean() == pytest.approx(20.0, rel=0.06)
    assert np.percentile(latencies, 95) == pytest.approx(20 * np.log(20), rel=0.08)


def test_many_replicas_and_little_load_is_service_time_and_hop():
    latencies = simulate(no_gain([10.0], [3.0]), rate_per_s=10, replicas=8, requests=5_000)
    assert np.percentile(latencies, 95) == pytest.approx(13.0, rel=0.01)


def test_batching_carries_what_single_texts_could_not():
    """At one and a half times what one by one would allow, a model that reads many at once in the time of two keeps up."""
    gain = ServiceTimes([10.0], [0.0], {1: 10.0, 32: 20.0})
    assert np.percentile(simulate(gain, rate_per_s=150, replicas=1), 95) < 100
    assert np.percentile(simulate(gain, rate_per_s=150, replicas=1, max_batch=1), 95) > 1000


def test_replicas_needed_grow_with_the_rate_and_are_the_fewest():
    times = no_gain([10.0])
    needed = [replicas_needed(times, rate, p99_ms=40, requests=4_000) for rate in (10, 100, 1000)]
    assert needed == sorted(needed) and needed[0] == 1 and needed[2] > 10
    assert np.percentile(simulate(times, 1000, needed[2] - 1, 4_000), 99) > 40 >= np.percentile(simulate(times, 1000, needed[2], 4_000), 99)


def test_no_number_of_replicas_makes_one_request_faster():
    assert replicas_needed(no_gain([10.0]), 10, p99_ms=5, requests=200) is None


def test_service_times_of_a_server():
    with known_delay(delay_ms=5) as server:
        times = measure_service_times(server.url, singles=20, of_each=2)
    assert set(times.model_ms) == {2.0} and min(times.hop_ms) >= 3.0, "what the server says, and the rest of the delay"
    assert times.batch_factor(8) == 1.0


def test_service_times_under_load_tell_batches_by_their_time():
    """Three answers of one batch (the same time of the model, at the same moment), one alone, and one much later that took as long by chance."""
    at_rest = ServiceTimes([10.0], [1.0], {1: 10.0, 3: 20.0})

    def answer(came_s: float, model_ms: float) -> Sample:
        return Sample(came_s - 0.05, 0.0, 50.0, 200, f"queue;dur=3.000, model;dur={model_ms:.3f}")

    samples = [answer(1.001, 40), answer(1.002, 40), answer(1.003, 40), answer(2.0, 25), answer(9.0, 40), Sample(1.0, 0.0, 5.0, 503)]
    times = times_under_load(samples, at_rest)
    assert times.model_ms == pytest.approx([20.0, 25.0, 40.0]), "a batch of three takes twice as long as one text, at rest as under load"
    assert sorted(times.hop_ms) == pytest.approx([7, 7, 7, 7, 22]) and times.batch_ms == at_rest.batch_ms


def test_a_load_that_tells_nothing_leaves_the_times_at_rest():
    at_rest = ServiceTimes([10.0], [1.0], {1: 10.0, 3: 20.0})
    assert times_under_load([Sample(1.0, 0.0, 5.0, 503), Sample(1.0, 0.0, 5.0, 200)], at_rest) is at_rest


def test_a_load_keeps_where_the_time_went():
    with known_delay(delay_ms=5) as server:
        samples = run(OpenLoad(server.url, rate_per_s=50), 1.0).samples
    times = times_under_load(samples, ServiceTimes([1.0], [0.0], {1: 1.0, 32: 2.0}))
    assert len(times.hop_ms) == len(samples) and min(times.hop_ms) >= 2.0, "of its 5 ms the server calls 2 its model's and 1 its queue's"

"""A simulation of the queue: how many replicas does a rate need that this machine cannot serve?

It simulates what services/batching.py and services/replicas.py do. Requests arrive at random (a
Poisson process). Each goes to the replica with the fewest requests in flight, in turn among equals.
A free replica takes all requests that wait for it, up to `max_batch`, and runs them as one batch,
which takes as long as a measured batch of that size. (All texts are assumed to have a similar
length; the real batcher leaves a text for the next batch if its padding would cost too much.) The
rest of a request's time, the hop, is spent on the way to the replica and does not queue. The
gateways and the network are assumed to grow with the load.

The service times are those under load (`times_under_load`). Where replicas, gateway, and clients
share a few cores, a text that takes 15 ms on an idle machine takes 30 ms under load, and queueing
theory models the wait, not slower service. The simulation also uses the times in the order in which
they were measured: a batch that begins after 3.2 s takes as long as the one that began after 3.2 s
of the load. A machine is slow for some moments in a row, and ten slow batches in a row build a
queue that ten scattered ones do not. Drawn at random, the same times gave two thirds of the p95
that was measured with two replicas.

`measure_service_times` sends one request at a time, for use without a load. Such times are drawn at
random.
"""

import heapq
import random
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hostlab.client import Client, timing
from hostlab.errors import RequestFailed
from hostlab.measure.load.generator import Sample
from hostlab.measure.load.texts import TEXTS

BATCH_SIZES = (1, 2, 4, 8, 16, 32)
MAX_REPLICAS = 2000
SAME_BATCH_S = 0.1  # the responses of one batch arrive within this time


@dataclass(frozen=True)
class ServiceTimes:
    """The times of one replica, in milliseconds.

    `model_ms`: of single texts; a batch is converted to the time of one text. `hop_ms`: of single
    requests. `batch_ms`: by batch size. `model_at_ms` and `hop_at_ms`: when each was measured,
    since the beginning, in ascending order; without them, the times are drawn at random.
    """

    model_ms: Sequence[float]
    hop_ms: Sequence[float]
    batch_ms: Mapping[int, float]
    model_at_ms: Sequence[float] = ()
    hop_at_ms: Sequence[float] = ()

    def batch_factor(self, size: int) -> float:
        """Return how many times as long as one text a batch takes.

        Between the measured sizes, it is interpolated linearly.
        """
        sizes = sorted(self.batch_ms)
        batch_ms = float(np.interp(size, sizes, [self.batch_ms[one] for one in sizes]))
        return batch_ms / self.batch_ms[1]


def measure_service_times(url: str, singles: int = 100, of_each: int = 8) -> ServiceTimes:
    """Measure a running service, one request at a time. Raises RequestFailed.

    The caller checks whether the requests may cost money.
    """
    with Client(url) as client:
        client.connect()
        for text in TEXTS:
            client.ask(text)  # warm-up
        timings = [client.ask(TEXTS[number % len(TEXTS)]).timing_ms for number in range(singles)]
        batches = {}
        for size in BATCH_SIZES:
            texts = [TEXTS[number % len(TEXTS)] for number in range(size)]
            model_ms = [_known(client.ask(texts).timing_ms.model) for _ in range(of_each)]
            batches[size] = float(np.median(model_ms))
    hop_ms = [_known(one.hop) + _known(one.queue) for one in timings]
    return ServiceTimes([_known(one.model) for one in timings], hop_ms, batches)


def _known(duration_ms: float | None) -> float:
    if duration_ms is None:
        raise RequestFailed("Not our contract", "The service reports no Server-Timing.")
    return duration_ms


Timed = tuple[Sample, float, float]  # a sample, its hop in ms, and its model time in ms


def _timed(samples: Sequence[Sample]) -> list[Timed]:
    """Return the answered samples whose timing is known."""
    timed = []
    for one in samples:
        parts = timing(one.server_timing, one.latency_ms)
        if one.status == 200 and parts.hop is not None and parts.model is not None:
            timed.append((one, parts.hop, parts.model))
    return timed


def _batches(timed: Sequence[Timed]) -> Counter[tuple[float, float]]:
    """Return the number of texts in each batch.

    A batch is identified by its model time in ms and by when its first response arrived.
    """
    began_s: dict[float, float] = {}  # when the last batch of that model time began to arrive
    texts: Counter[tuple[float, float]] = Counter()
    for one, _, model_ms in sorted(timed, key=lambda item: item[0].came_s):
        if one.came_s - began_s.get(model_ms, -np.inf) >= SAME_BATCH_S:
            began_s[model_ms] = one.came_s
        texts[model_ms, began_s[model_ms]] += 1
    return texts


def times_under_load(rounds: Sequence[Sequence[Sample]]) -> ServiceTimes | None:
    """Return the service times in the responses of some rounds of load, or None without any.

    Texts of one batch have the same model time, to the microsecond, and arrive together, which
    shows how many texts were in the batch.
    """
    hop: list[tuple[float, float]] = []  # when, and how long, in ms
    batches: list[tuple[float, float, int]] = []  # when and how long in ms, and how many texts
    before_ms = 0.0  # the rounds before this one
    for samples in rounds:
        timed = _timed(samples)
        if not timed:
            continue
        first_ms = min(one.due_s for one, _, _ in timed) * 1000
        hop += [(before_ms + one.due_s * 1000 - first_ms, hop_ms) for one, hop_ms, _ in timed]
        for (model_ms, came_s), size in _batches(timed).items():
            batches.append((before_ms + came_s * 1000 - first_ms - model_ms, model_ms, size))
        before_ms = max(at_ms for at_ms, _ in hop)
    if not batches:
        return None
    hop_at_ms, hop_ms = zip(*sorted(hop), strict=True)
    model_at_ms, took_ms, sizes = map(np.array, zip(*sorted(batches), strict=True))
    text_ms, start_ms = _line(sizes, took_ms)
    as_one_ms = took_ms / (start_ms + text_ms * sizes) * (start_ms + text_ms)
    batch_ms = {1: start_ms + text_ms, BATCH_SIZES[-1]: start_ms + text_ms * BATCH_SIZES[-1]}
    return ServiceTimes(as_one_ms.tolist(), hop_ms, batch_ms, model_at_ms.tolist(), hop_at_ms)


def simulate(
    times: ServiceTimes,
    rate_per_s: float,
    replicas: int,
    requests: int = 20_000,
    max_batch: int = 32,
    seed: int = 0,
) -> np.ndarray:
    """Return the latencies of `requests` requests in ms.

    The first tenth is excluded, because the queue begins empty, which makes them too short.
    """
    draw = random.Random(seed)
    factors = [0.0, *(times.batch_factor(size) for size in range(1, max_batch + 1))]
    waiting: list[deque[int]] = [deque() for _ in range(replicas)]
    in_flight, last_turn, busy = [0] * replicas, list(range(replicas)), [False] * replicas
    sent, latencies = np.zeros(requests), np.zeros(requests)
    # When, what, and its replica and batch, or its request.
    events: list[tuple[float, str, int, Sequence[int]]] = []
    turn = replicas

    def begin(replica: int, now: float) -> None:
        size = min(len(waiting[replica]), max_batch)
        busy[replica] = size > 0
        if size:
            batch = [waiting[replica].popleft() for _ in range(size)]
            model_ms = _time_at(now, times.model_ms, times.model_at_ms, draw)
            heapq.heappush(events, (now + model_ms * factors[size], "done", replica, batch))

    now = 0.0
    for number in range(requests):
        now += draw.expovariate(rate_per_s) * 1000
        sent[number] = now
        hop_ms = _time_at(now, times.hop_ms, times.hop_at_ms, draw)
        heapq.heappush(events, (now + hop_ms, "arrives", number, ()))
    while events:
        now, what, number, batch = heapq.heappop(events)
        if what == "done":
            for one in batch:
                latencies[one] = now - sent[one]
            in_flight[number] -= len(batch)
            begin(number, now)
            continue
        chosen = min(range(replicas), key=lambda one: (in_flight[one], last_turn[one]))
        turn += 1
        last_turn[chosen] = turn
        in_flight[chosen] += 1
        waiting[chosen].append(number)
        if not busy[chosen]:
            begin(chosen, now)
    return latencies[requests // 10 :]


def replicas_needed(
    times: ServiceTimes, rate_per_s: float, p99_ms: float, requests: int = 10_000
) -> int | None:
    """Return the fewest replicas with which 99 of 100 requests take at most `p99_ms`.

    None where no number of replicas suffices.
    """

    def enough(replicas: int) -> bool:
        return float(np.percentile(simulate(times, rate_per_s, replicas, requests), 99)) <= p99_ms

    high = 1
    while not enough(high):
        high *= 2
        if high > MAX_REPLICAS:
            return None
    low = high // 2 + 1
    return low + bisect_left(range(low, high), True, key=enough)


def _line(sizes: np.ndarray, took_ms: np.ndarray) -> tuple[float, float]:
    """Return the milliseconds of each text, and of the start of a batch.

    They minimize the squares of the relative errors. If all batches have one size, the start is 0.
    """
    if len(set(sizes)) < 2:
        return float(np.median(took_ms / sizes)), 0.0
    text_ms, start_ms = np.polyfit(sizes, took_ms, 1, w=1 / took_ms)
    return max(0.0, float(text_ms)), max(0.0, float(start_ms))


def _time_at(
    now: float, measured_ms: Sequence[float], at_ms: Sequence[float], draw: random.Random
) -> float:
    """Return the time that was measured at `now`, starting over after the last one.

    If it is not known when the times were measured, one is drawn at random.
    """
    if not at_ms or not at_ms[-1]:
        return draw.choice(measured_ms)
    return measured_ms[bisect_left(at_ms, now % at_ms[-1])]

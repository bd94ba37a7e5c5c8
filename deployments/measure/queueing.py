"""How many replicas would it take? A simulation of the queue, fed with service times that were measured, for rates beyond this machine.

What is simulated is what services/batching.py and services/upstream.py do: requests arrive by chance (Poisson); each goes to the
replica with the fewest under way, in turn among equals; a replica that is free takes all that waits for it, up to `max_batch`, and
answers it together. (Texts are taken to be of like length; the real batcher leaves one for later whose padding would not pay.) A
batch takes as long as a measured one of its size. The rest of a request's time (hop) is drawn from the measured ones and does not
queue: gateways and network are taken to grow with the load, which a real system has to see to.

Measured when? On a machine where replicas, gateway and clients share a few cores, a text that takes 15 ms at rest takes 30 ms
under load, and no theory of queues says so: it knows of waiting for a turn, not of a slower turn. So the times at rest
(`measure_service_times`) say what batching brings, and the times under a load (`times_under_load`) how long things take there.
"""

import heapq
import random
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..client import Client, timing
from .generator import Sample
from .load import TEXTS

BATCH_SIZES = (1, 2, 4, 8, 16, 32)
MOST_REPLICAS = 2000
SAME_BATCH_S = 0.1  # answers of one batch leave together


@dataclass(frozen=True)
class ServiceTimes:
    """Milliseconds of one replica: `model_ms` and `hop_ms` of single texts, `batch_ms` medians by batch size, measured at rest."""

    model_ms: Sequence[float]
    hop_ms: Sequence[float]
    batch_ms: Mapping[int, float]

    def batch_factor(self, size: int) -> float:
        """Return how many times as long as one text a batch takes, in a straight line between the measured sizes."""
        sizes = sorted(self.batch_ms)
        return float(np.interp(size, sizes, [self.batch_ms[one] for one in sizes])) / self.batch_ms[1]


def measure_service_times(url: str, singles: int = 100, of_each: int = 8) -> ServiceTimes:
    """Measure at a running service, one request at a time. Raises RequestFailed; BadInput is the caller's to raise where each costs money."""
    with Client(url) as client:
        client.connect()
        for text in TEXTS:
            client.ask(text)  # warm
        timings = [client.ask(TEXTS[number % len(TEXTS)]).timing_ms for number in range(singles)]
        batches = {}
        for size in BATCH_SIZES:
            texts = [TEXTS[number % len(TEXTS)] for number in range(size)]
            batches[size] = float(np.median([client.ask(texts).timing_ms.model for _ in range(of_each)]))
    return ServiceTimes([one.model for one in timings], [one.hop + one.queue for one in timings], batches)


def times_under_load(samples: Sequence[Sample], at_rest: ServiceTimes) -> ServiceTimes:
    """Return the service times that a load's answers tell of. Those at rest say what batching brings; they are returned where no answer tells anything.

    Texts of one batch carry the same time of the model, to the microsecond, and come together: so many were in it.
    """
    answered = sorted((one for one in samples if one.status == 200), key=lambda one: one.came_s)
    told = [(one.came_s, part) for one in answered if (part := timing(one.server_timing, one.latency_ms)).model is not None]
    if not told:
        return at_rest
    began_s: dict[float, float] = {}  # when the last batch that took so many ms began to come
    texts: Counter[tuple[float, float]] = Counter()  # of each batch, known by its ms and by when it began to come
    for came_s, part in told:
        if came_s - began_s.get(part.model, -np.inf) >= SAME_BATCH_S:
            began_s[part.model] = came_s
        texts[part.model, began_s[part.model]] += 1
    model_ms = [took_ms / at_rest.batch_factor(size) for (took_ms, _), size in texts.items()]
    return ServiceTimes(model_ms, [part.hop for _, part in told], at_rest.batch_ms)


def simulate(times: ServiceTimes, rate_per_s: float, replicas: int, requests: int = 20_000, max_batch: int = 32, seed: int = 0) -> np.ndarray:
    """Return the latencies in ms of `requests` requests, the first tenth left out: the queue begins empty, which flatters."""
    draw = random.Random(seed)
    factors = [0.0, *(times.batch_factor(size) for size in range(1, max_batch + 1))]
    waiting: list[deque[int]] = [deque() for _ in range(replicas)]
    under_way, last_turn, busy = [0] * replicas, list(range(replicas)), [False] * replicas
    arrived, latencies = np.zeros(requests), np.zeros(requests)
    batches: list[Sequence[int]] = [()] * replicas
    done: list[tuple[float, int]] = []  # (when, replica): the batches that are being answered
    turn = replicas

    def begin(replica: int, now: float) -> None:
        size = min(len(waiting[replica]), max_batch)
        busy[replica] = size > 0
        if size:
            batches[replica] = [waiting[replica].popleft() for _ in range(size)]
            heapq.heappush(done, (now + draw.choice(times.model_ms) * factors[size], replica))

    def finish_until(limit: float) -> None:
        while done and done[0][0] <= limit:
            now, replica = heapq.heappop(done)
            for one in batches[replica]:
                latencies[one] = now - arrived[one] + draw.choice(times.hop_ms)
            under_way[replica] -= len(batches[replica])
            begin(replica, now)

    now = 0.0
    for number in range(requests):
        now += draw.expovariate(rate_per_s) * 1000
        finish_until(now)
        chosen = min(range(replicas), key=lambda one: (under_way[one], last_turn[one]))
        turn += 1
        last_turn[chosen], arrived[number] = turn, now
        under_way[chosen] += 1
        waiting[chosen].append(number)
        if not busy[chosen]:
            begin(chosen, now)
    finish_until(float("inf"))
    return latencies[requests // 10 :]


def replicas_needed(times: ServiceTimes, rate_per_s: float, p99_ms: float, requests: int = 10_000) -> int | None:
    """Return the fewest replicas with which 99 of 100 requests take at most `p99_ms`; None where no number of them would do."""

    def enough(replicas: int) -> bool:
        return float(np.percentile(simulate(times, rate_per_s, replicas, requests), 99)) <= p99_ms

    high = 1
    while not enough(high):
        high *= 2
        if high > MOST_REPLICAS:
            return None
    low = high // 2 + 1
    return low + bisect_left(range(low, high), True, key=enough)

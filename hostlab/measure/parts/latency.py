"""The latency part: cold start, first request, and warm latency, one request at a time.

Methods take turns, in a new order each round, so that a noisy moment of the machine affects all of
them alike.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from hostlab.client import Client, Timing
from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.comparison import MeasuredPrediction, measure_in_turn
from hostlab.measure.job import Job
from hostlab.measure.load.texts import TEXTS
from hostlab.measure.statistics import Figure, mean, percentile
from hostlab.measure.steps import Step, measurable
from hostlab.runtime.progress import Sentence

WARM_UP_ROUNDS = 20  # excluded, while caches, connections, and the CPU's clock rate settle


@dataclass
class ColdStartRow:
    """`start_s`: from the call of start() until the service is ready.

    `first_request_ms`: its first prediction, including the connection. `first_answer_s`: both
    together, from nothing to the first prediction.
    """

    method: str
    start_s: Figure | None = None
    first_request_ms: Figure | None = None
    first_answer_s: Figure | None = None
    error: str | None = None


@dataclass
class LatencyRow:
    """Warm latency in milliseconds as one client sees it, one request at a time.

    `split_ms` holds means, whose sum is the mean latency.
    """

    method: str
    p50_ms: Figure | None = None
    p95_ms: Figure | None = None
    p99_ms: Figure | None = None
    split_ms: Timing | None = None
    error: str | None = None


@dataclass
class ColdStartResult:
    """A row for each method."""

    rows: list[ColdStartRow] = field(default_factory=list)


@dataclass
class LatencyResult:
    """A row for each method."""

    rows: list[LatencyRow] = field(default_factory=list)


def measure_cold_start(
    services: Sequence[Deployment],
    repeats: int = 3,
    keep: Callable[[Deployment], None] | None = None,
) -> Iterator[Step[ColdStartResult]]:
    """Start and stop each service `repeats` times, and time it.

    Services that already run are left alone, and their row says so. `keep` is called with each
    service before its last start. The service then keeps running, and the caller stops it.
    Programs, images, and the model's file are in the system's cache after the first round, as on
    any machine that is in use.
    """
    result = ColdStartResult([_cold_start_row(service) for service in services])
    rows = {row.method: row for row in result.rows}
    times: dict[str, list[tuple[float, float]]] = {service.method: [] for service in services}
    stopped = [service for service in services if not rows[service.method].error]
    for number in range(repeats):
        is_last = number == repeats - 1
        for turn, service in enumerate(random.sample(stopped, len(stopped))):
            row = rows[service.method]
            if row.error:
                continue
            sentence = Sentence(
                "measure.cold_start", number=number + 1, count=repeats, method=service.method
            )
            yield Step(sentence, (number + turn / len(stopped)) / repeats, result)
            if keep and is_last:
                keep(service)
            try:
                start = _time_start(service, stop=not (keep and is_last))
            except HostingLabError as error:
                row.error = str(error)
                continue
            times[service.method].append(start)
            _fill_cold_start(row, times[service.method])
    yield Step(Sentence("measure.cold_starts"), 1.0, result)


def _cold_start_row(service: Deployment) -> ColdStartRow:
    status = service.status()
    if status.state == "stopped":
        return ColdStartRow(service.method)
    error = status.reason or f"It is {status.state}."
    if status.state == "running":
        error = "It already runs, and is not stopped for a measurement. `hostlab down` stops it."
    return ColdStartRow(service.method, error=error)


def _time_start(service: Deployment, stop: bool) -> tuple[float, float]:
    """Return the seconds of the start and the milliseconds of the first request."""
    try:
        began = time.perf_counter()
        service.start()
        started = time.perf_counter()
        with Client(service.url) as client:
            client.ask(TEXTS[0])
        return started - began, (time.perf_counter() - started) * 1000
    finally:
        if stop:
            service.stop()


def _fill_cold_start(row: ColdStartRow, times: Sequence[tuple[float, float]]) -> None:
    row.start_s = mean([start_s for start_s, _ in times], "s")
    row.first_request_ms = mean([request_ms for _, request_ms in times], "ms")
    row.first_answer_s = mean([start_s + request_ms / 1000 for start_s, request_ms in times], "s")


def measure_latency(
    services: Sequence[Deployment], requests: int = 500, spend: bool = False
) -> Iterator[Step[LatencyResult]]:
    """Send `requests` requests to each running service, one at a time, and return percentiles.

    A service that does not run, fails on the way, or costs money (unless `spend`) has a row that
    says so.
    """
    ready, errors = measurable(services, requests, spend)
    rows = {one.method: LatencyRow(one.method, error=errors.get(one.method)) for one in services}
    result = LatencyResult(list(rows.values()))
    predictions: dict[str, list[MeasuredPrediction]] = {method: [] for method in rows}
    rounds = WARM_UP_ROUNDS + requests
    try:
        for count, one in enumerate(measure_in_turn(ready, TEXTS[0], rounds, spend=True)):
            predictions[one.method].append(one)
            if count % 50 == 0:
                done = count / (rounds * len(ready))
                yield Step(Sentence("measure.warm_latency"), done, result)
    finally:  # Ctrl-C too: what has been measured is kept
        for method, row in rows.items():
            _fill_latency(row, predictions[method])
    yield Step(Sentence("measure.latency"), 1.0, result)


def _fill_latency(row: LatencyRow, predictions: Sequence[MeasuredPrediction]) -> None:
    errors = [prediction.error for prediction in predictions if prediction.error]
    row.error = row.error or (errors[0] if errors else None)
    warm = [one for one in predictions[WARM_UP_ROUNDS:] if one.timing_ms and one.latency_ms]
    latencies = [one.latency_ms for one in warm if one.latency_ms is not None]
    row.p50_ms, row.p95_ms, row.p99_ms = (
        percentile(latencies, percent, "ms") for percent in (50, 95, 99)
    )
    if warm:
        parts = ("hop", "queue", "model", "upstream")
        row.split_ms = Timing(*(_mean([getattr(one.timing_ms, p) for one in warm]) for p in parts))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def measure_cold_start_part(job: Job) -> Iterator[Step[ColdStartResult]]:
    """Measure cold starts with the job's effort."""
    return measure_cold_start(job.services, job.effort.cold_starts, job.keep)


def measure_latency_part(job: Job) -> Iterator[Step[LatencyResult]]:
    """Measure warm latency with the job's effort."""
    return measure_latency(job.services, job.effort.warm_requests, job.spend)

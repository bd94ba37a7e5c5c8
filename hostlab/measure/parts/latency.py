"""The latency part: cold start, first request, and warm latency at one request at a time, with its
split.

Methods take turns, in a new order each round, so that a noisy moment of the machine hurts all
alike.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from hostlab.client import Client, Timing
from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.comparison import MeasuredPrediction, measure_in_turn
from hostlab.measure.load.texts import TEXTS
from hostlab.measure.statistics import Figure, mean, percentile
from hostlab.measure.steps import Step, not_running
from hostlab.methods.api.spending import check_spending

WARM_UP_ROUNDS = 20  # dropped: caches, connections and the CPU's clock settle


@dataclass
class ColdStartRow:
    """`start_s`: from the call of start() until the service answers /ready.

    `first_request_ms`: its first prediction, connection included.

    `first_answer_s`: both together, from nothing to the first prediction.
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
    rows: list[ColdStartRow] = field(default_factory=list)


@dataclass
class LatencyResult:
    rows: list[LatencyRow] = field(default_factory=list)


def measure_cold_start(
    services: Sequence[Deployment],
    repeats: int = 3,
    keep: Callable[[Deployment], None] | None = None,
) -> Iterator[Step[ColdStartResult]]:
    """Start and stop each service `repeats` times and time it.

    Services that run already are left alone: their row says so.

    `keep` is told of each service before its last start: whoever measures on takes it from there,
    and stops it.

    Programs, images and the model's file lie in the system's cache after the first round, as they
    do on any machine that is in use.
    """
    result = ColdStartResult([ColdStartRow(service.method) for service in services])
    rows = {row.method: row for row in result.rows}
    starts, firsts = (
        {service.method: [] for service in services},
        {service.method: [] for service in services},
    )
    asleep = []
    for service in services:
        status = service.status()
        if status.state == "stopped":
            asleep.append(service)
        elif status.state == "running":
            rows[
                service.method
            ].error = (
                "It ran already, and is not stopped for a measurement. `hostlab down` stops it."
            )
        else:
            rows[service.method].error = status.reason or f"It is {status.state}."
    for number in range(repeats):
        for turn, service in enumerate(random.sample(asleep, len(asleep))):
            row = rows[service.method]
            if row.error:
                continue
            yield Step(
                f"Cold start {number + 1} of {repeats}: {service.method}",
                (number + turn / len(asleep)) / repeats,
                result,
            )
            kept = keep is not None and number == repeats - 1
            if kept:
                keep(service)
            try:
                start_s, first_ms = _one_start(service, stop=not kept)
            except HostingLabError as error:
                row.error = str(error)
                continue
            starts[service.method].append(start_s)
            firsts[service.method].append(first_ms)
            row.start_s, row.first_request_ms = (
                mean(starts[service.method], "s"),
                mean(firsts[service.method], "ms"),
            )
            row.first_answer_s = mean(
                [
                    start_s + first_ms / 1000
                    for start_s, first_ms in zip(
                        starts[service.method], firsts[service.method], strict=True
                    )
                ],
                "s",
            )
    yield Step("Cold starts are measured.", 1.0, result)


def _one_start(service: Deployment, stop: bool) -> tuple[float, float]:
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


def measure_latency(
    services: Sequence[Deployment], requests: int = 500, spend: bool = False
) -> Iterator[Step[LatencyResult]]:
    """Ask each running service `requests` times, one request at a time, and return percentiles with
    their intervals.

    A service that does not run, fails on the way, or would cost money (unless `spend`) has a row
    that says so.
    """
    result = LatencyResult([LatencyRow(service.method) for service in services])
    rows = {row.method: row for row in result.rows}
    answers: dict[str, list[MeasuredPrediction]] = {service.method: [] for service in services}
    ready = []
    for service in services:
        try:
            if not (why := not_running(service)):
                check_spending(service.url, requests, spend)
                ready.append(service)
        except HostingLabError as error:
            why = str(error)
        rows[service.method].error = why
    total = (WARM_UP_ROUNDS + requests) * len(ready)
    try:
        for count, answer in enumerate(
            measure_in_turn(ready, TEXTS[0], WARM_UP_ROUNDS + requests, spend=True)
        ):
            answers[answer.method].append(answer)
            if count % 50 == 0:
                yield Step(
                    "Warm latency, one request at a time, the methods in turn",
                    count / total,
                    result,
                )
    finally:  # Ctrl-C too: what has been measured is kept
        for method, row in rows.items():
            _fill(row, answers[method])
    yield Step("Latency is measured.", 1.0, result)


def _fill(row: LatencyRow, answers: Sequence[MeasuredPrediction]) -> None:
    failed = [answer.error for answer in answers if answer.error]
    row.error = row.error or (failed[0] if failed else None)
    warm = [answer for answer in answers[WARM_UP_ROUNDS:] if answer.latency_ms is not None]
    latencies = [answer.latency_ms for answer in warm]
    row.p50_ms, row.p95_ms, row.p99_ms = (
        percentile(latencies, percent, "ms") for percent in (50, 95, 99)
    )
    if warm:
        row.split_ms = Timing(
            *(
                _mean([getattr(answer.timing_ms, part) for answer in warm])
                for part in ("hop", "queue", "model", "upstream")
            )
        )


def _mean(values: Sequence[float | None]) -> float | None:
    return None if None in values else sum(values) / len(values)

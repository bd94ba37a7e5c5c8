"""Texts sent to the running methods: predictions from all at once, latency measured in turn.

Nothing here draws. A measurement runs in short bursts with nothing of the page between its
requests, and only one burst at a time in the whole demo: several people share the machine without
disturbing each other's figures.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Literal

from demo.jobs import StartTiming
from demo.status_poller import Endpoint
from demo.tabs.compare.figures import LatencySummary, summarize
from hostlab.errors import HostingLabError
from hostlab.measure.comparison import MeasuredPrediction, measure_in_turn, predict_at_once
from hostlab.methods.api.spending import check_spending

BURST_S = 0.3
# Enough for several bursts of other people's. Whoever holds the machine longer generates load.
WAIT_FOR_BURSTS_S = 1.0
TIMEOUT_S = 10.0  # people are waiting in front of the projector

Stage = Literal["asking", "measuring", "waiting", "done", "stopped"]


@dataclass
class MethodRow:
    """One method in a comparison.

    `predictions` has one for each text, from all methods at once; it ends with the first that
    failed. `measured` are the warm requests: the first request in turn is left out. `start` says
    how this run of the method began; it is None where this demo did not start it. `engine` is what
    runs the model; None where that is not known.
    """

    method: str
    predictions: list[MeasuredPrediction] = field(default_factory=list)
    measured: list[MeasuredPrediction] = field(default_factory=list)
    error: str | None = None
    warm: bool = False
    start: StartTiming | None = None
    engine: str | None = None

    @property
    def prediction(self) -> MeasuredPrediction | None:
        """The last prediction; of one text, the only one."""
        return self.predictions[-1] if self.predictions else None

    @property
    def labeled(self) -> list[MeasuredPrediction]:
        """The predictions that succeeded."""
        return [one for one in self.predictions if one.label is not None]

    @property
    def labels(self) -> list[str]:
        """The labels of the predictions that succeeded, in the order of the texts."""
        return [one.label for one in self.predictions if one.label is not None]

    @property
    def mean_latency_ms(self) -> float | None:
        """The mean latency of the predictions that succeeded."""
        known = [one.latency_ms for one in self.labeled if one.latency_ms is not None]
        return fmean(known) if known else None

    @property
    def measured_ms(self) -> list[float]:
        """The latencies of the warm requests."""
        return [one.latency_ms for one in self.measured if one.latency_ms is not None]

    @property
    def summary(self) -> LatencySummary | None:
        """The figures of the warm requests, or None where there are none."""
        return summarize(self.measured)


@dataclass
class Comparison:
    """One question: its texts, and a row for each method. `at` is in Unix seconds.

    The stage "waiting" is a wait for the end of somebody's load, "stopped" the end before all was
    measured. `asked_ms` is the time until the last prediction when all methods are asked at once;
    of several texts, the total.
    """

    texts: list[str]
    repeats: int
    rows: list[MethodRow]
    stage: Stage = "asking"
    at: float = field(default_factory=time.time)
    asked_ms: float | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended, and its figures are final."""
        return self.stage in ("done", "stopped")

    @property
    def progress(self) -> tuple[Stage, int]:
        """What changes with each result: the stage, and how many there are."""
        results = sum(len(row.predictions) + len(row.measured) for row in self.rows)
        return self.stage, results

    @property
    def labels(self) -> set[str]:
        """All labels in the comparison."""
        return {label for row in self.rows for label in row.labels}

    def labels_of(self, number: int) -> list[str]:
        """Return the labels of text `number`, from 0; methods without one are left out."""
        return [row.labels[number] for row in self.rows if number < len(row.labels)]

    def agree_on(self, number: int) -> bool:
        """Return whether no two methods give text `number` different labels."""
        return len(set(self.labels_of(number))) < 2

    @property
    def compared(self) -> int:
        """How many texts have a label from at least two methods."""
        return sum(len(self.labels_of(number)) > 1 for number in range(len(self.texts)))

    @property
    def agreed(self) -> int:
        """How many of those have the same label from all."""
        return sum(
            len(self.labels_of(number)) > 1 and self.agree_on(number)
            for number in range(len(self.texts))
        )

    @property
    def spread(self) -> float | None:
        """The largest difference between two scores of one text; None if no text has two."""
        known = [self._scores_of(number) for number in range(len(self.texts))]
        return max((max(of_one) - min(of_one) for of_one in known if len(of_one) > 1), default=None)

    def _scores_of(self, number: int) -> list[float]:
        labeled = [row.labeled[number] for row in self.rows if number < len(row.labeled)]
        return [one.score for one in labeled if one.score is not None]


def compare(
    endpoints: Sequence[Endpoint],
    texts: Sequence[str],
    repeats: int,
    machine: threading.Lock,
    start_of: Callable[[str], StartTiming | None] = lambda method: None,
) -> Iterator[Comparison]:
    """Yield the same comparison again each time that there is more to show.

    The measurement holds `machine`. `start_of` returns how a method's run began. With several
    texts, each round of the measurement takes the next one; `repeats` 0 means no measurement.
    """
    rows = {
        one.method: MethodRow(one.method, start=start_of(one.method), engine=one.engine)
        for one in endpoints
    }
    comparison = Comparison(list(texts), repeats, list(rows.values()))
    yield comparison
    began = time.perf_counter()
    for _ in _ask(endpoints, comparison.texts, rows):
        comparison.asked_ms = (time.perf_counter() - began) * 1000
        yield comparison
    if repeats:
        yield from _measure(endpoints, comparison, rows, machine)
    comparison.stage = "done"
    yield comparison


def _ask(
    endpoints: Sequence[Endpoint], texts: list[str], rows: dict[str, MethodRow]
) -> Iterator[None]:
    """Send one text after another to all methods at once.

    A method that fails gets no further texts: one that hangs would cost a timeout for each.
    """
    if len(texts) > 1:
        for endpoint in endpoints:
            rows[endpoint.method].error = _spending_error(endpoint, len(texts))
    shown = time.monotonic()
    for number, text in enumerate(texts):
        left = [endpoint for endpoint in endpoints if not rows[endpoint.method].error]
        for prediction in predict_at_once(left, text, TIMEOUT_S):
            row = rows[prediction.method]
            row.predictions.append(prediction)
            row.error = prediction.error
            if row.start and row.start.first_ms is None:
                row.start.first_ms = prediction.latency_ms
            if number == 0 or time.monotonic() - shown > BURST_S:
                shown = time.monotonic()
                yield
    yield


def _spending_error(endpoint: Endpoint, texts: int) -> str | None:
    try:
        check_spending(endpoint.url, texts)
    except HostingLabError as error:
        return str(error)
    return None


def _measure(
    endpoints: Sequence[Endpoint],
    comparison: Comparison,
    rows: dict[str, MethodRow],
    machine: threading.Lock,
) -> Iterator[Comparison]:
    comparison.stage = "measuring"
    healthy = [endpoint for endpoint in endpoints if not rows[endpoint.method].error]
    requests = measure_in_turn(healthy, comparison.texts, comparison.repeats + 1, TIMEOUT_S)
    more = bool(healthy)
    while more:
        if not machine.acquire(timeout=WAIT_FOR_BURSTS_S):
            comparison.stage = "waiting"
            yield comparison
            machine.acquire()
            comparison.stage = "measuring"
        try:
            more = _burst(requests, rows)
        finally:
            machine.release()
        yield comparison


def _burst(requests: Iterator[MeasuredPrediction], rows: dict[str, MethodRow]) -> bool:
    """Measure for a moment, and return whether there is more to measure."""
    until = time.monotonic() + BURST_S
    for prediction in requests:
        row = rows[prediction.method]
        if prediction.error:
            row.error = prediction.error
        elif row.warm:
            row.measured.append(prediction)
        row.warm = True
        if time.monotonic() > until:
            return True
    return False

"""One text to every running method: what they answer, asked all at once, and how long each takes, asked in turn.

Nothing here draws. A measurement runs in short bouts with nothing of the page's own between its requests, and only one bout at
a time in the whole demo: several people at once share the machine, not each other's figures.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deployments.base import Deployment
from deployments.measure.latency import Answer, ask_at_once, measure_in_turn

from .figures import Summary, summarise

BOUT_S = 0.3
TIMEOUT_S = 10.0  # somebody waits before a projector


@dataclass
class Row:
    """One method: its answer when all were asked at once, and those of the measurement; the first, the warm-up, is not kept."""

    method: str
    answer: Answer | None = None
    measured: list[Answer] = field(default_factory=list)
    error: str | None = None
    warm: bool = False

    @property
    def summary(self) -> Summary | None:
        return summarise(self.measured)


@dataclass
class Comparison:
    """One text and its rows. `stage` is asking, measuring or done."""

    text: str
    repeats: int
    rows: list[Row]
    stage: str = "asking"

    @property
    def labels(self) -> set[str]:
        return {row.answer.label for row in self.rows if row.answer and row.answer.label}

    @property
    def spread(self) -> float | None:
        """The largest difference between two scores, or None with fewer than two."""
        scores = [row.answer.score for row in self.rows if row.answer and row.answer.score is not None]
        return max(scores) - min(scores) if len(scores) > 1 else None


def compare(services: Sequence[Deployment], text: str, repeats: int, machine: threading.Lock) -> Iterator[Comparison]:
    """Yield the same comparison again and again, each time that there is more to show. `machine` is held while measuring."""
    rows = {service.method: Row(service.method) for service in services}
    comparison = Comparison(text, repeats, list(rows.values()))
    yield comparison
    for answer in ask_at_once(services, text, TIMEOUT_S):
        rows[answer.method].answer, rows[answer.method].error = answer, answer.error
        yield comparison
    comparison.stage = "measuring"
    answered = [service for service in services if not rows[service.method].error]
    measuring = measure_in_turn(answered, text, repeats + 1, TIMEOUT_S)
    more = bool(answered)
    while more:
        with machine:
            more = _bout(measuring, rows)
        yield comparison
    comparison.stage = "done"
    yield comparison


def _bout(measuring: Iterator[Answer], rows: dict[str, Row]) -> bool:
    """Measure for a moment and return whether there is more to measure."""
    until = time.monotonic() + BOUT_S
    for answer in measuring:
        row = rows[answer.method]
        if answer.error:
            row.error = answer.error
        elif row.warm:
            row.measured.append(answer)
        row.warm = True
        if time.monotonic() > until:
            return True
    return False

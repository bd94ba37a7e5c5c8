"""Texts to the running methods: what they answer, asked all at once, and how long each takes, asked in turn.

Nothing here draws. A measurement runs in short bouts with nothing of the page's own between its requests, and only one bout at
a time in the whole demo: several people at once share the machine, not each other's figures.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from demo.board import Address, Start
from demo.tabs.compare.figures import Summary, summarise
from hostlab.errors import HostingLabError
from hostlab.measure.comparison import Answer, ask_at_once, measure_in_turn
from hostlab.methods.api.spending import check_spending

BOUT_S = 0.3
PATIENCE_S = (
    1.0  # some bouts of others; who holds the machine longer puts load on it, and that is told
)
TIMEOUT_S = 10.0  # somebody waits before a projector


@dataclass
class Row:
    """One method: its answer to each text, given when all were asked at once, and those of the measurement.

    `answers` ends with the first that failed. `measured` are warm: the first request in turn is not kept. `start` is how this
    run of the method began, None where somebody else started it.
    """

    method: str
    answers: list[Answer] = field(default_factory=list)
    measured: list[Answer] = field(default_factory=list)
    error: str | None = None
    warm: bool = False
    start: Start | None = None

    @property
    def answer(self) -> Answer | None:
        """The last answer; of one text, the only one."""
        return self.answers[-1] if self.answers else None

    @property
    def answered(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.label is not None]

    @property
    def summary(self) -> Summary | None:
        return summarise(self.measured)


@dataclass
class Comparison:
    """One question of a reader's: its texts and a row for each method. `at` is in Unix seconds.

    `stage` is asking, measuring, waiting (for the end of somebody's load) or done.

    `asked_ms` is how long it took from asking all at the same time until the last answer; of several texts, in all.
    """

    texts: list[str]
    repeats: int
    rows: list[Row]
    stage: str = "asking"
    at: float = field(default_factory=time.time)
    asked_ms: float | None = None

    @property
    def labels(self) -> set[str]:
        return {answer.label for row in self.rows for answer in row.answered}

    def labels_of(self, number: int) -> list[str]:
        """The labels that the methods gave to text `number`, from 0; a method that gave none is left out."""
        return [row.answers[number].label for row in self.rows if number < len(row.answered)]

    @property
    def compared(self) -> int:
        """How many texts at least two methods have answered."""
        return sum(len(self.labels_of(number)) > 1 for number in range(len(self.texts)))

    @property
    def agreed(self) -> int:
        """To how many of them all gave the same label."""
        return sum(
            len(labels) > 1 and len(set(labels)) == 1
            for labels in map(self.labels_of, range(len(self.texts)))
        )

    @property
    def spread(self) -> float | None:
        """The largest difference between two scores of one text, or None where no text has two."""
        scores = [
            [row.answers[number].score for row in self.rows if number < len(row.answered)]
            for number in range(len(self.texts))
        ]
        known = [[score for score in of_one if score is not None] for of_one in scores]
        return max((max(of_one) - min(of_one) for of_one in known if len(of_one) > 1), default=None)


def compare(
    services: Sequence[Address],
    texts: Sequence[str],
    repeats: int,
    machine: threading.Lock,
    starts: Callable[[str], Start | None] = lambda method: None,
) -> Iterator[Comparison]:
    """Yield the same comparison again and again, each time that there is more to show.

    `machine` is held while measuring. `starts` tells how a method's run began. Of several texts, each round of the measurement
    takes the next; without `repeats` there is none.
    """
    rows = {
        service.method: Row(service.method, start=starts(service.method)) for service in services
    }
    comparison = Comparison(list(texts), repeats, list(rows.values()))
    yield comparison
    began = time.perf_counter()
    for _ in _ask(services, comparison.texts, rows):
        comparison.asked_ms = (time.perf_counter() - began) * 1000
        yield comparison
    if not repeats:
        comparison.stage = "done"
        yield comparison
        return
    comparison.stage = "measuring"
    answered = [service for service in services if not rows[service.method].error]
    measuring = measure_in_turn(answered, comparison.texts, repeats + 1, TIMEOUT_S)
    more = bool(answered)
    while more:
        if not machine.acquire(timeout=PATIENCE_S):
            comparison.stage = "waiting"
            yield comparison
            machine.acquire()
            comparison.stage = "measuring"
        try:
            more = _bout(measuring, rows)
        finally:
            machine.release()
        yield comparison
    comparison.stage = "done"
    yield comparison


def _ask(services: Sequence[Address], texts: list[str], rows: dict[str, Row]) -> Iterator[None]:
    """Ask all for one text after the other. One that fails is asked no more: one that hangs would cost everybody its time for each text."""
    left = list(services)
    if len(texts) > 1:
        for service in services:
            rows[service.method].error = _refusal(service, len(texts))
    shown = time.monotonic()
    for number, text in enumerate(texts):
        left = [service for service in left if not rows[service.method].error]
        for answer in ask_at_once(left, text, TIMEOUT_S):
            row = rows[answer.method]
            row.answers.append(answer)
            row.error = answer.error
            if row.start and row.start.first_ms is None:
                row.start.first_ms = answer.latency_ms
            if number == 0 or time.monotonic() - shown > BOUT_S:
                shown = time.monotonic()
                yield
    yield


def _refusal(service: Address, texts: int) -> str | None:
    try:
        check_spending(service.url, texts)
    except HostingLabError as error:
        return str(error)
    return None


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

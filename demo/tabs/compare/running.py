"""A question that is being answered, in a thread of its own.

It goes on when its page is hidden or closed, and no connection to the browser stays open for it:
the page asks now and then how far it is.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from demo.session import Reader
from demo.tabs.compare import view
from demo.tabs.compare.asking import AskingStep
from demo.tabs.compare.comparison import Comparison
from demo.templating import problem

log = logging.getLogger("hostlab")

_pressing = threading.Lock()  # two clicks arrive in two threads

# Two clicks within this time are one, even if the answer is faster than the second click.
DOUBLE_CLICK_S = 0.7


@dataclass(frozen=True)
class ReaderQuestion:
    """What a reader asks. Two of them that are equal are the same question."""

    typed: str
    repeats: int
    left_out: frozenset[str]


def ask_once(
    reader: Reader, question: ReaderQuestion, steps: Callable[[], Iterator[AskingStep]]
) -> "RunningQuestion":
    """Start to answer a question, which ends the one before, and return it.

    Returns what is running already where that is the same question, as after a double click.
    """
    with _pressing:
        before: RunningQuestion | None = reader.asking
        if before and before.is_asked_by(question):
            return before
        if before:
            before.stop()
        asked = reader.asking = RunningQuestion(question, steps(), reader)
        asked.start()
        return asked


class RunningQuestion:
    """A question on its way from what was typed to the measured latency."""

    def __init__(
        self, question: ReaderQuestion, steps: Iterator[AskingStep], reader: Reader
    ) -> None:
        """`steps` are made by `asking.ask`."""
        self.question = question
        self.comparison: Comparison | None = None
        self.notice = Markup()
        self.version = 0  # grows with everything that there is to show
        self.over = False  # whether it has ended, and what it has found is final
        self._results: tuple[str, Markup] = ("", Markup())  # the language, and what it shows
        self._steps, self._reader = steps, reader
        self._asked_at = time.monotonic()
        self._stop, self._first = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="question", daemon=True)

    def start(self) -> None:
        """Begin to answer it."""
        self._thread.start()

    def wait(self, timeout_s: float) -> None:
        """Wait at most `timeout_s` seconds until there is something to show."""
        self._first.wait(timeout_s)

    def stop(self) -> None:
        """Ask it to end soon. What it has found by then is kept."""
        self._stop.set()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join()

    def is_asked_by(self, question: ReaderQuestion) -> bool:
        """Return whether `question`, asked now, is this one, as with a double click."""
        just_now = time.monotonic() - self._asked_at < DOUBLE_CLICK_S
        return question == self.question and (just_now or not self.over)

    def results(self, language: str) -> Markup | None:
        """Return what it shows in a language; None where it has not been drawn in it yet."""
        drawn_in, results = self._results
        return results if drawn_in == language else None

    def _run(self) -> None:
        try:
            for step in self._steps:
                if self._stop.is_set():
                    break
                self._take(step)
        except Exception as error:
            log.exception("A question failed")
            self._take(AskingStep(problem(self._reader.texts("problem.unexpected", error=error))))
        finally:
            if self.comparison and self.comparison.stage != "done":
                self.comparison.stage = "stopped"
            self.over = True
            self._draw()

    def _take(self, step: AskingStep) -> None:
        self.notice = step.notice
        if step.comparison and step.comparison is not self.comparison:
            self.comparison = self._reader.shown = step.comparison
            self._reader.session.add(step.comparison)
        self._draw()

    def _draw(self) -> None:
        """Draw here, between two bursts of the measurement, so that it disturbs none of them.

        It also gives others, who measure too, the time to take the machine.
        """
        if self.comparison:
            texts = self._reader.texts  # the language may change meanwhile
            self._results = (texts.language, view.results(self.comparison, texts))
        self.version += 1
        self._first.set()

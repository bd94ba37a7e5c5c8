"""From what a reader typed to a comparison, step by step. Gradio is not involved."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from demo.board import Board
from demo.session import Reader
from demo.tabs.compare.comparison import Comparison, compare
from demo.tabs.compare.language import looks_foreign
from demo.tabs.compare.question import texts_of
from demo.templating import hint, problem, stage
from demo.texts import Texts
from hostlab.errors import BadInput

WAIT_FOR_START_S = 120.0
NO_NOTICE = Markup()


@dataclass(frozen=True)
class AskingStep:
    """A notice for the reader, and the comparison so far, if there is one yet."""

    notice: Markup
    comparison: Comparison | None = None


def ask(board: Board, typed: str, repeats: int, reader: Reader) -> Iterator[AskingStep]:
    """Yield the steps from a question to its measured latency, or to the reason why not."""
    texts = reader.texts
    try:
        question = texts_of(typed, texts)
    except BadInput as error:
        yield AskingStep(problem(str(error)))
        return
    yield from _wait_for_start(board, texts)
    running = board.endpoints()
    endpoints = [one for one in running if one.method not in reader.deselected.get("compare", ())]
    if not endpoints:
        reason = texts("problem.none_chosen") if running else _why_none_runs(board, texts)
        yield AskingStep(problem(reason))
        return
    notice = hint(texts("problem.foreign")) if is_foreign(question) else NO_NOTICE
    for comparison in compare(endpoints, question, repeats, board.machine, board.start_of):
        yield AskingStep(notice, comparison)


def is_foreign(question: list[str]) -> bool:
    """Return whether the model probably cannot read one of the texts.

    A model of the user's own may know other languages.
    """
    return any(map(looks_foreign, question)) and not os.environ.get("MODEL_ID")


def _why_none_runs(board: Board, texts: Texts) -> str:
    failed = next((card.method for card in board.cards() if card.failure), None)
    if failed:
        return texts("problem.not_started", method=texts.title(failed))
    return texts("problem.none_running")


def _wait_for_start(board: Board, texts: Texts) -> Iterator[AskingStep]:
    """Wait while no method runs but one is starting, as in the first seconds of the demo."""
    until, announced = time.monotonic() + WAIT_FOR_START_S, None
    while time.monotonic() < until and not board.endpoints():
        starting = next((card.method for card in board.cards() if card.state == "starting"), None)
        if starting is None:
            return
        if starting != announced:
            announced = starting
            yield AskingStep(stage(texts("compare.waiting_start", method=texts.title(starting))))
        time.sleep(0.1)

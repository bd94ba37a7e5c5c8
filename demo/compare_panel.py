"""The text, the button, and what comes of it."""

import os
import time
from collections.abc import Iterator

import gradio as gr

from deployments.services.contract import MAX_CHARACTERS

from . import html
from .board import Board
from .compare import compare
from .language import looks_foreign
from .panel import Updates
from .session import Reader
from .texts import Texts, texts

EXAMPLES = (
    "It's not bad at all, I'd watch it again.",
    "I hated every minute.",
    "Two hours I will never get back, but what music!",
    "Is this supposed to be funny?",
    "Какой чудесный фильм!",
)
REPEATS = (5, 20, 50, 100)
WAIT_S = 120.0  # for a method that is starting


class ComparePanel:
    """The components of the comparison and what they do."""

    name = "compare"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader, self.timers = board, reader, []
        # one line that grows: Enter asks, Shift-Enter breaks the line
        self.text = gr.Textbox(initial("compare.first"), label=initial("compare.text"), placeholder=initial("compare.placeholder"), max_lines=6, autofocus=True)
        self.examples = gr.Dataset(components=[self.text], samples=[[example] for example in EXAMPLES], label=initial("compare.examples"), layout="gallery")
        self.repeats = gr.Radio(REPEATS, value=20, label=initial("compare.repeats"), elem_id="repeats")
        self.button = gr.Button(initial("compare.button"), variant="primary", size="lg", elem_id="ask")
        self.notice = gr.HTML(apply_default_css=False, elem_id="notice")
        self.results = gr.HTML(html.empty(initial), elem_id="results", apply_default_css=False)

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All that `show` changes."""
        return [self.text, self.examples, self.repeats, self.button, self.notice, self.results]

    def connect(self) -> None:
        """Wire the button, the Enter key and the examples. Programs use the endpoints of demo.api."""
        asking = {
            "fn": self._ask,
            "inputs": [self.text, self.repeats, self.reader],
            "outputs": [self.notice, self.results],
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
            "concurrency_limit": 20,
        }
        gr.on([self.button.click, self.text.submit], **asking)
        # queue=False: filling a box needs no turn
        self.examples.click(lambda sample: sample[0], self.examples, self.text, queue=False, show_progress="hidden", api_visibility="private").then(**asking)

    def show(self, reader: Reader) -> Updates:
        """Return every component in the reader's language, with the last comparison if there was one."""
        said = texts(reader.language)
        return {
            self.text: gr.update(label=said("compare.text"), placeholder=said("compare.placeholder")),
            self.examples: gr.update(label=said("compare.examples")),
            self.repeats: gr.update(label=said("compare.repeats")),
            self.button: gr.update(value=said("compare.button")),
            self.notice: "",
            self.results: html.results(reader.session.comparisons[-1], said) if reader.session.comparisons else html.empty(said),
        }

    def _ask(self, text: str, repeats: int, reader: Reader) -> Iterator[tuple[object, object]]:
        reader.asked += 1
        mine = reader.asked
        for update in self._answers(text, repeats, reader):
            if reader.asked != mine:
                return
            yield update

    def _answers(self, text: str, repeats: int, reader: Reader) -> Iterator[tuple[object, object]]:
        said, text = texts(reader.language), text.strip()
        if trouble := unusable(text, said):
            yield html.problem(trouble), gr.skip()
            return
        yield from self._wait_for_start(said)
        services = self.board.running()
        if not services:
            failed = next((card.method for card in self.board.cards() if card.failure), None)
            yield html.problem(said("problem.not_started", method=said.title(failed)) if failed else said("problem.none_running")), gr.skip()
            return
        foreign = looks_foreign(text) and not os.environ.get("MODEL_ID")  # another model may read another language
        for comparison in compare(services, text, repeats, self.board.machine):
            if not any(one is comparison for one in reader.session.comparisons):
                reader.session.add(comparison)
            said = texts(reader.language)  # it may be switched meanwhile
            yield html.hint(said("problem.foreign")) if foreign else "", html.results(comparison, said)

    def _wait_for_start(self, said: Texts) -> Iterator[tuple[object, object]]:
        """Wait while nothing runs yet and something is about to: the first second of the demo."""
        until, told = time.monotonic() + WAIT_S, None
        while time.monotonic() < until and not self.board.running():
            starting = next((card.method for card in self.board.cards() if card.state == "starting"), None)
            if starting is None:
                return
            if starting != told:
                told = starting
                yield html.stage(said("compare.waiting_start", method=said.title(starting))), gr.skip()
            time.sleep(0.1)


def unusable(text: str, said: Texts) -> str | None:
    """Return why this text is not worth sending, in a sentence with a next step, or None."""
    if not text.strip():
        return said("problem.empty")
    if len(text) > MAX_CHARACTERS:
        return said("problem.too_long", length=len(text), limit=MAX_CHARACTERS, over=len(text) - MAX_CHARACTERS)
    return None

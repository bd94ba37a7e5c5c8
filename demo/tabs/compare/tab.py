"""The Compare tab: the texts, the methods to ask, the results, and the history."""

from collections.abc import Sequence
from typing import Any, ClassVar

import gradio as gr

from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.compare import asking, outcome
from demo.tabs.compare.comparison import Comparison
from demo.tabs.compare.history import HistoryRow
from demo.tabs.compare.question import FILE_TYPES, read_file
from demo.tabs.compare.running import ReaderQuestion, ask_once
from demo.tabs.compare.way_of_request import ShownWay, WayOfRequest
from demo.tabs.method_boxes import Listing, MethodBoxes
from demo.tabs.start_all import MethodStarter, Standing
from demo.templating import empty, hint, problem
from demo.texts import Texts
from hostlab.errors import BadInput

EXAMPLES = (
    "It's not bad at all, I'd watch it again.",
    "I hated every minute.",
    "Two hours I will never get back, but what music!",
    "Is this supposed to be funny?",
    "Какой чудесный фильм!",
)
REPEATS = (5, 20, 50, 100)
FIRST_STEP_S = 0.2  # how long a click waits for something to show
# Brings the results into view, unless their beginning is there already. The focus stays.
_SCROLL_TO_RESULTS = """() => {
  const results = document.querySelector('#results')
  const {top} = results.getBoundingClientRect()
  if (top >= 0 && top + 160 <= innerHeight) return
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  results.scrollIntoView({block: 'start', behavior: still ? 'instant' : 'smooth'})
}"""


class CompareTab:
    """The components of the Compare tab and what they do."""

    name: ClassVar[str] = "compare"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self._place_question(initial)
        self.notice = gr.HTML(apply_default_css=False, elem_id="notice")
        self.results = gr.HTML(
            empty(initial("compare.empty_results")), elem_id="results", apply_default_css=False
        )
        self.way = WayOfRequest(board, initial)
        self.history = HistoryRow(initial)
        self.seen = gr.State()  # what the page shows of the reader's questions
        self.timers = [gr.Timer(outcome.IDLE_S)]

    def _place_question(self, initial: Texts) -> None:
        with gr.Row(equal_height=True):
            # One line that grows: Enter submits, Shift+Enter starts a new line.
            self.text = gr.Textbox(
                initial("compare.first"),
                label=initial("compare.text"),
                placeholder=initial("compare.placeholder"),
                max_lines=6,
                autofocus=True,
                scale=6,
                elem_id="text",
            )
            with gr.Column(scale=1, min_width=270):  # wide enough for the Russian label
                self.button = gr.Button(
                    initial("compare.button"), variant="primary", size="lg", elem_id="ask"
                )
                self.file = gr.UploadButton(
                    initial("compare.file"), file_types=list(FILE_TYPES), size="sm", elem_id="file"
                )
        self.examples = gr.Dataset(
            components=[self.text],
            samples=[[example] for example in EXAMPLES],
            label=initial("compare.examples"),
            layout="gallery",
        )
        with gr.Row():
            with gr.Column(scale=5, min_width=300):
                self.methods = MethodBoxes(
                    self.name,
                    lambda: [endpoint.method for endpoint in self.board.endpoints()],
                    _labels,
                    initial,
                    elem_id="chosen",
                    elem_classes="hl-methods",
                )
                self.starter = MethodStarter(self.name, self.board, initial)
            self.repeats = gr.Radio(
                REPEATS,
                value=20,
                label=initial("compare.repeats"),
                elem_id="repeats",
                scale=2,
                min_width=300,
            )

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        question = [self.text, self.button, self.file, self.examples, self.repeats]
        shown = [self.notice, self.results, *self.history.components]
        return [*question, *self._standing_components, *shown, self.seen]

    @property
    def _standing_components(self) -> list[gr.blocks.Block]:
        """What a tick changes besides the outcome of a question."""
        return [*self.methods.components, *self.starter.components, *self.way.components]

    @property
    def _outcome_components(self) -> list[gr.blocks.Block]:
        shown = [self.button, self.notice, self.results, self.history.list]
        return [*shown, self.timers[0], self.seen]

    def connect(self) -> None:
        """Connect the events."""
        self._connect_asking()
        self.file.upload(self._read, [self.file, self.reader], [self.text, self.notice], **PRIVATE)
        self.methods.connect(self.reader)
        self.starter.connect(self.reader)
        self.way.connect(self.reader)
        shown = [
            self.methods.listed,
            self.starter.shown,
            self.way.choice,
            self.way.shown,
            self.seen,
        ]
        self.timers[0].tick(
            self._tick,
            [self.reader, *shown],
            [*self._standing_components, *self._outcome_components],
            **PRIVATE,
        )
        self.history.list.input(
            self._show_again, [self.history.list, self.reader], self.results, **PRIVATE
        )
        self.history.clear.click(
            self._clear, self.reader, [self.notice, self.results, self.history.list], **PRIVATE
        )
        self.history.connect(self.reader)

    def _connect_asking(self) -> None:
        options = {
            "fn": self._ask,
            "inputs": [self.text, self.repeats, self.reader],
            "outputs": self._outcome_components,
            "trigger_mode": "multiple",
        } | PRIVATE
        asked = gr.on([self.button.click, self.text.submit], **options)
        filled = self.examples.click(lambda one: one[0], self.examples, self.text, **PRIVATE)
        for answered in (asked, filled.then(**options)):
            answered.then(None, js=_SCROLL_TO_RESULTS, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language, with the last comparison if any."""
        texts = reader.texts
        own: Updates = {
            self.text: gr.update(
                label=texts("compare.text"), placeholder=texts("compare.placeholder")
            ),
            self.button: _button(reader),
            self.file: gr.update(label=texts("compare.file")),
            self.examples: gr.update(label=texts("compare.examples")),
            self.repeats: gr.update(label=texts("compare.repeats")),
            self.notice: "",
            self.results: outcome.results(reader),
            self.seen: outcome.showing(reader),
        }
        standing = self.methods.show(reader) | self.starter.show(reader)
        standing |= self.way.redraw(reader)
        return own | self.history.show(reader) | standing

    def _tick(
        self,
        reader: Reader,
        listed: Listing | None,
        standing: Standing | None,
        way_method: str | None,
        way: ShownWay | None,
        seen: outcome.Showing | None,
    ) -> object:
        updates = self.methods.news(reader, listed) | self.starter.news(reader, standing)
        updates |= self.way.news(reader, way_method, way)
        if seen != outcome.showing(reader):
            updates |= self._outcome(reader, seen)
        return updates or gr.skip()

    def _read(self, path: str, reader: Reader) -> tuple[object, str]:
        try:
            return read_file(path, reader.texts), ""
        except BadInput as error:
            return gr.skip(), problem(str(error))

    def _ask(self, typed: str, repeats: int, reader: Reader) -> Updates:
        """Start to answer a question. The tick shows how far it is."""
        question = ReaderQuestion(
            typed.strip(), repeats, reader.deselected.get(self.name, frozenset())
        )
        asked = ask_once(reader, question, lambda: asking.ask(self.board, typed, repeats, reader))
        asked.wait(FIRST_STEP_S)
        return self._outcome(reader, None)

    def _outcome(self, reader: Reader, seen: outcome.Showing | None) -> Updates:
        """Return what has changed of the reader's questions, and how soon the page looks again."""
        own, now = reader.asking, outcome.showing(reader)
        updates: Updates = {
            self.button: _button(reader),
            self.results: outcome.results(reader),
            self.timers[0]: gr.update(value=outcome.look_again_s(reader)),
            self.seen: now,
        }
        if own and (seen is None or seen.notice != now.notice):
            updates[self.notice] = own.notice
        if seen is None or seen.history != now.history:  # somebody may be looking at the list
            updates[self.history.list] = self.history.update(reader)
        return updates

    def _show_again(self, number: int | None, reader: Reader) -> object:
        known = reader.session.entries(Comparison)
        if number is None or number >= len(known):
            return gr.skip()
        reader.shown = known[number]
        return outcome.results(reader)

    def _clear(self, reader: Reader) -> tuple[object, object, object]:
        if reader.asking:
            reader.asking.stop()
        reader.asking = reader.shown = None
        reader.session.clear(Comparison)
        notice = hint(reader.texts("history.cleared"))
        return notice, outcome.results(reader), self.history.update(reader)


def _button(reader: Reader) -> object:
    """Return the button's text. It can be clicked meanwhile: the next question ends this one."""
    asking = reader.asking and not reader.asking.over
    return gr.update(value=reader.texts("compare.asking_now" if asking else "compare.button"))


def _labels(texts: Texts, methods: Sequence[str]) -> dict[str, Any]:
    info = texts("compare.more_run" if methods else "compare.none_runs")
    return {"label": texts("compare.chosen"), "info": info}

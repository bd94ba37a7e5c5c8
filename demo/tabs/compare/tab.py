"""Compare: the texts, whom to ask, and what comes of it; the history of all that was asked, and its export."""

import os
import time
from collections.abc import Iterator

import gradio as gr

from demo import html
from demo.board import Board
from demo.download import Download
from demo.session import Reader
from demo.tabs.compare import export
from demo.tabs.compare import view as compare_html
from demo.tabs.compare.comparison import Comparison, compare
from demo.tabs.compare.language import looks_foreign
from demo.tabs.compare.question import FILE_TYPES, read_file, texts_of
from demo.tabs.tab import QUIET, Updates
from demo.texts import Texts, texts
from hostlab.errors import BadInput

EXAMPLES = (
    "It's not bad at all, I'd watch it again.",
    "I hated every minute.",
    "Two hours I will never get back, but what music!",
    "Is this supposed to be funny?",
    "Какой чудесный фильм!",
)
REPEATS = (5, 20, 50, 100)
TICK_S = 2.0
WAIT_S = 120.0  # for a method that is starting
SHORT = 60  # characters of a text in the history


class ComparePanel:
    """The components of the comparison and what they do."""

    name = "compare"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        with gr.Row(equal_height=True):
            # one line that grows: Enter asks, Shift-Enter breaks the line
            self.text = gr.Textbox(
                initial("compare.first"),
                label=initial("compare.text"),
                placeholder=initial("compare.placeholder"),
                max_lines=6,
                autofocus=True,
                scale=6,
                elem_id="text",
            )
            with gr.Column(scale=1, min_width=210):
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
            self.chosen = gr.CheckboxGroup(
                label=initial("compare.chosen"),
                info=initial("compare.none_runs"),
                elem_id="chosen",
                elem_classes="hl-methods",
                scale=5,
                min_width=300,
            )
            self.repeats = gr.Radio(
                REPEATS,
                value=20,
                label=initial("compare.repeats"),
                elem_id="repeats",
                scale=2,
                min_width=300,
            )
        self.notice = gr.HTML(apply_default_css=False, elem_id="notice")
        self.results = gr.HTML(html.empty(initial), elem_id="results", apply_default_css=False)
        with gr.Row(elem_id="history-row"):
            self.history = gr.Dropdown(
                label=initial("history.title"), elem_id="history", scale=6, min_width=280
            )
            self.csv = Download(initial("history.csv"), "hosting-lab.csv", "export-csv")
            self.json = Download(initial("history.json"), "hosting-lab.json", "export-json")
            self.clear = gr.Button(
                initial("history.clear"), size="sm", elem_id="clear", scale=0, min_width=130
            )
        self.seen = (
            gr.State()
        )  # whom the chooser offers already: a tick that brings nothing new changes nothing
        self.timers = [gr.Timer(TICK_S)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All that `show` changes."""
        own = [
            self.text,
            self.button,
            self.file,
            self.examples,
            self.chosen,
            self.repeats,
            self.notice,
            self.results,
        ]
        return [*own, self.history, self.csv.button, self.json.button, self.clear, self.seen]

    def connect(self) -> None:
        """Wire the events. Programs use the endpoints of demo.api."""
        asking = {
            "fn": self._ask,
            "inputs": [self.text, self.repeats, self.reader],
            "outputs": [self.notice, self.results, self.history],
            "trigger_mode": "multiple",
        } | (QUIET | {"concurrency_limit": 20})
        gr.on([self.button.click, self.text.submit], **asking)
        # queue=False: filling a box needs no turn
        self.examples.click(
            lambda sample: sample[0], self.examples, self.text, queue=False, **QUIET
        ).then(**asking)
        self.file.upload(self._read, [self.file, self.reader], [self.text, self.notice], **QUIET)
        self.chosen.input(
            self._choose, [self.chosen, self.reader], trigger_mode="multiple", **QUIET
        )  # else a quick second click is dropped
        self.timers[0].tick(self._tick, [self.reader, self.seen], [self.chosen, self.seen], **QUIET)
        self.history.input(self._again, [self.history, self.reader], self.results, **QUIET)
        self.clear.click(
            self._forget, self.reader, [self.notice, self.results, self.history], **QUIET
        )
        self.csv.connect(lambda reader: export.as_csv(reader.session.comparisons), self.reader)
        self.json.connect(lambda reader: export.as_json(reader.session.comparisons), self.reader)

    def show(self, reader: Reader) -> Updates:
        """Return every component in the reader's language, with the last comparison if there was one."""
        said = texts(reader.language)
        return {
            self.text: gr.update(
                label=said("compare.text"), placeholder=said("compare.placeholder")
            ),
            self.button: gr.update(value=said("compare.button")),
            self.file: gr.update(label=said("compare.file")),
            self.examples: gr.update(label=said("compare.examples")),
            self.repeats: gr.update(label=said("compare.repeats")),
            self.notice: "",
            self.results: self._shown(reader),
            self.history: self._history(reader),
            self.csv.button: gr.update(value=said("history.csv")),
            self.json.button: gr.update(value=said("history.json")),
            self.clear: gr.update(value=said("history.clear")),
        } | self._chooser(reader)

    def _shown(self, reader: Reader) -> str:
        said, known = texts(reader.language), reader.session.comparisons
        return compare_html.results(reader.shown or known[-1], said) if known else html.empty(said)

    def _tick(self, reader: Reader, seen: object) -> object:
        return gr.skip() if seen == self._offered(reader) else self._chooser(reader)

    def _offered(self, reader: Reader) -> object:
        return (
            reader.language,
            [service.method for service in self.board.askable()],
            sorted(reader.left_out),
        )

    def _chooser(self, reader: Reader) -> Updates:
        """Offer whoever can be asked; all are chosen but those that the reader has left out."""
        said, offered = texts(reader.language), self._offered(reader)
        _, methods, left_out = offered
        choices, value = (
            [(said.title(method), method) for method in methods],
            [method for method in methods if method not in left_out],
        )
        info = said("compare.more_run" if methods else "compare.none_runs")
        return {
            self.chosen: gr.update(
                choices=choices, value=value, label=said("compare.chosen"), info=info
            ),
            self.seen: offered,
        }

    def _choose(self, chosen: list[str], reader: Reader) -> None:
        """Keep the choice beside the reader. Only the tick writes the boxes, so that what it writes is never older than what is kept."""
        methods = {service.method for service in self.board.askable()}
        reader.left_out = (reader.left_out - methods) | (methods - set(chosen))

    def _read(self, path: str, reader: Reader) -> tuple[object, str]:
        try:
            return read_file(path, texts(reader.language)), ""
        except BadInput as error:
            return gr.skip(), html.problem(str(error))

    def _ask(
        self, text: str, repeats: int, reader: Reader
    ) -> Iterator[tuple[object, object, object]]:
        reader.asked += 1
        mine = reader.asked
        for update in self._answers(text, repeats, reader):
            if reader.asked != mine:
                return
            yield update

    def _answers(
        self, text: str, repeats: int, reader: Reader
    ) -> Iterator[tuple[object, object, object]]:
        said = texts(reader.language)
        try:
            question = texts_of(text, said)
        except BadInput as error:
            yield html.problem(str(error)), gr.skip(), gr.skip()
            return
        yield from self._wait_for_start(said)
        services = self.board.askable()
        if not services:
            failed = next((card.method for card in self.board.cards() if card.failure), None)
            yield (
                html.problem(
                    said("problem.not_started", method=said.title(failed))
                    if failed
                    else said("problem.none_running")
                ),
                gr.skip(),
                gr.skip(),
            )
            return
        services = [service for service in services if service.method not in reader.left_out]
        if not services:
            yield html.problem(said("problem.none_chosen")), gr.skip(), gr.skip()
            return
        foreign = any(map(looks_foreign, question)) and not os.environ.get(
            "MODEL_ID"
        )  # another model may read another language
        notice, history = html.hint(said("problem.foreign")) if foreign else "", gr.skip()
        for comparison in compare(
            services, question, repeats, self.board.machine, self.board.start_of
        ):
            if reader.shown is not comparison:
                reader.session.add(comparison)
                reader.shown, history = comparison, self._history(reader)
            yield (
                notice,
                compare_html.results(comparison, texts(reader.language)),
                history,
            )  # it may be switched meanwhile
            history = gr.skip()
        yield notice, gr.skip(), self._history(reader)

    def _history(self, reader: Reader) -> object:
        """Offer all that was asked, the newest first."""
        said, known = texts(reader.language), reader.session.comparisons
        choices = [(_line(comparison), number) for number, comparison in enumerate(known)][::-1]
        shown = next(
            (number for number, comparison in enumerate(known) if comparison is reader.shown),
            len(known) - 1 if known else None,
        )
        return gr.update(
            choices=choices,
            value=shown,
            label=said("history.title"),
            info=said("history.info", count=len(known)),
        )

    def _again(self, number: int, reader: Reader) -> object:
        if number is None or number >= len(reader.session.comparisons):
            return gr.skip()
        reader.shown = reader.session.comparisons[number]
        return self._shown(reader)

    def _forget(self, reader: Reader) -> tuple[object, object, object]:
        reader.asked, reader.shown = reader.asked + 1, None
        reader.session.comparisons.clear()
        return (
            html.hint(texts(reader.language)("history.cleared")),
            self._shown(reader),
            self._history(reader),
        )

    def _wait_for_start(self, said: Texts) -> Iterator[tuple[object, object, object]]:
        """Wait while nothing runs yet and something is about to: the first second of the demo."""
        until, told = time.monotonic() + WAIT_S, None
        while time.monotonic() < until and not self.board.askable():
            starting = next(
                (card.method for card in self.board.cards() if card.state == "starting"), None
            )
            if starting is None:
                return
            if starting != told:
                told = starting
                yield (
                    html.stage(said("compare.waiting_start", method=said.title(starting))),
                    gr.skip(),
                    gr.skip(),
                )
            time.sleep(0.1)


def _line(comparison: Comparison) -> str:
    """Return one question as the history lists it."""
    text, more = comparison.texts[0], len(comparison.texts) - 1
    short = text if len(text) <= SHORT else text[: SHORT - 1] + "…"
    given = [row.answered for row in comparison.rows if row.answered]
    return f"{html.clock(comparison.at)}  {short}{f' (+{more})' if more else ''}  → {compare_html.labels(given[0]) if given else '✕'} ({len(given)})"

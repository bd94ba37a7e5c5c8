"""The Table tab: the lecture's table next to the measured one, and a button that measures it."""

from typing import ClassVar

import gradio as gr
from markupsafe import Markup

from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.run_queue import active_run, start_own
from demo.session import Reader
from demo.tabs.buttons import run_button
from demo.tabs.table import view
from demo.tabs.table.measurement import COUNTED, PARTS, MeasureRun
from demo.templating import hint, problem
from demo.texts import Texts
from hostlab.measure.report.files import kept

TICK_S = 1.0


class TableTab:
    """The components of the Table tab and what they do.

    The reports belong to this machine, so all readers see the same table.
    """

    name: ClassVar[str] = "table"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.shown = gr.State()  # what this page shows already
        self.lead = gr.Markdown(initial("measured.lead"))
        with gr.Row(elem_classes="hl-buttons"):
            self.part = gr.Dropdown(
                _parts(initial),
                value="all",
                label=initial("measured.what"),
                elem_id="table-what",
                scale=3,
                min_width=300,
            )
            self.quick = gr.Checkbox(
                value=True,
                label=initial("measured.quick"),
                elem_id="table-quick",
                scale=3,
                min_width=300,
            )
            self.start = run_button("table-start", initial("measured.start"), "primary", True)
            self.stop = run_button("table-stop", initial("load.stop"), "stop")
        self.notice = gr.HTML(apply_default_css=False, elem_id="table-notice")
        self.state = gr.HTML(apply_default_css=False, elem_id="table-state")
        self.table = gr.HTML(apply_default_css=False, elem_id="table-table")
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.lead, self.part, self.quick, self.notice, *self._live]

    @property
    def _live(self) -> list[gr.blocks.Block]:
        """What changes while a measurement runs."""
        return [self.start, self.stop, self.shown, self.state, self.table]

    def connect(self) -> None:
        """Connect the events."""
        pressed = {"outputs": [self.notice, *self._live]} | PRIVATE
        self.start.click(self._start, [self.reader, self.part, self.quick], **pressed)
        self.stop.click(self._stop, self.reader, **pressed)
        self.part.input(_allow_quick, self.part, self.quick, **PRIVATE)
        self.timers[0].tick(self._tick, [self.reader, self.shown], self._live, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language."""
        texts = reader.texts
        fixed: Updates = {
            self.lead: texts("measured.lead"),
            self.part: gr.update(choices=_parts(texts), label=texts("measured.what")),
            self.quick: gr.update(label=texts("measured.quick")),
            self.notice: "",
        }
        return fixed | self._current(reader)

    def _current(self, reader: Reader) -> Updates:
        """Return what changes while a measurement runs."""
        texts, own = reader.texts, active_run(reader.session, MeasureRun)
        can_stop = own is not None and not own.stopping
        return {
            self.start: gr.update(value=texts("measured.start"), interactive=own is None),
            self.stop: gr.update(value=texts("load.stop"), interactive=can_stop),
            self.shown: self._showing(reader),
            self.state: self._state(reader),
            self.table: view.table(texts),
        }

    def _state(self, reader: Reader) -> Markup:
        texts, run = reader.texts, self.board.run_queue.run_for(reader.session, MeasureRun)
        if run is None:
            return Markup()
        state = view.state(run, texts, self.board.run_queue.behind(run))
        return (
            state
            if run is reader.session.last(MeasureRun)
            else hint(texts("measured.somebody")) + state
        )

    def _showing(self, reader: Reader) -> object:
        """Return what the page depends on, to compare it with what it shows already."""
        run, stands = self.board.run_queue.run_for(reader.session, MeasureRun), None
        if run:
            behind = self.board.run_queue.behind(run)
            stands = (id(run), run.state, run.done, run.sentence, run.stopping, behind)
        return reader.language, stands, [str(file) for file in kept()]

    def _tick(self, reader: Reader, shown: object) -> object:
        return gr.skip() if shown == self._showing(reader) else self._current(reader)

    def _start(self, reader: Reader, part: str, quick: bool) -> Updates:
        # One may have begun on another page of the same browser.
        began = start_own(reader.session, MeasureRun(part, quick, self.board.run_queue))
        notice = "" if began else problem(reader.texts("measured.one_at_a_time"))
        return {self.notice: notice} | self._current(reader)

    def _stop(self, reader: Reader) -> Updates:
        if own := active_run(reader.session, MeasureRun):
            own.stop()
        return {self.notice: ""} | self._current(reader)


def _parts(texts: Texts) -> list[tuple[str, str]]:
    return [(texts(f"measured.part_{part}"), part) for part in PARTS]


def _allow_quick(part: str) -> object:
    return gr.update(interactive=part not in COUNTED)

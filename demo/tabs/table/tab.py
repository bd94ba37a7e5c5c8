"""The Table tab: the lecture's table beside the measured one, and the measuring of it."""

from typing import ClassVar

import gradio as gr

from demo import html
from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.table import view as table_html
from demo.tabs.table.measurement import COUNTED, PARTS, MeasureRun
from demo.texts import Texts, texts_in
from hostlab.measure.report.files import kept

TICK_S = 1.0


class TableTab:
    """The components of the Table tab and what they do. The reports are this machine's: all readers see the same table."""

    name: ClassVar[str] = "table"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.seen = gr.State()  # what this page shows already
        self.lead = gr.Markdown(initial("measured.lead"))
        with gr.Row(elem_classes="hl-buttons"):
            self.what = gr.Dropdown(
                self._parts(initial),
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
            self.start = gr.Button(
                initial("measured.start"),
                variant="primary",
                elem_id="table-start",
                scale=1,
                min_width=150,
                size="md",
            )
            self.stop = gr.Button(
                initial("load.stop"),
                variant="stop",
                elem_id="table-stop",
                interactive=False,
                scale=1,
                min_width=150,
                size="md",
            )
        self.notice = gr.HTML(apply_default_css=False, elem_id="table-notice")
        self.state = gr.HTML(apply_default_css=False, elem_id="table-state")
        self.table = gr.HTML(apply_default_css=False, elem_id="table-table")
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All that `show` changes."""
        return [self.lead, self.what, self.quick, self.notice, *self._live]

    @property
    def _live(self) -> list[gr.blocks.Block]:
        return [self.start, self.stop, self.seen, self.state, self.table]

    def connect(self) -> None:
        """Wire the events. Programs use the endpoints of demo.api."""
        pressed = {"outputs": [self.notice, *self._live]} | PRIVATE
        self.start.click(self._start, [self.reader, self.what, self.quick], **pressed)
        self.stop.click(self._stop, self.reader, **pressed)
        self.what.input(
            lambda part: gr.update(interactive=part not in COUNTED), self.what, self.quick, **PRIVATE
        )
        self.timers[0].tick(self._tick, [self.reader, self.seen], self._live, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        said = texts_in(reader.language)
        updates: Updates = {
            self.lead: said("measured.lead"),
            self.what: gr.update(choices=self._parts(said), label=said("measured.what")),
            self.quick: gr.update(label=said("measured.quick")),
            self.notice: "",
        }
        updates |= self._now(reader)
        updates[self.start] |= {"value": said("measured.start")}
        updates[self.stop] |= {"value": said("load.stop")}
        return updates

    def _now(self, reader: Reader) -> Updates:
        """Return the buttons, where a measurement stands, and the table."""
        said, mine, run = texts_in(reader.language), reader.session.last(MeasureRun), self._shown(reader)
        busy = mine is not None and not mine.over
        state = table_html.state(run, said, self.board.run_queue.behind(run)) if run else ""
        if run and run.error:
            state += html.problem(run.error)
        if run is not None and run is not mine:
            state = html.hint(said("measured.somebody")) + state
        return {
            self.start: gr.update(interactive=not busy),
            self.stop: gr.update(interactive=busy and not mine.stopping),
            self.seen: self._seen(reader),
            self.state: state,
            self.table: table_html.table(said),
        }

    def _shown(self, reader: Reader) -> MeasureRun | None:
        """Return the reader's own measurement while there is one, else the one that goes on, else the reader's last."""
        mine, current = reader.session.last(MeasureRun), self.board.run_queue.current
        if mine and not mine.over:
            return mine
        return current if isinstance(current, MeasureRun) else mine

    def _seen(self, reader: Reader) -> object:
        run = self._shown(reader)
        stands = run and (
            id(run),
            run.state,
            run.done,
            run.sentence,
            run.stopping,
            self.board.run_queue.behind(run),
        )
        return reader.language, stands, [str(file) for file in kept()]

    def _tick(self, reader: Reader, seen: object) -> object:
        return gr.skip() if seen == self._seen(reader) else self._now(reader)

    def _start(self, reader: Reader, part: str, quick: bool) -> Updates:
        mine = reader.session.last(MeasureRun)
        if mine and not mine.over:  # another page of the same browser was quicker
            return {
                self.notice: html.problem(texts_in(reader.language)("measured.one_at_a_time"))
            } | self._now(reader)
        reader.session.add(MeasureRun(part, quick, self.board.run_queue).start())
        return {self.notice: ""} | self._now(reader)

    def _stop(self, reader: Reader) -> Updates:
        if mine := reader.session.last(MeasureRun):
            mine.stop()
        return {self.notice: ""} | self._now(reader)

    def _parts(self, said: Texts) -> list[tuple[str, str]]:
        return [(said(f"measured.part_{part}"), part) for part in PARTS]

"""The Load tab: put load on running methods, and see the results while it runs."""

from functools import partial
from typing import ClassVar

import gradio as gr
from markupsafe import Markup

from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.run_queue import active_run
from demo.session import Reader
from demo.tabs.buttons import run_button
from demo.tabs.load import disturbance, earlier_panel, run_state, view
from demo.tabs.load.earlier_panel import EarlierPanel
from demo.tabs.load.form import LoadForm
from demo.tabs.load.limit_panel import LimitPanel
from demo.tabs.load.modes import last_mode, modes
from demo.tabs.load.plan import Plan
from demo.tabs.load.run import LoadRun
from demo.tabs.load.track import Disturbance
from demo.tabs.method_boxes import Listing
from demo.templating import empty, hint, problem
from demo.texts import Texts
from hostlab.errors import BadInput
from hostlab.measure.load.isolated import LoadKind

TICK_S = 1.0
# Buttons and charts on one screen. There has to be room below, before there are any charts.
_SHOW_CHARTS = """() => {
  document.querySelector('#load-results').style.minHeight = '85vh'
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  document.querySelector('#load-start').scrollIntoView({behavior: calm ? 'auto' : 'smooth'})
}"""


class LoadTab:
    """The components of the Load tab and what they do.

    A load continues when its page is closed, and everybody sees it.
    """

    name: ClassVar[str] = "load"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.shown = gr.State()  # what this page shows already
        self.lead = gr.Markdown(initial("load.lead"))
        self.mode = gr.Radio(
            modes(initial), value="load", show_label=False, container=False, elem_id="load-mode"
        )
        self.form = LoadForm(board, initial)
        with gr.Column() as self.place:
            with gr.Row(elem_classes="hl-buttons"):
                self.start = run_button("load-start", initial("load.start"), "primary", True)
                self.stop = run_button("load-stop", initial("load.stop"), "stop")
                self.kill = run_button("load-kill", initial("load.kill"))
                self.again = run_button("load-again", initial("load.again"))
            self.notice = gr.HTML(apply_default_css=False, elem_id="load-notice")
            self.state = gr.HTML(apply_default_css=False, elem_id="load-state")
            self.earlier = EarlierPanel(board, initial, reader)
            self.results = gr.HTML(
                empty(initial("load.empty")), apply_default_css=False, elem_id="load-results"
            )
        self.limit = LimitPanel(board, initial, reader, self.form)
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        own = [self.lead, self.mode, self.notice, *self.form.components, *self._live]
        parts = [*self.earlier.components, *self.limit.components]
        return [*own, *parts, *self._of_a_mode]

    @property
    def _of_a_mode(self) -> list[gr.blocks.Block]:
        """What only one of the two modes shows."""
        return [self.place, self.form.fields, self.form.order_place, self.limit.place]

    @property
    def _live(self) -> list[gr.blocks.Block]:
        """What changes while a load runs."""
        buttons = [self.start, self.stop, self.kill, self.again]
        return [*buttons, self.form.kind, self.shown, self.state, self.results]

    def connect(self) -> None:
        """Connect the events."""
        self.form.connect(self.reader)
        self.limit.connect()
        self.earlier.connect(self.results, self._results)
        switched = [self.mode, *self._of_a_mode]
        self.mode.input(self._switch, [self.reader, self.mode], switched, **PRIVATE)
        pressed = {"outputs": [self.notice, *self._live]} | PRIVATE
        self.start.click(self._start, [self.reader, *self.form.inputs], **pressed)
        self.start.click(None, js=_SHOW_CHARTS, api_visibility="private")
        self.stop.click(self._stop, self.reader, **pressed)
        self.kill.click(partial(self._disturb, "kill"), self.reader, **pressed)
        self.again.click(partial(self._disturb, "start"), self.reader, **pressed)
        self.timers[0].tick(
            self._tick,
            [
                self.reader,
                self.shown,
                self.limit.shown,
                self.earlier.listed,
                self.form.methods.listed,
            ],
            [
                self.notice,
                *self.form.methods.components,
                *self._live,
                *self.limit.live,
                *self.earlier.live,
            ],
            **PRIVATE,
        )
        # Not `release`, which a typed number and the arrow keys do not trigger
        self.form.level.change(
            self._change_level,
            [self.reader, self.form.kind, self.form.level],
            self.notice,
            trigger_mode="always_last",
            **PRIVATE,
        )

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language."""
        mode = reader.load_mode or last_mode(reader)
        updates: Updates = {
            self.lead: reader.texts("load.lead"),
            self.mode: gr.update(choices=modes(reader.texts), value=mode),
            self.notice: "",
        }
        updates |= self._current(reader) | self.limit.show(reader) | self.earlier.show(reader)
        updates |= self._of(mode)
        return updates | self.form.show(reader, not active_run(reader.session, LoadRun))

    def _switch(self, reader: Reader, mode: str) -> Updates:
        reader.load_mode = mode
        # The answer to the opening of the tab may have undone a fast reader's click.
        return self._of(mode) | {self.mode: mode}

    def _of(self, mode: str) -> Updates:
        """Show what belongs to a mode, and hide the rest."""
        return {
            one: gr.update(visible=(one is self.limit.place) == (mode == "limit"))
            for one in self._of_a_mode
        }

    def _current(self, reader: Reader) -> Updates:
        """Return what changes while a load runs."""
        texts, own = reader.texts, active_run(reader.session, LoadRun)
        can_stop = own is not None and not own.stopping
        under_load = own is not None and own.state == "running"

        def button(name: str, interactive: bool) -> object:
            return gr.update(value=texts(f"load.{name}"), interactive=interactive)

        return {
            self.start: button("start", own is None),
            self.stop: button("stop", can_stop),
            self.kill: gr.update(value=disturbance.kill_label(own, texts), interactive=under_load),
            self.again: button("again", under_load),
            self.form.kind: gr.update(interactive=own is None),
            self.shown: self._showing(reader),
            self.state: self._state(reader),
            self.results: self._results(reader),
        }

    def _state(self, reader: Reader) -> Markup:
        return run_state.seen(reader, LoadRun, self.board.run_queue, view.state, "load.somebody")

    def _results(self, reader: Reader) -> Markup:
        run = self.board.run_queue.run_for(reader.session, LoadRun)
        behind = self.earlier.behind(reader)
        if run and (drawn := view.results(run, reader.texts, behind)):
            return drawn
        if behind:
            return view.earlier_loads(behind, reader.texts)
        return Markup() if run else empty(reader.texts("load.empty"))

    def _showing(self, reader: Reader) -> object:
        """Return what the page depends on, to compare it with what it shows already."""
        return run_state.showing(reader, LoadRun, self.board.run_queue)

    def _tick(
        self,
        reader: Reader,
        shown: object,
        limit_shown: object,
        earlier_listed: earlier_panel.Listing | None,
        listed: Listing | None,
    ) -> object:
        updates = self.form.methods.news(reader, listed) | self.limit.news(reader, limit_shown)
        updates |= self.earlier.news(reader, earlier_listed)
        if shown != self._showing(reader):
            updates |= self._current(reader)
            if not active_run(reader.session, LoadRun):  # what was done to it is over, too
                updates[self.notice] = ""
        return updates or gr.skip()

    def _start(
        self,
        reader: Reader,
        methods: list[str],
        kind: LoadKind,
        level: float,
        seconds: float,
        ramp_s: float,
        in_turn: bool,
        spend: bool,
    ) -> Updates:
        plan = Plan(tuple(methods), kind, level, seconds, ramp_s, in_turn, spend)

        def make() -> LoadRun:
            return LoadRun(plan, self.board.run_queue, self.board.autoscaler, self.board.guests.url)

        notice = run_state.start(reader, methods, spend, make, "load.one_at_a_time")
        return {self.notice: notice} | self._current(reader)

    def _stop(self, reader: Reader) -> Updates:
        if own := active_run(reader.session, LoadRun):
            own.stop()
        return {self.notice: ""} | self._current(reader)

    def _disturb(self, what: Disturbance, reader: Reader) -> Updates:
        notice = disturbance.disturb(self.board, reader, what)
        return {self.notice: notice} | self._current(reader)

    def _change_level(self, reader: Reader, kind: LoadKind, level: float) -> object:
        run = active_run(reader.session, LoadRun)
        if run is None or run.plan.kind != kind or run.level == level:
            return gr.skip()
        try:
            run.change(level)
        except BadInput as error:
            return problem(str(error))
        texts = reader.texts
        return hint(texts(f"load.changed_{kind}", level=texts.number(f"{level:g}")))

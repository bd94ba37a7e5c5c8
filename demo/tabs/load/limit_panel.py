"""The part of the Load tab that finds a limit: its fields, buttons, and results."""

import gradio as gr
from markupsafe import Markup

from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.run_queue import active_run
from demo.session import Reader
from demo.tabs.buttons import run_button
from demo.tabs.load import limit_view, run_state
from demo.tabs.load.form import LoadForm
from demo.tabs.load.limit_run import LimitRun
from demo.templating import empty
from demo.texts import Texts
from hostlab.measure.limit.plan import PERCENTS, Bound, LimitPlan, Percent


class LimitPanel:
    """The components and what they do. Everybody sees a search, as they see a load."""

    def __init__(self, board: Board, initial: Texts, reader: gr.State, form: LoadForm) -> None:
        self.board, self.reader, self.form = board, reader, form
        self.shown = gr.State()  # what this page shows already
        with gr.Column(visible=False) as self.place:
            self._place_fields(initial)
            with gr.Row(elem_classes="hl-buttons"):
                self.start = run_button("limit-start", initial("limit.start"), "primary", True)
                self.stop = run_button("limit-stop", initial("load.stop"), "stop")
            self.notice = gr.HTML(apply_default_css=False, elem_id="limit-notice")
            self.state = gr.HTML(apply_default_css=False, elem_id="limit-state")
            self.results = gr.HTML(
                empty(initial("limit.empty")), apply_default_css=False, elem_id="limit-results"
            )

    def _place_fields(self, initial: Texts) -> None:
        self.lead = gr.Markdown(initial("limit.lead"))
        with gr.Row():
            self.percent = gr.Radio(
                [(f"p{percent}", percent) for percent in PERCENTS],
                value=95,
                label=initial("limit.percent"),
                elem_id="limit-percent",
                min_width=200,
            )
            self.latency = _slider("latency", initial, 5, 2000, 100, 5)
            self.errors = _slider("errors", initial, 0, 10, 1, 0.5)
            self.budget = _slider("budget", initial, 30, 600, 120, 30)

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.lead, *self._fields, self.notice, *self.live]

    @property
    def _fields(self) -> list[gr.blocks.Block]:
        return [self.percent, self.latency, self.errors, self.budget]

    @property
    def live(self) -> list[gr.blocks.Block]:
        """What changes while a search runs."""
        return [self.start, self.stop, self.shown, self.state, self.results]

    def connect(self) -> None:
        """Connect the events."""
        pressed = {"outputs": [self.notice, *self.live]} | PRIVATE
        inputs = [self.reader, self.form.methods.group, self.form.spend, *self._fields]
        self.start.click(self._start, inputs, **pressed)
        self.stop.click(self._stop, self.reader, **pressed)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language."""
        texts = reader.texts
        fields: Updates = {
            field: gr.update(label=texts(f"limit.{name}"))
            for name, field in zip(
                ("percent", "latency", "errors", "budget"), self._fields, strict=True
            )
        }
        return {self.lead: texts("limit.lead"), self.notice: ""} | fields | self._current(reader)

    def news(self, reader: Reader, shown: object) -> Updates:
        """Return what has changed since the page showed `shown`."""
        return {} if shown == self._showing(reader) else self._current(reader)

    def _current(self, reader: Reader) -> Updates:
        texts, own = reader.texts, active_run(reader.session, LimitRun)
        can_stop = own is not None and not own.stopping
        return {
            self.start: gr.update(value=texts("limit.start"), interactive=own is None),
            self.stop: gr.update(value=texts("load.stop"), interactive=can_stop),
            self.shown: self._showing(reader),
            self.state: self._state(reader),
            self.results: self._results(reader),
        }

    def _state(self, reader: Reader) -> Markup:
        queue = self.board.run_queue
        return run_state.seen(reader, LimitRun, queue, limit_view.state, "limit.somebody")

    def _results(self, reader: Reader) -> Markup:
        run = self.board.run_queue.run_for(reader.session, LimitRun)
        if run is None:
            return empty(reader.texts("limit.empty"))
        return limit_view.results(run, reader.texts)

    def _showing(self, reader: Reader) -> object:
        """Return what the page depends on, to compare it with what it shows already."""
        return run_state.showing(reader, LimitRun, self.board.run_queue)

    def _start(
        self,
        reader: Reader,
        methods: list[str],
        spend: bool,
        percent: Percent,
        latency_ms: float,
        errors_percent: float,
        budget_s: float,
    ) -> Updates:
        bound = Bound(percent, latency_ms, errors_percent)
        plan = LimitPlan(bound, budget_s=budget_s, spend=spend)

        def make() -> LimitRun:
            return LimitRun(methods, plan, self.board.run_queue, self.board.guests.all())

        notice = run_state.start(reader, methods, spend, make, "limit.one_at_a_time")
        return {self.notice: notice} | self._current(reader)

    def _stop(self, reader: Reader) -> Updates:
        if own := active_run(reader.session, LimitRun):
            own.stop()
        return {self.notice: ""} | self._current(reader)


def _slider(
    name: str, initial: Texts, low: float, high: float, value: float, step: float
) -> gr.Slider:
    return gr.Slider(
        low,
        high,
        value=value,
        step=step,
        label=initial(f"limit.{name}"),
        elem_id=f"limit-{name}",
        min_width=200,
    )

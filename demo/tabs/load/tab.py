"""The Load tab: how much, on which variants, and what comes of it while it goes on."""

from collections.abc import Callable
from typing import ClassVar

import gradio as gr

from demo import html
from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.run_queue import ExclusiveRun
from demo.session import Reader
from demo.tabs.load import view as load_html
from demo.tabs.load.run import MAX_SECONDS, LoadRun, Plan
from demo.texts import Texts, texts_in
from hostlab import get
from hostlab.errors import BadInput, HostingLabError
from hostlab.methods.api.spending import check_spending

TICK_S = 1.0
KINDS = ("open", "closed")
SLIDER = {"open": 300, "closed": 64}  # as far as the slider goes: what a class needs
START = {"open": 20, "closed": 4}


class LoadTab:
    """The components of the Load tab and what they do. A load goes on when its page is closed, and is shown to everybody."""

    name: ClassVar[str] = "load"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.seen = gr.State()  # what this page shows already
        self.offered = gr.State()  # the methods that it offers, and those that the reader has left out: always written with the boxes
        self.lead = gr.Markdown(initial("load.lead"))
        with gr.Row():
            with gr.Column(scale=3, min_width=280):
                self.methods = gr.CheckboxGroup(
                    [], label=initial("load.methods"), elem_id="load-methods"
                )
                self.order = gr.Radio(
                    self._orders(initial),
                    value=False,
                    label=initial("load.order"),
                    elem_id="load-order",
                )
                self.spend = gr.Checkbox(label=initial("load.spend"), elem_id="load-spend")
            with gr.Column(scale=4, min_width=280):
                self.kind = gr.Radio(
                    self._kinds(initial),
                    value="open",
                    label=initial("load.kind"),
                    elem_id="load-kind",
                )
                self.level = gr.Slider(
                    1,
                    SLIDER["open"],
                    value=START["open"],
                    step=1,
                    label=initial("load.level"),
                    elem_id="load-level",
                )
                with gr.Row():
                    self.seconds = gr.Slider(
                        5,
                        MAX_SECONDS,
                        value=20,
                        step=5,
                        label=initial("load.seconds"),
                        elem_id="load-seconds",
                        min_width=200,
                    )
                    self.ramp = gr.Slider(
                        0,
                        60,
                        value=0,
                        step=1,
                        label=initial("load.ramp"),
                        elem_id="load-ramp",
                        min_width=200,
                    )
        with gr.Row(elem_classes="hl-buttons"):
            self.start = gr.Button(
                initial("load.start"),
                variant="primary",
                elem_id="load-start",
                min_width=150,
                size="md",
            )
            self.stop = gr.Button(
                initial("load.stop"),
                variant="stop",
                elem_id="load-stop",
                interactive=False,
                min_width=150,
                size="md",
            )
            self.kill = gr.Button(
                initial("load.kill"),
                elem_id="load-kill",
                interactive=False,
                min_width=150,
                size="md",
            )
            self.again = gr.Button(
                initial("load.again"),
                elem_id="load-again",
                interactive=False,
                min_width=150,
                size="md",
            )
        self.notice = gr.HTML(apply_default_css=False, elem_id="load-notice")
        self.state = gr.HTML(apply_default_css=False, elem_id="load-state")
        self.results = gr.HTML(
            html.empty(initial, "load.empty"), apply_default_css=False, elem_id="load-results"
        )
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All that `show` changes."""
        fixed = [
            self.lead,
            self.order,
            self.spend,
            self.seconds,
            self.ramp,
            self.start,
            self.stop,
            self.kill,
            self.again,
        ]
        return [*fixed, self.methods, self.offered, self.kind, self.level, self.notice, *self._live]

    @property
    def _live(self) -> list[gr.blocks.Block]:
        return [self.seen, self.state, self.results]

    def connect(self) -> None:
        """Wire the events. Programs use the endpoints of demo.api."""
        buttons = [self.start, self.stop, self.kill, self.again, self.kind]
        pressed = {"outputs": [self.notice, *buttons, *self._live]} | PRIVATE
        asked = [
            self.reader,
            self.methods,
            self.kind,
            self.level,
            self.seconds,
            self.ramp,
            self.order,
            self.spend,
        ]
        self.start.click(self._start, asked, **pressed)
        self.stop.click(self._stop, self.reader, **pressed)
        self.kill.click(self._kill, self.reader, **pressed)
        self.again.click(self._again, self.reader, **pressed)
        boxes = [self.methods, self.offered]
        self.methods.input(
            self._choose, [self.reader, self.methods], trigger_mode="multiple", **PRIVATE
        )  # else a quick second click is dropped
        self.timers[0].tick(
            self._tick,
            [self.reader, self.seen, self.offered],
            [*boxes, *buttons, *self._live],
            **PRIVATE,
        )
        self.kind.input(self._kind_chosen, self.kind, self.level, **PRIVATE)
        # not `release`: whoever types a number, or uses the arrow keys, releases nothing
        self.level.change(
            self._level_chosen,
            [self.reader, self.kind, self.level],
            self.notice,
            trigger_mode="always_last",
            **PRIVATE,
        )

    def show(self, reader: Reader) -> Updates:
        said = texts_in(reader.language)
        updates: Updates = {
            self.lead: said("load.lead"),
            self.order: gr.update(choices=self._orders(said), label=said("load.order")),
            self.spend: gr.update(label=said("load.spend")),
            self.level: gr.update(label=said("load.level")),
            self.seconds: gr.update(label=said("load.seconds")),
            self.ramp: gr.update(label=said("load.ramp")),
            self.notice: "",
        }
        updates |= self._offer(reader) | self._now(reader)
        for button, name in (
            (self.start, "start"),
            (self.stop, "stop"),
            (self.kill, "kill"),
            (self.again, "again"),
        ):
            updates[button] |= {"value": said(f"load.{name}")}
        updates[self.kind] |= {"choices": self._kinds(said), "label": said("load.kind")}
        return updates

    def _now(self, reader: Reader) -> Updates:
        """Return the buttons and all that a load changes while it goes on."""
        said, mine, turns = texts_in(reader.language), _mine(reader), self.board.run_queue
        busy = mine is not None and not mine.over
        run = self._shown(reader)
        if run is None:
            state, results = self._others(said, turns.ahead(None)), html.empty(said, "load.empty")
        elif run is mine:
            state = load_html.state(run, said, len(turns.ahead(run)), turns.behind(run))
            state += (
                self._others(said, turns.ahead(run)) if run.state in ("waiting", "ended") else ""
            )
            results = load_html.load(run, said)
        else:
            state = html.hint(said("load.somebody")) + load_html.state(
                run, said, 0, turns.behind(run)
            )
            results = load_html.load(run, said)
        return {
            self.start: gr.update(interactive=not busy),
            self.stop: gr.update(interactive=busy and not mine.stopping),
            self.kill: gr.update(interactive=busy and mine.state == "running"),
            self.again: gr.update(interactive=busy and mine.state == "running"),
            self.kind: gr.update(interactive=not busy),
            self.seen: self._seen(reader),
            self.state: state,
            self.results: results,
        }

    def _shown(self, reader: Reader) -> LoadRun | None:
        """Return the reader's own load while there is one, else the one that goes on, else the reader's last."""
        mine, current = _mine(reader), self.board.run_queue.current
        if mine and not mine.over:
            return mine
        return current if isinstance(current, LoadRun) else mine

    def _seen(self, reader: Reader) -> object:
        run, turns = self._shown(reader), self.board.run_queue
        ahead = [(id(one), round(one.left_s or 0)) for one in turns.ahead(_mine(reader))]
        return reader.language, run and (id(run), run.state, run.version, turns.behind(run)), ahead

    def _tick(self, reader: Reader, seen: object, offered: object) -> object:
        same, fresh = seen == self._seen(reader), offered == self._offered(reader)
        if same and fresh:
            return gr.skip()
        return ({} if same else self._now(reader)) | ({} if fresh else self._offer(reader))

    def _offered(self, reader: Reader) -> tuple[str, list[str], list[str]]:
        """Return what the boxes depend on: language, what a load can be put on (what runs, or has lost a part), what the reader has left out."""
        methods = [
            card.method for card in self.board.cards() if card.status.state in ("running", "failed")
        ]
        return reader.language, methods, sorted(reader.unloaded)

    def _offer(self, reader: Reader) -> Updates:
        """Offer all that a load can be put on; all are chosen but those that the reader has left out."""
        said, offered = texts_in(reader.language), self._offered(reader)
        _, methods, left_out = offered
        choices, value = (
            [(said.title(method), method) for method in methods],
            [method for method in methods if method not in left_out],
        )
        return {
            self.methods: gr.update(choices=choices, value=value, label=said("load.methods")),
            self.offered: offered,
        }

    def _choose(self, reader: Reader, chosen: list[str]) -> None:
        """Keep the choice beside the reader. Only the tick writes the boxes, so that what it writes is never older than what is kept."""
        methods = set(self._offered(reader)[1])
        reader.unloaded = (reader.unloaded - methods) | (methods - set(chosen))

    def _start(
        self,
        reader: Reader,
        methods: list[str],
        kind: str,
        level: float,
        seconds: float,
        ramp: float,
        in_turn: bool,
        spend: bool,
    ) -> Updates:
        said = texts_in(reader.language)
        if (
            mine := _mine(reader)
        ) and not mine.over:  # another page of the same browser was quicker
            return {self.notice: html.problem(said("load.one_at_a_time"))} | self._now(reader)
        if not methods:
            return {self.notice: html.problem(said("load.none_chosen"))}
        try:
            run = LoadRun(
                Plan(tuple(methods), kind, level, seconds, ramp, in_turn, spend), self.board.run_queue
            )
            if not spend and (trouble := paid(methods)):
                return {self.notice: html.problem(said("load.paid", error=trouble))}
        except HostingLabError as error:
            return {self.notice: html.problem(str(error))}
        reader.session.add(run.start())
        return {self.notice: ""} | self._now(reader)

    def _stop(self, reader: Reader) -> Updates:
        if mine := _mine(reader):
            mine.stop()
        return {self.notice: ""} | self._now(reader)

    def _kill(self, reader: Reader) -> Updates:
        return self._break(reader, "kill", self.board.kill)

    def _again(self, reader: Reader) -> Updates:
        return self._break(reader, "start", self.board.start)

    def _break(self, reader: Reader, what: str, change: Callable[[str], None]) -> Updates:
        """Kill a part of the method that is under load, or start it again. The board does it, so that Services shows it, too."""
        said, run = texts_in(reader.language), _mine(reader)
        method = run.target(what)
        title = said.title(method)
        if any(card.job for card in self.board.cards() if card.method == method):
            return {self.notice: html.problem(said("load.busy", method=title))} | self._now(reader)
        try:
            change(method)
            run.mark(what, method)
            notice = html.hint(said(f"load.told_{what}", method=title))
        except HostingLabError as error:
            notice = html.problem(str(error))
        return {self.notice: notice} | self._now(reader)

    def _kind_chosen(self, kind: str) -> object:
        return gr.update(maximum=SLIDER[kind], value=START[kind])

    def _level_chosen(self, reader: Reader, kind: str, level: float) -> object:
        mine = _mine(reader)
        if mine is None or mine.over or mine.plan.kind != kind or mine.level == level:
            return gr.skip()
        try:
            mine.change(level)
        except HostingLabError as error:
            return html.problem(str(error))
        return html.hint(texts_in(reader.language)(f"load.changed_{kind}", level=f"{level:g}"))

    def _others(self, said: Texts, ahead: list[ExclusiveRun]) -> str:
        """Return in a sentence what others do on the machine, and how long that may take."""
        if not ahead:
            return ""
        names = ", ".join(said.title(method) for method in ahead[0].methods)
        left = (
            said("load.about", seconds=f"{left_s:.0f}")
            if (left_s := ahead[0].left_s)
            else said("load.unknown")
        )
        return html.hint(said("load.others", names=names, left=left, count=len(ahead)))

    def _orders(self, said: Texts) -> list[tuple[str, bool]]:
        return [(said("load.after"), False), (said("load.turns"), True)]

    def _kinds(self, said: Texts) -> list[tuple[str, str]]:
        return [(said(f"load.{kind}"), kind) for kind in KINDS]


def paid(methods: list[str]) -> str | None:
    """Return why a load on these would cost money, or None."""
    for method in methods:
        try:
            check_spending(get(method).url, None)
        except BadInput as error:
            return str(error)
        except HostingLabError:  # it does not run: the load itself will say so
            continue
    return None


def _mine(reader: Reader) -> LoadRun | None:
    return reader.session.last(LoadRun)

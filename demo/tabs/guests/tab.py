"""The Guests tab: add a service by its address, see how it follows the contract, and rank all."""

from typing import Any, ClassVar

import gradio as gr

from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.guests import MAX_NAME_CHARACTERS
from demo.run_queue import active_run, start_own
from demo.session import Reader
from demo.tabs.guests import view
from demo.tabs.guests.check import GuestCheck
from demo.tabs.guests.measurement import GuestMeasurement
from demo.templating import empty, hint, problem
from demo.texts import Texts

TICK_S = 1.0
FIRST_STEP_S = 0.3  # how long a click waits for something to show


class GuestsTab:
    """The components of the Guests tab and what they do. Everybody sees the same guests."""

    name: ClassVar[str] = "guests"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.shown = gr.State()  # what this page shows already
        self.lead = gr.Markdown(initial("guests.lead"))
        with gr.Row(equal_height=True):
            self.address = gr.Textbox(
                label=initial("guests.address"),
                placeholder="http://192.168.1.5:5000",
                elem_id="guest-address",
                scale=5,
                min_width=280,
            )
            self.guest_name = gr.Textbox(
                label=_name_label(initial), elem_id="guest-name", scale=3, min_width=200
            )
            self.add = gr.Button(
                initial("guests.add"),
                variant="primary",
                elem_id="guest-add",
                min_width=230,
                scale=2,
            )
        self.check = gr.HTML(apply_default_css=False, elem_id="guest-check")
        self.table = gr.HTML(
            empty(initial("guests.empty")), apply_default_css=False, elem_id="guest-board"
        )
        with gr.Row(elem_id="guest-row"):
            self.measure = gr.Button(
                initial("guests.measure"), elem_id="guest-measure", scale=2, min_width=230
            )
            self.stop = gr.Button(
                initial("guests.stop"), variant="stop", elem_id="guest-stop", min_width=130
            )
            self.leaving = gr.Dropdown(
                [], label=initial("guests.leaving"), elem_id="guest-leaving", scale=3, min_width=230
            )
            self.remove = gr.Button(initial("guests.remove"), elem_id="guest-remove", min_width=130)
        self.notice = gr.HTML(apply_default_css=False, elem_id="guest-notice")
        self.checks = gr.HTML(apply_default_css=False, elem_id="guest-checks")
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.lead, self.address, self.guest_name, self.add, self.remove, *self._live]

    @property
    def _live(self) -> list[gr.blocks.Block]:
        """What changes with the guests, a check, or a measurement."""
        shown = [self.check, self.table, self.notice, self.checks, self.shown]
        return [*shown, self.measure, self.stop, self.leaving]

    def connect(self) -> None:
        """Connect the events."""
        gr.on(
            [self.add.click, self.address.submit, self.guest_name.submit],
            self._add,
            [self.reader, self.address, self.guest_name],
            self._live,
            **PRIVATE,
        )
        self.measure.click(self._measure, self.reader, self._live, **PRIVATE)
        self.stop.click(self._stop, self.reader, self._live, **PRIVATE)
        self.remove.click(self._remove, [self.reader, self.leaving], self._live, **PRIVATE)
        self.timers[0].tick(self._tick, [self.reader, self.shown], self._live, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language."""
        texts = reader.texts
        own: Updates = {
            self.lead: texts("guests.lead"),
            self.address: gr.update(label=texts("guests.address")),
            self.guest_name: gr.update(label=_name_label(texts)),
            self.add: gr.update(value=texts("guests.add")),
            self.remove: gr.update(value=texts("guests.remove")),
        }
        return own | self._current(reader)

    def _current(self, reader: Reader) -> Updates:
        """Return what changes with the guests, a check, or a measurement."""
        texts, guests = reader.texts, self.board.guests.all()
        check, own = reader.session.last(GuestCheck), active_run(reader.session, GuestMeasurement)
        queue = self.board.run_queue
        run = queue.run_for(reader.session, GuestMeasurement)
        can_stop = own is not None and not own.stopping
        return {
            self.check: view.check(check, texts) if check else "",
            self.table: view.board(guests, texts),
            self.notice: view.measuring(run, len(queue.ahead(run)), texts),
            self.checks: view.checks(guests, texts),
            self.measure: gr.update(
                value=texts("guests.measure"), interactive=bool(guests) and own is None
            ),
            self.stop: gr.update(value=texts("guests.stop"), interactive=can_stop),
            self.leaving: gr.update(
                choices=[guest.name for guest in guests], label=texts("guests.leaving")
            ),
            self.shown: self._showing(reader),
        }

    def _showing(self, reader: Reader) -> Any:
        """Return what the page depends on, to compare it with what it shows already."""
        check = reader.session.last(GuestCheck)
        run = self.board.run_queue.run_for(reader.session, GuestMeasurement)
        guests = [
            (id(one), one.away_since, len(one.outages_s), one.figures.p50_ms, one.figures.per_s)
            for one in self.board.guests.all()
        ]
        measuring = run and (id(run), run.state, run.version, round(run.left_s), run.stopping)
        return reader.language, check and (id(check), check.progress), measuring, guests

    def _tick(self, reader: Reader, shown: object) -> object:
        self.board.cards()  # somebody looks at the guests
        return gr.skip() if shown == self._showing(reader) else self._current(reader)

    def _add(self, reader: Reader, address: str, name: str) -> Updates:
        """Start to check a service. The tick shows how far it is."""
        last = reader.session.last(GuestCheck)
        if last is None or last.over:
            last = GuestCheck(self.board.guests, address, name).start()
            reader.session.add(last)
        last.wait(FIRST_STEP_S)
        return self._current(reader)

    def _measure(self, reader: Reader) -> Updates:
        guests = self.board.guests.all()
        if not guests:
            return self._current(reader)
        start_own(reader.session, GuestMeasurement(guests, self.board.run_queue))
        return self._current(reader)

    def _stop(self, reader: Reader) -> Updates:
        if own := active_run(reader.session, GuestMeasurement):
            own.stop()
        return self._current(reader)

    def _remove(self, reader: Reader, name: str | None) -> Updates:
        texts = reader.texts
        if not name:
            return {self.notice: problem(texts("guests.none_chosen"))}
        self.board.guests.remove(name)
        removed: Updates = {
            self.leaving: gr.update(
                choices=[guest.name for guest in self.board.guests.all()], value=None
            ),
            self.notice: hint(texts("guests.removed", guest=name)),
        }
        return self._current(reader) | removed


def _name_label(texts: Texts) -> str:
    return texts("guests.name", limit=MAX_NAME_CHARACTERS)

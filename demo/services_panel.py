"""The list of methods: state, since when, address, start and stop. It shows what anybody does to them, from wherever."""

import gradio as gr

from deployments import METHODS

from . import html
from .board import Board, Card
from .panel import QUIET, Updates
from .session import Reader
from .texts import Texts, texts

TICK_S = 2.0


class ServicesPanel:
    """The components of the list and what they do."""

    name = "services"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.title = gr.Markdown(f"## {initial('services.title')}")
        self.seen = gr.State()  # what this page shows already: a tick that brings nothing new changes nothing
        self.cards, self.starts, self.stops = {}, {}, {}
        for method in METHODS:
            with gr.Row(elem_classes="hl-method"):
                self.cards[method] = gr.HTML(apply_default_css=False, elem_id=f"card-{method}", scale=5, min_width=180)
                with gr.Column(scale=0, min_width=110):
                    self.starts[method] = gr.Button(initial("services.start"), elem_id=f"start-{method}", size="sm", variant="primary", visible=False)
                    self.stops[method] = gr.Button(initial("services.stop"), elem_id=f"stop-{method}", size="sm", visible=False)
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All that `show` changes."""
        return [self.title, self.seen, *self.cards.values(), *self.starts.values(), *self.stops.values()]

    def connect(self) -> None:
        """Wire the buttons and the timer. All of this is the page's own; programs use the endpoints of demo.api."""
        quietly = {"outputs": self.components} | QUIET
        self.timers[0].tick(self._tick, [self.reader, self.seen], **quietly)
        for method in METHODS:
            self.starts[method].click(self._pressed(self.board.start, method), self.reader, **quietly)
            self.stops[method].click(self._pressed(self.board.stop, method), self.reader, **quietly)

    def show(self, reader: Reader) -> Updates:
        said, cards = texts(reader.language), self.board.cards()
        updates: Updates = {self.title: f"## {said('services.title')}", self.seen: (reader.language, cards)}
        for card in cards:
            updates[self.cards[card.method]] = html.card(card, said)
            updates[self.starts[card.method]] = gr.update(value=said("services.start"), visible=_can_start(card))
            updates[self.stops[card.method]] = gr.update(value=said("services.stop"), visible=_can_stop(card))
        return updates

    def _tick(self, reader: Reader, seen: tuple[str, list[Card]] | None) -> object:
        return gr.skip() if seen == (reader.language, self.board.cards()) else self.show(reader)

    def _pressed(self, change, method: str):
        def pressed(reader: Reader) -> Updates:
            change(method)
            return self.show(reader)

        return pressed


def _can_start(card: Card) -> bool:
    return card.job is None and card.state in ("stopped", "failed")


def _can_stop(card: Card) -> bool:
    return card.job is None and card.state in ("running", "failed", "starting")

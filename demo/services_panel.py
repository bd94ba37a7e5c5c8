"""The list of methods: state, since when, address, start and stop. It shows what anybody does to them, from wherever."""

import gradio as gr

from deployments import METHODS

from . import html
from .board import Board, Card
from .texts import Texts, texts

TICK_S = 2.0
Updates = dict[gr.blocks.Block, object]


class ServicesPanel:
    """The components of the list and what they do."""

    def __init__(self, board: Board, initial: Texts) -> None:
        self.board = board
        self.title = gr.Markdown(f"## {initial('services.title')}")
        self.seen = gr.State()  # what this page shows already: a tick that brings nothing new changes nothing
        self.cards, self.starts, self.stops = {}, {}, {}
        for method in METHODS:
            with gr.Row(elem_classes="hl-method"):
                self.cards[method] = gr.HTML(apply_default_css=False, elem_id=f"card-{method}", scale=5, min_width=180)
                with gr.Column(scale=0, min_width=110):
                    self.starts[method] = gr.Button(initial("services.start"), elem_id=f"start-{method}", size="sm", variant="primary", visible=False)
                    self.stops[method] = gr.Button(initial("services.stop"), elem_id=f"stop-{method}", size="sm", visible=False)
        self.timer = gr.Timer(TICK_S)

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All that `show` changes."""
        return [self.title, self.seen, *self.cards.values(), *self.starts.values(), *self.stops.values()]

    def connect(self, language: gr.Radio) -> None:
        """Wire the buttons and the timer. All of this is the page's own; programs use the endpoints of demo.api."""
        quietly = {"outputs": self.components, "show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
        self.timer.tick(self._tick, [language, self.seen], **quietly)
        for method in METHODS:
            self.starts[method].click(self._pressed(self.board.start, method), language, **quietly)
            self.stops[method].click(self._pressed(self.board.stop, method), language, **quietly)

    def show(self, language: str) -> Updates:
        """Return every component as it should look now, in `language`."""
        said, cards = texts(language), self.board.cards()
        updates: Updates = {self.title: f"## {said('services.title')}", self.seen: (language, cards)}
        for card in cards:
            updates[self.cards[card.method]] = html.card(card, said)
            updates[self.starts[card.method]] = gr.update(value=said("services.start"), visible=_can_start(card))
            updates[self.stops[card.method]] = gr.update(value=said("services.stop"), visible=_can_stop(card))
        return updates

    def _tick(self, language: str, seen: tuple[str, list[Card]] | None) -> object:
        return gr.skip() if seen == (language, self.board.cards()) else self.show(language)

    def _pressed(self, change, method: str):
        def pressed(language: str) -> Updates:
            change(method)
            return self.show(language)

        return pressed


def _can_start(card: Card) -> bool:
    return card.job is None and card.state in ("stopped", "failed")


def _can_stop(card: Card) -> bool:
    return card.job is None and card.state in ("running", "failed", "starting")

"""Services: the state of every method, live, whoever changed it from wherever; start, stop, scale, kill."""

import gradio as gr

from demo import html
from demo.board import Board, Card
from demo.session import Reader
from demo.tabs.services import view as services_html
from demo.tabs.tab import QUIET, Updates
from demo.texts import Texts, texts
from hostlab import METHODS, get
from hostlab.deployment import Deployment

TICK_S = 2.0
MAX_REPLICAS = 5
_BUTTONS = ("start", "stop", "kill", "more", "fewer")


class ServicesPanel:
    """The components of the list and what they do."""

    name = "services"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.lead = gr.HTML(html.stage(initial("services.lead")), apply_default_css=False)
        self.seen = gr.State(
            {}
        )  # what this page shows already: a tick changes only the cards that have changed
        self.cards: dict[str, gr.HTML] = {}
        self.buttons: dict[str, dict[str, gr.Button]] = {}
        for method in METHODS:
            with gr.Row(elem_classes="hl-method"):
                self.cards[method] = gr.HTML(
                    apply_default_css=False, elem_id=f"card-{method}", scale=5, min_width=180
                )
                with gr.Column(scale=0, min_width=150):
                    self.buttons[method] = {
                        name: gr.Button(
                            initial(f"services.{name}"),
                            elem_id=f"{name}-{method}",
                            size="sm",
                            variant="primary" if name == "start" else "secondary",
                            visible=False,
                        )
                        for name in _BUTTONS
                    }
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All that `show` changes."""
        return [
            self.lead,
            self.seen,
            *self.cards.values(),
            *(button for buttons in self.buttons.values() for button in buttons.values()),
        ]

    def connect(self) -> None:
        """Wire the buttons and the timer. All of this is the page's own; programs use the endpoints of demo.api."""
        quietly = {"outputs": self.components} | QUIET
        self.timers[0].tick(self._tick, [self.reader, self.seen], **quietly)
        for method, buttons in self.buttons.items():
            for name, button in buttons.items():
                button.click(self._pressed(name, method), self.reader, **quietly)

    def show(self, reader: Reader) -> Updates:
        return self._changes(reader, {}) | {
            self.lead: html.stage(texts(reader.language)("services.lead"))
        }

    def _tick(self, reader: Reader, seen: dict[str, object]) -> object:
        return self._changes(reader, seen) or gr.skip()

    def _changes(self, reader: Reader, seen: dict[str, object]) -> Updates:
        """Return the cards and buttons that differ from what `seen` says the page shows."""
        said, cards, updates = texts(reader.language), self.board.cards(closely=True), {}
        for card in cards:
            if seen.get(card.method) != (reader.language, card):
                updates[self.cards[card.method]] = services_html.card(card, said)
                offered = offers(card)
                updates |= {
                    button: gr.update(value=said(f"services.{name}"), visible=name in offered)
                    for name, button in self.buttons[card.method].items()
                }
        return updates | (
            {self.seen: {card.method: (reader.language, card) for card in cards}} if updates else {}
        )

    def _pressed(self, name: str, method: str):
        def pressed(reader: Reader) -> Updates:
            card = next(card for card in self.board.cards() if card.method == method)
            if name in offers(card):  # else somebody else was faster
                self._do(name, card)
            return self._changes(reader, {})

        return pressed

    def _do(self, name: str, card: Card) -> None:
        if name in ("more", "fewer"):
            self.board.scale(card.method, card.replicas + (1 if name == "more" else -1))
        else:
            {"start": self.board.start, "stop": self.board.stop, "kill": self.board.kill}[name](
                card.method
            )


def offers(card: Card) -> set[str]:
    """Return the names of the buttons that make sense for a method as it is now."""
    if card.job:
        return set()
    offered = {"start"} if card.state in ("stopped", "failed") else set()
    if card.state in ("running", "failed", "starting"):
        offered.add("stop")
    if card.state == "running":
        offered.add("kill")
        if type(get(card.method)).scale is not Deployment.scale and card.replicas:
            offered |= ({"more"} if card.replicas < MAX_REPLICAS else set()) | (
                {"fewer"} if card.replicas > 1 else set()
            )
    return offered

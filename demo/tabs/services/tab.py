"""The Services tab: the live state of every method, and buttons that change it."""

from collections.abc import Callable
from typing import ClassVar

import gradio as gr

from demo.board import Board, Card
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.services import view
from demo.tabs.start_all import start_all_button, start_all_state
from demo.templating import stage
from demo.texts import Texts
from hostlab import METHODS, get
from hostlab.types import Capability

TICK_S = 2.0
MAX_REPLICAS = 5
_BUTTONS = ("start", "stop", "kill", "more", "fewer", "autoscale", "autoscale_off")

Shown = dict[str, tuple[str, Card]]  # for each method, the language and the card that a page shows


class ServicesTab:
    """The components of the Services tab and what they do."""

    name: ClassVar[str] = "services"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        with gr.Row(elem_classes="hl-starter"):
            self.lead = gr.HTML(
                stage(initial("services.lead")), apply_default_css=False, scale=5, min_width=300
            )
            self.start_all = start_all_button(self.name, initial)
        # What this page shows already: a tick updates only the cards that have changed.
        self.shown = gr.State({})
        self.cards: dict[str, gr.HTML] = {}
        self.buttons: dict[str, dict[str, gr.Button]] = {}
        for method in METHODS:
            with gr.Row(elem_classes="hl-method"):
                self.cards[method] = gr.HTML(
                    apply_default_css=False, elem_id=f"card-{method}", scale=5, min_width=180
                )
                with gr.Column(scale=0, min_width=190):
                    self.buttons[method] = {
                        name: _button(name, method, initial) for name in _BUTTONS
                    }
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        buttons = [one for of_method in self.buttons.values() for one in of_method.values()]
        return [self.lead, self.start_all, self.shown, *self.cards.values(), *buttons]

    def connect(self) -> None:
        """Connect the buttons and the timer."""
        options = {"outputs": self.components} | PRIVATE
        self.timers[0].tick(self._tick, [self.reader, self.shown], **options)
        self.start_all.click(self._start_all, self.reader, **options)
        for method, buttons in self.buttons.items():
            for name, button in buttons.items():
                button.click(self._on_click(name, method), self.reader, **options)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language."""
        return self._changes(reader, {}) | {self.lead: stage(reader.texts("services.lead"))}

    def _tick(self, reader: Reader, shown: Shown) -> object:
        return self._changes(reader, shown) or gr.skip()

    def _changes(self, reader: Reader, shown: Shown) -> Updates:
        """Return the cards and buttons that differ from what the page shows."""
        updates: Updates = {}
        cards = self.board.cards(components=True)
        for card in cards:
            if shown.get(card.method) != (reader.language, card):
                updates |= self._card(card, reader)
        if updates:
            updates[self.shown] = {card.method: (reader.language, card) for card in cards}
            updates[self.start_all] = start_all_state(cards, reader.texts)
        return updates

    def _card(self, card: Card, reader: Reader) -> Updates:
        texts, actions = reader.texts, available_actions(card)
        buttons: Updates = {
            button: gr.update(value=texts(f"services.{name}"), visible=name in actions)
            for name, button in self.buttons[card.method].items()
        }
        return buttons | {self.cards[card.method]: view.card(card, texts, reader.local)}

    def _start_all(self, reader: Reader) -> Updates:
        self.board.start_all()
        return self._changes(reader, {})

    def _on_click(self, action: str, method: str) -> Callable[[Reader], Updates]:
        def on_click(reader: Reader) -> Updates:
            card = next(card for card in self.board.cards() if card.method == method)
            if action in available_actions(card):  # else somebody else was faster
                self._do(action, card)
            return self._changes(reader, {})

        return on_click

    def _do(self, action: str, card: Card) -> None:
        if action in ("more", "fewer"):
            self.board.scale(card.method, card.replicas + (1 if action == "more" else -1))
        else:
            getattr(self.board, action)(card.method)


def available_actions(card: Card) -> set[str]:
    """Return the names of the buttons that make sense for a method as it is now."""
    if card.job:
        return set()
    actions = set()
    if card.startable:
        actions.add("start")
    if card.state in ("running", "failed", "starting"):
        actions.add("stop")
    if card.state == "running":
        actions |= {"kill", *_scaling_actions(card)}
    return actions


def _scaling_actions(card: Card) -> set[str]:
    capabilities = get(card.method).capabilities
    if card.status.autoscaler:
        return {"autoscale_off"}
    if Capability.SCALE not in capabilities or not card.replicas:
        return set()
    possible = {
        "more": card.replicas < MAX_REPLICAS,
        "fewer": card.replicas > 1,
        "autoscale": Capability.AUTOSCALE in capabilities,
    }
    return {action for action, is_possible in possible.items() if is_possible}


def _button(name: str, method: str, initial: Texts) -> gr.Button:
    return gr.Button(
        initial(f"services.{name}"),
        elem_id=f"{name}-{method}",
        size="sm",
        variant="primary" if name == "start" else "secondary",
        visible=False,
    )

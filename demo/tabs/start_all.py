"""The button that starts every method that can run, on the tabs Compare and Services."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from demo.board import Board, Card
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.method_states import StateLine, state_line, states
from demo.texts import Texts

# The language, whether something can be started, and the methods that do not run
Standing = tuple[str, bool, list[StateLine]]


def start_all_button(tab: str, initial: Texts) -> gr.Button:
    """Return the button of a tab."""
    return gr.Button(
        initial("services.start_all"),
        elem_id=f"{tab}-start-all",
        interactive=False,
        size="sm",
        scale=0,
        min_width=270,
    )


def start_all_state(cards: Sequence[Card], texts: Texts) -> Any:
    """Return how the button should look now."""
    return gr.update(
        value=texts("services.start_all"), interactive=any(card.startable for card in cards)
    )


class MethodStarter:
    """The button, and a line for each method that does not run: how far it is, or why not."""

    def __init__(self, tab: str, board: Board, initial: Texts) -> None:
        self._board = board
        with gr.Row(elem_classes="hl-starter"):
            self.button = start_all_button(tab, initial)
            self.states = gr.HTML(
                apply_default_css=False, elem_id=f"{tab}-states", scale=1, min_width=300
            )
        self.shown = gr.State()  # what this page shows already

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.button, self.states, self.shown]

    def connect(self, reader: gr.State) -> None:
        """Connect the event of a click."""
        self.button.click(self._start, reader, self.components, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """Return the button and the lines."""
        cards, standing = self._board.cards(), self._standing(reader)
        return {
            self.button: start_all_state(cards, reader.texts),
            self.states: states(standing[2], reader.texts),
            self.shown: standing,
        }

    def news(self, reader: Reader, shown: Standing | None) -> Updates:
        """Return the button and the lines if the page shows something else."""
        return {} if shown == self._standing(reader) else self.show(reader)

    def _start(self, reader: Reader) -> Updates:
        self._board.start_all()
        return self.show(reader)

    def _standing(self, reader: Reader) -> Standing:
        cards = self._board.cards()
        lines = [state_line(card, reader.texts) for card in cards if card.state != "running"]
        return reader.language, any(card.startable for card in cards), lines

"""What is under the results of Compare: the way of a request through a method of one's choice."""

from dataclasses import replace

import gradio as gr
from markupsafe import Markup

from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.compare import outcome
from demo.tabs.compare.comparison import MethodRow
from demo.tabs.compare.way import way
from demo.texts import Texts
from hostlab import METHODS
from hostlab.types import Component, ComponentState

# The language, the comparison, whether it is over, the chosen method, and its components
ShownWay = tuple[str, int, bool, str | None, list[tuple[str, ComponentState]]]


class WayOfRequest:
    """The choice of a method, and the picture, once there are figures."""

    def __init__(self, board: Board, initial: Texts) -> None:
        self._board = board
        self._known: dict[str, list[Component]] = {}  # the last known components by method
        self.choice = gr.Radio(
            [],
            label=initial("way.choose"),
            visible=False,
            elem_id="way-method",
            elem_classes="hl-methods",
        )
        self.picture = gr.HTML(apply_default_css=False, elem_id="way")
        self.shown = gr.State()  # what this page shows already

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.choice, self.picture, self.shown]

    def connect(self, reader: gr.State) -> None:
        """Connect the event of a choice."""
        self.choice.input(self.show, [reader, self.choice], self.components, **PRIVATE)

    def redraw(self, reader: Reader) -> Updates:
        """Let the next tick draw the picture, which knows what is chosen."""
        return {self.choice: gr.update(label=reader.texts("way.choose")), self.shown: None}

    def show(self, reader: Reader, chosen: str | None) -> Updates:
        """Return the choice and the picture; `chosen` stays chosen if it has figures."""
        texts = reader.texts
        rows, row, components = self._current(reader, chosen)
        return {
            self.choice: gr.update(
                choices=[(texts.title(one.method), one.method) for one in rows],
                value=row.method if row else None,
                label=texts("way.choose"),
                visible=len(rows) > 1,
            ),
            self.picture: way(row, components, texts) if row and components else Markup(),
            self.shown: _showing(reader, row, components),
        }

    def news(self, reader: Reader, chosen: str | None, shown: ShownWay | None) -> Updates:
        """Return the choice and the picture if the page shows something else."""
        _, row, components = self._current(reader, chosen)
        return {} if shown == _showing(reader, row, components) else self.show(reader, chosen)

    def _current(
        self, reader: Reader, chosen: str | None
    ) -> tuple[list[MethodRow], MethodRow | None, list[Component]]:
        """Return the methods that have figures, the one to draw, and its components."""
        rows = _rows(reader)
        first = rows[0] if rows else None
        row = next((row for row in rows if row.method == chosen), first)
        return rows, row, self._components(row.method) if row else []

    def _components(self, method: str) -> list[Component]:
        """Return a method's components. Those of a method that has stopped are dead."""
        cards = self._board.cards(components=True)
        card = next(card for card in cards if card.method == method)
        if card.components:
            self._known[method] = [usage.component for usage in card.components]
        known = self._known.get(method, [])
        gone = card.status.state in ("stopped", "unavailable")
        return [replace(one, state="dead") for one in known] if gone else known


def _rows(reader: Reader) -> list[MethodRow]:
    """Return the methods of the comparison on the page that have figures, once it is over.

    Nothing is known of the components of a guest.
    """
    comparison = outcome.shown(reader)
    if comparison is None or not comparison.over:
        return []
    return [row for row in comparison.rows if row.summary and row.method in METHODS]


def _showing(reader: Reader, row: MethodRow | None, components: list[Component]) -> ShownWay:
    states = [(component.id, component.state) for component in components]
    comparison = outcome.shown(reader)
    over = comparison is not None and comparison.over
    return reader.language, id(comparison), over, row.method if row else None, states

"""The form of the Load tab: which methods, which kind of load, how much, and for how long."""

import json

import gradio as gr

from demo.board import Board
from demo.events import Updates
from demo.session import Reader
from demo.tabs.load.plan import MAX_SECONDS
from demo.tabs.method_boxes import MethodBoxes
from demo.texts import Texts
from hostlab.measure.load.isolated import LoadKind

KINDS: tuple[LoadKind, ...] = ("open", "closed")
SLIDER_END: dict[LoadKind, int] = {"open": 300, "closed": 64}  # enough for a class
FIRST_LEVEL: dict[LoadKind, int] = {"open": 20, "closed": 4}
_FIRST_LEVEL = f"""kind => ({{
  __type__: 'update',
  maximum: {json.dumps(SLIDER_END)}[kind],
  value: {json.dumps(FIRST_LEVEL)}[kind],
}})"""


class LoadForm:
    """The components of the form. `inputs` are the fields of a Plan, in their order."""

    def __init__(self, board: Board, initial: Texts) -> None:
        self.board = board
        with gr.Row():
            with gr.Column(scale=3, min_width=280):
                self._place_methods(initial)
            with gr.Column(scale=4, min_width=280) as self.fields:
                self._place_load(initial)

    def _place_methods(self, initial: Texts) -> None:
        self.methods = MethodBoxes(
            "load",
            self._loadable,
            lambda texts, methods: {"label": texts("load.methods")},
            initial,
            elem_id="load-methods",
            elem_classes="hl-methods",
        )
        with gr.Column() as self.order_place:
            self.order = gr.Radio(
                _orders(initial), value=False, label=initial("load.order"), elem_id="load-order"
            )
        self.spend = gr.Checkbox(label=initial("load.spend"), elem_id="load-spend")

    def _place_load(self, initial: Texts) -> None:
        self.kind = gr.Radio(
            _kinds(initial), value="open", label=initial("load.kind"), elem_id="load-kind"
        )
        self.level = gr.Slider(
            1,
            SLIDER_END["open"],
            value=FIRST_LEVEL["open"],
            step=1,
            label=initial("load.level"),
            elem_id="load-level",
            buttons=[],  # gradio's reset button speaks English only
        )
        with gr.Row():
            self.seconds = gr.Slider(
                5,
                MAX_SECONDS,
                value=20,
                step=5,
                label=initial("load.seconds"),
                elem_id="load-seconds",
                buttons=[],
                min_width=200,
            )
            self.ramp = gr.Slider(
                0,
                60,
                value=0,
                step=1,
                label=initial("load.ramp"),
                elem_id="load-ramp",
                buttons=[],
                min_width=200,
            )

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [*self.inputs, self.methods.listed, self.methods.colors]

    @property
    def inputs(self) -> list[gr.blocks.Block]:
        """What the reader enters."""
        level = [self.kind, self.level, self.seconds, self.ramp]
        return [self.methods.group, *level, self.order, self.spend]

    def connect(self, reader: gr.State) -> None:
        """Connect the events."""
        self.methods.connect(reader)
        # In the browser: an answer of the server could undo what a fast reader enters meanwhile.
        self.kind.input(None, self.kind, self.level, js=_FIRST_LEVEL, api_visibility="private")

    def show(self, reader: Reader, changeable: bool) -> Updates:
        """Return the form in the reader's language; `changeable` is whether to offer the kinds."""
        texts = reader.texts
        return self.methods.show(reader) | {
            self.order: gr.update(choices=_orders(texts), label=texts("load.order")),
            self.spend: gr.update(label=texts("load.spend")),
            self.kind: gr.update(
                choices=_kinds(texts), label=texts("load.kind"), interactive=changeable
            ),
            self.level: gr.update(label=texts("load.level")),
            self.seconds: gr.update(label=texts("load.seconds")),
            self.ramp: gr.update(label=texts("load.ramp")),
        }

    def _loadable(self) -> list[str]:
        """Return the guests, and the methods that run or failed, which can be under load too."""
        states = {card.method: card.status.state for card in self.board.cards()}
        methods = [method for method, state in states.items() if state in ("running", "failed")]
        return methods + [guest.name for guest in self.board.guests.all()]


def _orders(texts: Texts) -> list[tuple[str, bool]]:
    return [(texts("load.after"), False), (texts("load.in_turn"), True)]


def _kinds(texts: Texts) -> list[tuple[str, str]]:
    return [(texts(f"load.{kind}"), kind) for kind in KINDS]

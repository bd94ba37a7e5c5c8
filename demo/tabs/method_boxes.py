"""The boxes that choose among the methods, on the tabs Compare and Load."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.texts import Texts
from demo.theme import method_css
from hostlab import METHODS

# JSON: the language, the methods that a page lists, all methods that its reader has deselected, and
# how often the boxes were drawn by then
Listing = str
_NOTHING: Listing = '["", [], [], 0]'  # before the page has drawn any


class MethodBoxes:
    """A box for each method. All are selected unless the reader deselects them.

    `group` are the boxes, and `listed` is what this page lists already. A tick writes both if there
    is news. A click writes `listed` too, so that the next tick has nothing to write: it could undo
    a second click. `listed` lives in the browser, so a click comes with what was listed when
    somebody clicked. If the boxes were drawn anew since, the page has undone the click, and they
    are drawn once more.
    """

    def __init__(
        self,
        tab: str,
        available: Callable[[], list[str]],
        labels: Callable[[Texts, Sequence[str]], dict[str, Any]],
        initial: Texts,
        **options: Any,
    ) -> None:
        """`available` returns the methods to list, and `labels` what Gradio shows around them."""
        self._tab, self._available, self._labels = tab, available, labels
        self.group = gr.CheckboxGroup([], **labels(initial, []), **options)
        self.listed = gr.Textbox(visible="hidden", show_label=False)
        self.colors = gr.HTML(visible="hidden")  # those of the guests, as CSS

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.group, self.listed, self.colors]

    def connect(self, reader: gr.State) -> None:
        """Connect the event of a click."""
        # "multiple", because Gradio otherwise drops a fast second click
        inputs = [reader, self.group, self.listed]
        self.group.input(self.select, inputs, self.components, trigger_mode="multiple", **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """List the methods."""
        texts, methods = reader.texts, self._available()
        reader.drawn[self._tab] = reader.drawn.get(self._tab, 0) + 1
        deselected = reader.deselected.get(self._tab, frozenset())
        return {
            self.group: gr.update(
                choices=[(texts.title(method), method) for method in methods],
                value=[method for method in methods if method not in deselected],
                **self._labels(texts, methods),
            ),
            self.listed: self._listing(reader, methods),
            self.colors: f"<style>{method_css(set(methods) - set(METHODS))}</style>",
        }

    def news(self, reader: Reader, listed: Listing | None) -> Updates:
        """List the methods if the page lists something else."""
        *_, drawn = json.loads(listed or _NOTHING)
        now = self._listing(reader, self._available(), drawn)
        return {} if listed == now else self.show(reader)

    def select(self, reader: Reader, selected: list[str], listed: Listing) -> Updates:
        """Keep the selection with the reader.

        `listed` is what the page listed when somebody clicked. A method that runs and was not
        listed yet is neither selected nor deselected.
        """
        _, methods, _, drawn = json.loads(listed or _NOTHING)
        before = reader.deselected.get(self._tab, frozenset())
        reader.deselected[self._tab] = (before - set(methods)) | (set(methods) - set(selected))
        if drawn != reader.drawn[self._tab]:
            return self.show(reader)
        return {self.listed: self._listing(reader, methods)}

    def _listing(self, reader: Reader, methods: Sequence[str], drawn: int | None = None) -> Listing:
        deselected = sorted(reader.deselected.get(self._tab, ()))
        drawn = reader.drawn[self._tab] if drawn is None else drawn
        return json.dumps([reader.language, methods, deselected, drawn])

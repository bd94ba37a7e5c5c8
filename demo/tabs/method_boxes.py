"""The boxes that choose among the methods, on the tabs Compare and Load."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.texts import Texts
from demo.theme import method_css
from hostlab import METHODS

# The language, the methods that a page lists, and all methods that its reader has deselected
Listing = tuple[str, list[str], list[str]]


class MethodBoxes:
    """A box for each method. All are selected unless the reader deselects them.

    `group` are the boxes, and `listed` is what this page lists already. A tick writes both if there
    is news. A click writes `listed` too, so that the next tick has nothing to write: it could undo
    a second click.
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
        self.listed = gr.State()
        self.colors = gr.HTML(visible="hidden")  # those of the guests, as CSS

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.group, self.listed, self.colors]

    def connect(self, reader: gr.State) -> None:
        """Connect the event of a click."""
        # "multiple", because Gradio otherwise drops a fast second click
        inputs = [reader, self.group, self.listed]
        self.group.input(self.select, inputs, self.listed, trigger_mode="multiple", **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """List the methods."""
        texts, listing = reader.texts, self._listing(reader)
        _, methods, deselected = listing
        return {
            self.group: gr.update(
                choices=[(texts.title(method), method) for method in methods],
                value=[method for method in methods if method not in deselected],
                **self._labels(texts, methods),
            ),
            self.listed: listing,
            self.colors: f"<style>{method_css(set(methods) - set(METHODS))}</style>",
        }

    def news(self, reader: Reader, listed: Listing | None) -> Updates:
        """List the methods if the page lists something else."""
        return {} if listed == self._listing(reader) else self.show(reader)

    def select(self, reader: Reader, selected: list[str], listed: Listing) -> Listing:
        """Keep the selection with the reader, and return what the page lists now.

        A method that runs and is not listed yet is neither selected nor deselected.
        """
        language, methods, _ = listed
        before = reader.deselected.get(self._tab, frozenset())
        deselected = (before - set(methods)) | (set(methods) - set(selected))
        reader.deselected[self._tab] = deselected
        return language, methods, sorted(deselected)

    def _listing(self, reader: Reader) -> Listing:
        deselected = reader.deselected.get(self._tab, frozenset())
        return reader.language, self._available(), sorted(deselected)

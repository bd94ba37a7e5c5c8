"""The interface of a tab.

To add a tab: write a module with such a class, add it to `page.TABS`, and add its name to [tabs]
in the texts.
"""

from typing import ClassVar, Protocol

import gradio as gr

from demo.board import Board
from demo.events import Updates
from demo.session import Reader
from demo.texts import Texts


class PageTab(Protocol):
    """One tab: its components and what they do.

    The constructor places the components. `reader` holds a `session.Reader`: an event that takes
    it as an input gets the page's language and the reader's history, and changes both in place.
    """

    name: ClassVar[str]  # of its text in [tabs]
    timers: list[gr.Timer]  # tick only while this tab is open

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None: ...

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""

    def connect(self) -> None:
        """Connect the events, once all tabs are in place."""

    def show(self, reader: Reader) -> Updates:
        """Return the components as they should look now, in the reader's language.

        Called when the page loads, when its language changes, and when the tab opens. What the
        reader has typed or selected stays.
        """

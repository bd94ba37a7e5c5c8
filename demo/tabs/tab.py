"""What a tab of the page is. To add one: a module with such a class, a line in `page.PANELS`, its name in [tabs] of the texts."""

from typing import ClassVar, Protocol

import gradio as gr

from demo.board import Board
from demo.session import Reader
from demo.texts import Texts

Updates = dict[gr.blocks.Block, object]

# what an event of the page's own is given; programs use the endpoints of demo.api
QUIET = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


class Panel(Protocol):
    """One tab: its components and what they do.

    The constructor places the components. `reader` holds a `session.Reader`: an event that takes it as an input gets the
    page's language and the reader's history, and changes both in place.
    """

    name: ClassVar[str]  # of its text in [tabs]
    components: list[gr.blocks.Block]  # all that `show` changes
    timers: list[gr.Timer]  # tick only while this tab is open

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None: ...

    def connect(self) -> None:
        """Wire the events, once all tabs have been placed."""

    def show(self, reader: Reader) -> Updates:
        """Return the components as they should look now, in the reader's language: on loading, on a switch of language and each
        time that the tab is opened. What the reader has typed or chosen stays."""

"""How a page talks to the demo: without an open connection, and one event after the other.

A browser has six connections to one host, for all of its tabs together. Gradio keeps one of them
open for each page with a `gr.State`, the heartbeat, so that it knows when to forget the state
(https://github.com/gradio-app/gradio/issues/8346). So the seventh tab never loaded, and the other
six stopped. This page has no heartbeat. Its events are answered at once (see demo/events.py), what
takes longer goes on in a thread, and the page's timers ask how far it is. A timer of a tab that
nobody sees does not tick.

Gradio runs the events of a page at the same time, each in a thread. On a busy machine, the answer
to a click could overtake the one to an earlier event, such as a tick or the opening of a tab. Then
the page showed what had been true before the click, and no later tick knew. So the events of a page
wait for each other, in the order in which they come.
"""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.data_classes import BlocksConfigDict
from gradio.state_holder import SessionState

from demo.session import MAX_READERS

# As nothing says when a page is closed, the pages are forgotten that have asked nothing for the
# longest time. Gradio keeps about half a megabyte for each.
MAX_PAGES = 2 * MAX_READERS


class OrderedBlocks(gr.Blocks):
    """Blocks whose pages have no heartbeat, and send their events one after the other."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._locks: WeakKeyDictionary[SessionState, asyncio.Lock] = WeakKeyDictionary()

    def get_config_file(self) -> BlocksConfigDict:
        """Return what the page gets to know."""
        config = super().get_config_file()
        config["connect_heartbeat"] = False
        return config

    async def process_api(
        self,
        block_fn: BlockFunction | int,
        inputs: list[Any],
        state: SessionState | None = None,
        *arguments: Any,
        **options: Any,
    ) -> dict[str, Any]:
        """Process an event when the page's earlier ones are done.

        What is in Gradio's queue is not the page's (see demo/events.py), and may take long.
        """
        event = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        if state is None or event.queue:
            return await super().process_api(block_fn, inputs, state, *arguments, **options)
        async with self._locks.setdefault(state, asyncio.Lock()):
            return await super().process_api(block_fn, inputs, state, *arguments, **options)

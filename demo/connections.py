"""A page that keeps no connection open.

A browser has six connections to one host, for all of its tabs together. Gradio keeps one of them
open for each page with a `gr.State`, the heartbeat, so that it knows when to forget the state
(https://github.com/gradio-app/gradio/issues/8346). So the seventh tab never loaded, and the other
six stopped. This page has no heartbeat. Its events are answered at once (see demo/events.py), what
takes longer goes on in a thread, and the page's timers ask how far it is. A timer of a tab that
nobody sees does not tick.
"""

import gradio as gr
from gradio.data_classes import BlocksConfigDict

from demo.session import MAX_READERS

# As nothing says when a page is closed, the pages are forgotten that have asked nothing for the
# longest time. Gradio keeps about half a megabyte for each.
MAX_PAGES = 2 * MAX_READERS


class BlocksWithoutHeartbeat(gr.Blocks):
    """Blocks whose pages have no heartbeat."""

    def get_config_file(self) -> BlocksConfigDict:
        """Return what the page gets to know."""
        config = super().get_config_file()
        config["connect_heartbeat"] = False
        return config

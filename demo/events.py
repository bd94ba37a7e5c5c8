"""What the events of the page have in common."""

from typing import Any

import gradio as gr

Updates = dict[gr.blocks.Block, object]

# Options of every event of the page itself. Programs use the endpoints of demo.api. Gradio's queue
# would answer by a stream, which is one of the six connections that a browser has; see
# demo/connections.py.
#
# No component shows the progress. Otherwise, Gradio's page copies the state of every component that
# was ever an output, at each event: a page that nobody touched took a third of a core.
PRIVATE: dict[str, Any] = {
    "show_progress": "hidden",
    "show_progress_on": [],
    "api_visibility": "private",
    "queue": False,
}

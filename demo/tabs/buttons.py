"""The buttons that start and steer what runs on the whole machine."""

from typing import Literal

import gradio as gr


def run_button(
    elem_id: str,
    label: str,
    variant: Literal["primary", "stop", "secondary"] = "secondary",
    interactive: bool = False,
) -> gr.Button:
    """Return a button as those beside it."""
    return gr.Button(
        label,
        variant=variant,
        elem_id=elem_id,
        interactive=interactive,
        min_width=150,
        size="md",
    )

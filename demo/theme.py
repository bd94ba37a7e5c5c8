"""The page's theme: the system's own fonts, sizes for a projector, and the methods' colors."""

from collections.abc import Iterable
from pathlib import Path

import gradio as gr

from hostlab.palette import method_color

CSS = Path(__file__).with_name("theme.css")
FONT = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Liberation Sans",
    "DejaVu Sans",
    "sans-serif",
)
MONO = ("ui-monospace", "Consolas", "Liberation Mono", "DejaVu Sans Mono", "monospace")


def theme() -> gr.themes.Base:
    """Return a theme that fetches no font."""
    return gr.themes.Default(
        primary_hue="blue", neutral_hue="slate", text_size="lg", font=FONT, font_mono=MONO
    )


def method_css(methods: Iterable[str]) -> str:
    """Return the CSS that colors the boxes of a choice among methods, or guests by their names."""
    return "\n".join(
        f'input:is([name="{method}"], [value="{method}"]) + span::before '
        f"{{ --color: {method_color(method)}; }}"
        for method in methods
    )

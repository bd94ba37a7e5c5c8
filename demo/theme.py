"""The page's theme: the system's own fonts, sizes for a projector, and the methods' colors."""

from collections.abc import Iterable
from pathlib import Path

import gradio as gr

from hostlab.palette import method_color

CSS = Path(__file__).with_name("theme.css")
PRINT_CSS = Path(__file__).with_name("print.css")
SCRIPT = Path(__file__).with_name("page.js")
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
    """Return a theme that fetches no font, and whose text has a contrast of at least 4.5:1."""
    theme = gr.themes.Default(
        primary_hue="blue", neutral_hue="slate", text_size="lg", font=FONT, font_mono=MONO
    )
    return theme.set(
        body_text_color_subdued="*neutral_600",  # gradio's own gray has 2.6:1
        button_primary_background_fill="*primary_600",  # white on gradio's own blue has 3.7:1
        button_primary_background_fill_hover="*primary_700",
    )


def method_css(methods: Iterable[str]) -> str:
    """Return the CSS that colors the boxes of a choice among methods, or guests by their names."""
    return "\n".join(
        f'input:is([name="{method}"], [value="{method}"]) + span::before '
        f"{{ --color: {method_color(method)}; }}"
        for method in methods
    )


def print_style() -> str:
    """Return the style that holds on paper. Gradio limits all other CSS to the page's contents."""
    return f'<style media="print">{PRINT_CSS.read_text(encoding="utf-8")}</style>'

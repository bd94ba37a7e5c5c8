"""How the page looks: colours that the colour-blind can tell apart, the system's own fonts, sizes for a projector.

The palette is Okabe and Ito's (https://jfly.uni-koeln.de/color/). A method and a part of the latency have the same colour
wherever they appear; `upstream` shares the colour of `api`, the only method that has any.
"""

from pathlib import Path

import gradio as gr

METHOD_COLOURS = {
    "in-process": "#0072B2",
    "separate-process": "#E69F00",
    "docker": "#56B4E9",
    "kubernetes": "#009E73",
    "api": "#CC79A7",
}
PART_COLOURS = {
    "hop": "#B0B0B0",
    "queue": "#F0E442",
    "model": "#D55E00",
    "upstream": "#CC79A7",
    "unknown": "#7F7F7F",
}
OTHER_COLOUR = "#7F7F7F"  # of a method that is added later

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
    """Return a theme that asks nobody for a font."""
    return gr.themes.Default(
        primary_hue="blue", neutral_hue="slate", text_size="lg", font=FONT, font_mono=MONO
    )


def method_css() -> str:
    """Return the style that gives the boxes of a choice among methods the methods' colours."""
    return "\n".join(
        f'input[name="{method}"] + span::before {{ --colour: {colour}; }}'
        for method, colour in METHOD_COLOURS.items()
    )


def method_colour(method: str) -> str:
    return METHOD_COLOURS.get(method, OTHER_COLOUR)

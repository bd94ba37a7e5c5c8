"""The colors of every chart: on the demo's page, in the measurement report, and in the lessons.

The palette is Okabe and Ito's (https://jfly.uni-koeln.de/color/): color-blind people can tell its
colors apart. A method and a part of the latency have the same color wherever they appear.
`upstream` shares the color of `api`, the only method with an upstream provider. Yellow stands for
the model, and only for it.
"""

BLUE = "#0072B2"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
LIGHT_GRAY = "#B0B0B0"
GRAY = "#7F7F7F"

METHOD_COLORS = {
    "in-process": BLUE,
    "separate-process": ORANGE,
    "docker": SKY,
    "kubernetes": GREEN,
    "api": PURPLE,
}
PART_COLORS = {"hop": LIGHT_GRAY, "queue": VERMILION, "model": YELLOW, "upstream": PURPLE}
MODEL_FILL, MODEL_LINE = "#ffd966", "#b58900"  # the model's box in a diagram
UNKNOWN_COLOR = GRAY  # of a latency without a breakdown
# Of services that are none of the methods, in the order in which they first appear
GUEST_COLORS = ("#7A5FD0", "#44AA99", "#999933", "#CC6677", "#6699CC", "#B07A4A")
_guest_colors: dict[str, str] = {}  # by name


def method_color(method: str) -> str:
    """Return the color of a method, or of a guest by its name."""
    if method in METHOD_COLORS:
        return METHOD_COLORS[method]
    return _guest_colors.setdefault(method, GUEST_COLORS[len(_guest_colors) % len(GUEST_COLORS)])

"""What an image consists of, to scale: this project's beside those that have torch in them.

The sizes of this project's image come from the engine. Building the other two takes minutes and
downloads gigabytes, so they are those of deployments/docker/README.md, which were measured once.
"""

from collections.abc import Mapping
from typing import Literal

import matplotlib.pyplot as plt

from hostlab.errors import HostingLabError
from hostlab.methods.docker import engine
from hostlab.palette import BLUE, GREEN, LIGHT_GRAY, MODEL_FILL, ORANGE
from notebooks.lessons.plots import legend_below
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("docker")

Content = Literal["base", "libraries", "torch", "model", "code"]
Sizes = Mapping[Content, float]  # in MB
COLORS: dict[Content, str] = {
    "base": LIGHT_GRAY,
    "libraries": BLUE,
    "torch": ORANGE,
    "model": MODEL_FILL,
    "code": GREEN,
}
OURS: Sizes = {"base": 334, "libraries": 150, "model": 63, "code": 0.3}
TORCH: Sizes = {"libraries": 359, "torch": 580, "model": 31, "code": 0.3}
LECTURE: Sizes = {"torch": 5142, "code": 0.01}
FIRST_STEP = "ENV PYTHONDONTWRITEBYTECODE"  # of our Dockerfile; what is below is the base image


def sizes_of(history: list[engine.Details]) -> dict[Content, float]:
    """Return what the steps of one of our images added, in MB.

    `history` is the engine's, with the newest step first.
    """
    found: dict[Content, float] = dict.fromkeys(("base", "libraries", "model", "code"), 0.0)
    below = False
    for step in history:
        below = below or FIRST_STEP in step["CreatedBy"]
        found[_content(step["CreatedBy"], below)] += step["Size"] / 1e6
    return found


def _content(created_by: str, below: bool) -> Content:
    if below:
        return "base"
    if "pip install" in created_by:
        return "libraries"
    return "model" if "/export" in created_by else "code"


def compare(image: str) -> None:
    """Draw the image beside the same service with torch, and beside the lecture's.

    Where no engine has the image, its sizes are those that were measured once, too.
    """
    try:
        client = engine.api()
        with engine.engine_errors():
            ours: Sizes = sizes_of(client.history(image))
        name = texts("image_ours")
    except HostingLabError:
        ours, name = OURS, texts("image_ours_recorded")
    base: Sizes = {"base": ours["base"]}
    draw(
        {
            texts("image_lecture"): {**base, **LECTURE},
            texts("image_torch"): {**base, **TORCH},
            name: ours,
        }
    )


def draw(images: Mapping[str, Sizes]) -> None:
    """Draw one bar for each image, with its contents to scale."""
    figure, axes = plt.subplots(figsize=(10, 1.2 + 0.6 * len(images)), layout="constrained")
    for row, sizes in enumerate(images.values()):
        left = 0.0
        for content, color in COLORS.items():
            width = sizes.get(content, 0.0)
            if width:
                label = texts.table("image_contents")[content]
                axes.barh(row, width, left=left, color=color, label=label)
            left += width
        axes.text(left, row, texts("image_mb", mb=left), va="center")
    axes.set_yticks(range(len(images)), list(images))
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel(texts("image_axis"))
    legend_below(figure, axes, ncols=3)
    plt.show()

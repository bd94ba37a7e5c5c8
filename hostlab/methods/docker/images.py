"""The images of the lessons: whether this machine has them, and how to get them before the network
is gone.
"""

from pathlib import Path

from hostlab.methods.docker import compose, engine, output
from hostlab.runtime.commands import run
from hostlab.runtime.progress import Progress, Sentence, silent
from hostlab.types import Language

VERSIONS = (compose.VERSION, "1.1")  # the lessons update from the first to the second
BASE = "python:3.11-slim"  # their base image; saving it with them needs no extra space


def missing() -> list[str]:
    """Return those of VERSIONS for which the engine does not have both images.

    Raises Unavailable.
    """
    return [version for version in VERSIONS if not compose.images_are_built(version)]


def provide(progress: Progress, saved: Path | None = None) -> None:
    """Load the missing images from the file `saved` where it exists, or else build them.

    Raises Unavailable, or StartFailed with the last lines.
    """
    if missing() and saved and saved.exists():
        progress(Sentence("images.loading_file", file=str(saved)))
        _docker("load", "--input", str(saved), doing=Sentence("images.loading"))
    for version in missing():
        compose.build(progress, version)


def save(file: Path, progress: Progress) -> None:
    """Write all images, and BASE where it exists, into one file.

    Raises Unavailable, StartFailed.
    """
    client = engine.api()
    with engine.engine_errors():
        base = [BASE] if client.images(name=BASE) else []
    names = [f"{image}:{version}" for version in VERSIONS for image in compose.IMAGES]
    arguments = ["save", "--output", str(file), *names, *base]
    _docker(*arguments, doing=Sentence("images.saving"), progress=progress)


def _docker(*arguments: str, doing: Sentence, progress: Progress = silent) -> None:
    result = run(["docker", *arguments], doing, progress)
    if result.exit_status:
        raise output.compose_error(doing.text(Language.EN), result.output.splitlines())

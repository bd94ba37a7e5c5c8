"""The images of the lessons, on this machine: whether they are there, and how they come there before the network goes."""

import subprocess
import time
from pathlib import Path

from hostlab.methods.docker import compose, engine
from hostlab.methods.docker import output as words
from hostlab.types import Progress

VERSIONS = (compose.VERSION, "1.1")  # the lessons update from the first to the second
BASE = "python:3.11-slim"  # what they are made from: saved with them, it takes no room of its own
POLL_S = 0.5


def missing() -> list[str]:
    """Return those of VERSIONS of which the engine does not have both images. Raises Unavailable."""
    return [version for version in VERSIONS if not compose.images_are_built(version)]


def provide(progress: Progress, saved: Path | None = None) -> None:
    """See to it that all images are there: take them from the file `saved` where there is one, else build them.

    Raises Unavailable, or StartFailed with the last lines.
    """
    if missing() and saved and saved.exists():
        progress(f"Loading the Docker images from {saved}.")
        _docker("load", "--input", str(saved), doing="Loading the Docker images")
    for version in missing():
        compose.build(progress, version)


def save(file: Path, progress: Progress) -> None:
    """Write all images, and BASE where it is there, into one file. Raises Unavailable, StartFailed."""
    client = engine.api()
    with engine.asking():
        base = [BASE] if client.images(name=BASE) else []
    names = [f"{image}:{version}" for version in VERSIONS for image in compose.IMAGES]
    _docker(
        "save",
        "--output",
        str(file),
        *names,
        *base,
        doing="Saving the Docker images",
        progress=progress,
    )


def _docker(*arguments: str, doing: str, progress: Progress = lambda sentence: None) -> None:
    process = subprocess.Popen(
        ["docker", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    began = time.monotonic()
    try:
        while process.poll() is None:
            progress(f"{doing}: {time.monotonic() - began:.0f} s")
            time.sleep(POLL_S)
    finally:  # Ctrl-C too
        process.kill()
        said = process.communicate()[1]
    if process.returncode:
        raise words.failure(doing, said.splitlines())

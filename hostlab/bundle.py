"""A folder for a USB stick, from which other machines are set up without a network: the project,
its wheels, the Docker images.

    hostlab bundle /media/stick/hosting-lab

On the other machine the folder is copied, and `make setup` in it finds `wheels/` beside the
Makefile and asks no index. Wheels are for one kind of system and one version of Python, down to its
last number: a package may leave out 3.11.2 and take 3.11.7. They are those of the machine that made
them. A second machine of another kind adds its own to the same folder.
"""

import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections import deque
from pathlib import Path

from hostlab.errors import BadInput, HostingLabError, StartFailed
from hostlab.runtime.paths import ROOT
from hostlab.types import Progress

DEFAULT = "bundle"  # beside the Makefile, and left out by git
WHEELS, IMAGES, MADE_FOR, README = "wheels", "images.tar", "made-for.txt", "USB.md"
TORCH_INDEX = (
    "https://download.pytorch.org/whl/cpu"  # the Makefile says why torch is fetched apart on Linux
)

_README = """# Hosting Lab on a USB stick

This folder holds the whole project, the Python packages that it needs and, if `images.tar` is here, its Docker images.
Nothing is downloaded. The packages are for: {made_for}. A later last number, such as 3.12.9 in place of 3.12.4, works as well.
Another system, or another version of Python, cannot use them.

1. Copy the whole folder to the disk of the computer.
2. In a terminal, in that folder: `make setup`. It takes a few minutes.
3. `make lab` opens the lessons, `make demo` the demo. `.venv/bin/hostlab doctor --class` says what works on this computer.

Without make (Windows), in PowerShell, in place of step 2:

```
py -m venv .venv
.venv\\Scripts\\pip install --no-index --find-links wheels -e .[test]
docker load --input images.tar
```

The last line is for computers with a Docker engine. They use the images as they are: a change of the services' code builds
new ones, and that needs the internet.

Who has the project already, and only lacks the packages: `make setup BUNDLE=/path/to/this/folder`.
"""


def make(folder: Path, progress: Progress) -> list[str]:
    """Write the project, its wheels and, where there is an engine, its images into `folder`; return
    a sentence on each.

    Raises BadInput where the folder cannot be one, StartFailed with pip's last lines where a
    package cannot be had.
    """
    folder = folder.expanduser().resolve()
    if (
        folder == ROOT
        or ROOT.is_relative_to(folder)
        or (folder.is_relative_to(ROOT) and folder != ROOT / DEFAULT)
    ):
        raise BadInput(
            f"{folder} is, holds or lies in the project itself. Name another folder, such as one "
            "on the stick."
        )
    folder.mkdir(parents=True, exist_ok=True)
    progress("Copying the project")
    _copy_project(folder)
    made_for = fill_wheels(folder / WHEELS, progress)
    images_said = _save_images(folder / IMAGES, progress)
    (folder / README).write_text(_README.format(made_for=made_for), encoding="utf-8")
    return [
        f"The project, without its git history: {folder}",
        f"Packages, for {made_for}: {_size(folder / WHEELS)}",
        images_said,
    ]


def fill_wheels(folder: Path, progress: Progress) -> str:
    """Put every package that `make setup` installs into `folder`, as wheels; return for which
    systems there are some. Raises StartFailed.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["test"],
    ]
    if sys.platform == "linux":
        torch = next(one for one in needed if one.startswith("torch=="))
        try:
            _pip(
                folder,
                [
                    "--no-deps",
                    "--retries",
                    "2",
                    "--timeout",
                    "15",
                    "--extra-index-url",
                    TORCH_INDEX,
                    f"{torch}+cpu",
                ],
                progress,
            )
        except StartFailed:
            progress(
                "There is no CPU build of torch within reach: taking the package index's, a "
                "larger one."
            )
    _pip(folder, needed, progress)
    note = folder / MADE_FOR
    here = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    known = note.read_text(encoding="utf-8").splitlines() if note.exists() else []
    note.write_text("\n".join(sorted({*known, here})) + "\n", encoding="utf-8")
    return ", ".join(note.read_text(encoding="utf-8").splitlines())


def _pip(folder: Path, what: list[str], progress: Progress) -> None:
    """Run `pip wheel`, so that what the index has only as source is built here, where there may be
    a compiler, and not there.
    """
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--progress-bar",
        "off",
        "--wheel-dir",
        str(folder),
        "--find-links",
        str(folder),
        *what,
    ]
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines: deque[str] = deque(maxlen=15)
    for line in process.stdout:  # Ctrl-C reaches pip, too
        lines.append(line.rstrip())
        if line.startswith(("Collecting", "  Downloading", "Saved")):
            progress(line.strip())
    process.wait()
    if process.returncode:
        raise StartFailed(
            "Not every package could be fetched as a wheel. Check the connection and try again: "
            "what is there already stays.",
            "\n".join(lines),
        )


def _save_images(file: Path, progress: Progress) -> str:
    from hostlab.methods.docker import images  # only here: all else works without it

    try:
        images.provide(progress)
        images.save(file, progress)
    except HostingLabError as error:
        return f"No Docker images, so the stick is for lessons 00 to 02 and 05. {error}"
    return f"Docker images: {file.stat().st_size / 1e9:.1f} GB"


def _copy_project(folder: Path) -> None:
    """Copy what git would keep, without git's own folder.

    No `.env` with a key in it goes on a stick.
    """
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    left_out = shutil.ignore_patterns(
        ".git", *(line.rstrip("/") for line in lines if line and not line.startswith("#"))
    )
    for here, folders, files in os.walk(ROOT):
        ignored = left_out(here, [*folders, *files])
        folders[:] = [name for name in folders if name not in ignored]
        there = folder / Path(here).relative_to(ROOT)
        there.mkdir(exist_ok=True)
        for name in files:
            if name not in ignored:
                shutil.copyfile(
                    Path(here) / name, there / name
                )  # without modes and dates, which many sticks do not know


def _size(folder: Path) -> str:
    return f"{sum(file.stat().st_size for file in folder.iterdir()) / 1e6:.0f} MB"

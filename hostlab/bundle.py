"""A folder for a USB stick, from which other machines are set up without a network.

    hostlab bundle /media/stick/hosting-lab

The folder holds the project, its wheels, the exported model, and the Docker images. On the other
machine, copy the folder and run `make setup` in it: it finds `wheels/` and `exports/` next to the
Makefile, and needs no package index.
Wheels are for one operating system and one version of Python, down to the patch release, because
a package may exclude 3.11.2 and accept 3.11.7. They are those of the machine that created them. A
machine of another kind can add its own to the same folder.
"""

import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections import deque
from pathlib import Path

from deployments.model.source import SHIPPED
from hostlab.errors import BadInput, ExportFailed, HostingLabError, StartFailed
from hostlab.runtime import exports
from hostlab.runtime.paths import ROOT, python_module
from hostlab.runtime.progress import Progress, Sentence, verbatim

DEFAULT = "bundle"  # next to the Makefile, and ignored by git
WHEELS, IMAGES, MADE_FOR, README = "wheels", "images.tar", "made-for.txt", "USB.md"
SITE = "site"  # where `make site` writes the executed course
# The Makefile says why torch comes from an index of its own on Linux.
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"

_README = """# Hosting Lab on a USB stick

This folder holds the whole project, the Python packages that it needs, the exported model that the
services run and, if `images.tar` is here, its Docker images. Nothing is downloaded. The packages
are for: {made_for}. A later patch release, such as 3.12.9 instead of 3.12.4, works as well. Other
systems and other versions of Python cannot use them.

1. Copy the whole folder to the computer's disk.
2. Open a terminal in that folder and run `make setup`. It takes a few minutes.
3. `make lab` opens the lessons, and `make demo` opens the demo. To see what works on this computer,
   run `.venv/bin/hostlab doctor --class`.

If `site` is here, `site/index.html` shows the lessons as they ran on another computer, also those
that need a tool that you don't have.

Without make (Windows), run these commands in PowerShell instead of step 2:

```
py -m venv .venv
.venv\\Scripts\\pip install --no-index --find-links wheels -c constraints.txt -e .[test]
.venv\\Scripts\\hostlab export
docker load --input images.tar
```

The last command is for computers with a Docker engine. They use the images as they are. After a
change to the services' code, new images are built, which needs the internet.

If you already have the project and lack only the packages, run
`make setup BUNDLE=/path/to/this/folder`.
"""


def make(folder: Path, progress: Progress) -> list[str]:
    """Write the project, its wheels, its model, and, if there is an engine, its images to `folder`.

    Returns a sentence about each. Raises BadInput if the folder cannot be used or written, and
    StartFailed with pip's last lines if a package cannot be downloaded.
    """
    folder = folder.expanduser().resolve()
    if (
        folder == ROOT
        or ROOT.is_relative_to(folder)
        or (folder.is_relative_to(ROOT) and folder != ROOT / DEFAULT)
    ):
        raise BadInput(
            f"{folder} is, contains, or is inside the project itself. Name another folder, such as "
            "one on the stick."
        )
    try:
        return _fill(folder, progress)
    except OSError as error:
        raise BadInput(
            f"{folder} cannot be written: {error}. Free some space, or name another folder."
        ) from error


def _fill(folder: Path, progress: Progress) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    progress(Sentence("bundle.project"))
    _copy_project(folder)
    made_for = fill_wheels(folder / WHEELS, progress)
    site_note = _copy_site(folder / SITE)
    export_note = _copy_export(folder / exports.FOLDER, progress)
    images_note = _save_images(folder / IMAGES, progress)
    (folder / README).write_text(_README.format(made_for=made_for), encoding="utf-8")
    return [
        f"The project, without its git history: {folder}",
        f"Packages, for {made_for}: {_size(folder / WHEELS)}",
        export_note,
        images_note,
        site_note,
    ]


def fill_wheels(folder: Path, progress: Progress) -> str:
    """Put every package that `make setup` installs into `folder`, as wheels.

    Returns the systems that the folder has wheels for. Raises StartFailed.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["test"],
    ]
    if sys.platform == "linux":
        torch = next(one for one in needed if one.startswith("torch=="))
        options = ["--no-deps", "--retries", "2", "--timeout", "15"]
        try:
            _pip_wheel(
                folder, [*options, "--extra-index-url", TORCH_INDEX, f"{torch}+cpu"], progress
            )
        except StartFailed:
            progress(Sentence("bundle.larger_torch"))
    _pip_wheel(folder, needed, progress)
    note = folder / MADE_FOR
    here = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    known = note.read_text(encoding="utf-8").splitlines() if note.exists() else []
    systems = sorted({*known, here})
    note.write_text("\n".join(systems) + "\n", encoding="utf-8")
    return ", ".join(systems)


def _pip_wheel(folder: Path, arguments: list[str], progress: Progress) -> None:
    """Run `pip wheel`, so that source packages are built here, where there may be a compiler."""
    folder.mkdir(exist_ok=True)
    pip = python_module("pip", "wheel", "--progress-bar", "off")
    pip += ["--constraint", str(ROOT / "constraints.txt")]
    process = subprocess.Popen(
        [*pip, "--wheel-dir", str(folder), "--find-links", str(folder), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines: deque[str] = deque(maxlen=15)
    for line in process.stdout or ():  # Ctrl-C reaches pip, too
        lines.append(line.rstrip())
        if line.startswith(("Collecting", "  Downloading", "Saved")):
            progress(verbatim(line.strip()))
    if process.wait():
        raise StartFailed(
            "Some packages could not be downloaded as wheels. Check the connection and try again. "
            "What was downloaded is kept.",
            "\n".join(lines),
        )


def _copy_site(folder: Path) -> str:
    """Copy the executed course, if there is one."""
    if not (ROOT / SITE).is_dir():
        return (
            "The executed course is not included. To include it, run `make site`, which takes "
            "about half an hour, and then this command again."
        )
    shutil.copytree(ROOT / SITE, folder, dirs_exist_ok=True)
    return f"The executed course: {_size(folder)}"


def _copy_export(folder: Path, progress: Progress) -> str:
    """Copy the export of the shipped model. It fits machines with the same versions of packages."""
    try:
        made = exports.provide(str(SHIPPED), progress)
    except ExportFailed as error:
        return f"There is no exported model, so each machine has to make its own. {error}"
    exports.copy(made, folder / made.name)
    return f"The exported model: {exports.size_mb(made):.0f} MB"


def _save_images(file: Path, progress: Progress) -> str:
    # Imported here because everything else works without Docker.
    from hostlab.methods.docker import images

    try:
        images.provide(progress)
        images.save(file, progress)
    except HostingLabError as error:
        return f"There are no Docker images, so the stick is for lessons 00 to 02 and 05. {error}"
    return f"Docker images: {file.stat().st_size / 1e9:.1f} GB"


def _copy_project(folder: Path) -> None:
    """Copy what git tracks or would track, without git's own folder.

    So no `.env` with a key in it is written to a stick.
    """
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = (line.rstrip("/") for line in lines if line and not line.startswith("#"))
    is_ignored = shutil.ignore_patterns(".git", *patterns)
    for here, folders, files in os.walk(ROOT):
        ignored = is_ignored(here, [*folders, *files])
        folders[:] = [name for name in folders if name not in ignored]
        target = folder / Path(here).relative_to(ROOT)
        target.mkdir(exist_ok=True)
        for name in files:
            if name not in ignored:
                # Without modes and dates, which many sticks do not support.
                shutil.copyfile(Path(here) / name, target / name)


def _size(folder: Path) -> str:
    return f"{sum(file.stat().st_size for file in folder.iterdir()) / 1e6:.0f} MB"

"""The commands around the methods: doctor, demo, lab, and bundle."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hostlab.cli.console import err, out, progress_of
from hostlab.runtime.paths import python_module, python_path
from hostlab.types import Language


def doctor(
    in_class: Annotated[
        bool,
        typer.Option("--class", help="Print one line, for teachers: which lessons work here."),
    ] = False,
) -> None:
    """Check this machine: what it has, what is missing, and how to get it.

    The exit status is 1 if nothing works.
    """
    from hostlab.doctor.classroom import class_line
    from hostlab.doctor.report import report
    from hostlab.doctor.verdicts import FAIL

    if not in_class:
        sys.exit(report(out))
    verdict, line = class_line()
    print(f"[{verdict}]", line)
    sys.exit(verdict == FAIL)


def demo(
    port: Annotated[int, typer.Option(help="The page's port.")] = 7860,
    host: Annotated[
        str,
        typer.Option(help="127.0.0.1: only this machine can open it. 0.0.0.0: the class can, too."),
    ] = "127.0.0.1",
    root_path: Annotated[
        str,
        typer.Option(
            help="Behind a proxy: the path (/demo) or whole address at which it shows the page."
        ),
    ] = "",
) -> None:
    """Open the page that sends one text to every running method."""
    # A program of its own, because demo imports hostlab, and so hostlab cannot import demo.
    command = python_module("demo", "--host", host, "--port", str(port))
    command += ["--root-path", root_path] if root_path else []
    _become(command, {"PYTHONPATH": python_path()})


def lab(
    context: typer.Context,
    language: Annotated[
        Language | None,
        typer.Option(help="The lessons' language. By default, that of your locale."),
    ] = None,
) -> None:
    """Open the notebooks in JupyterLab.

    Further options are passed to JupyterLab, such as --no-browser or --port 9999.
    """
    from hostlab.lab import command, environment, prepare, reader_language

    with progress_of("Docker images") as progress:
        note = prepare(progress)
    if note:
        err.print(note, soft_wrap=True)
    _become(command(context.args, language or reader_language()), environment())


def bundle(
    folder: Annotated[
        Path, typer.Argument(help="The folder to write, such as one on a USB stick.")
    ] = Path("bundle"),
) -> None:
    """Write everything that other machines need into one folder.

    You can then set them up without a network.
    """
    from hostlab.bundle import make

    with progress_of("bundle") as progress:
        sentences = make(folder, progress)
    for sentence in sentences:
        out.print(sentence, soft_wrap=True)


def _become(command: list[str], variables: dict[str, str]) -> NoReturn:
    """Continue as another Python program, with these variables added to the environment.

    This process becomes that program, so that a signal for one reaches the other.
    """
    environment = os.environ | variables
    if sys.platform == "win32":  # exec does not keep the terminal there
        sys.exit(subprocess.call(command, env=environment))
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)

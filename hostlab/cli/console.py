"""What all commands share: the two consoles, progress, and common options."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console

from hostlab.deployment import silent
from hostlab.errors import BadInput, HostingLabError
from hostlab.registry import METHODS
from hostlab.types import Progress

_WIDTH = None if sys.stdout.isatty() else 200  # in a file or a pipe, nothing has to be cut
out = Console(highlight=False, width=_WIDTH)
err = Console(stderr=True, highlight=False)

_NAMES = ", ".join(METHODS)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
OneMethod = Annotated[str, typer.Argument(help=f"One of: {_NAMES}.")]
SomeMethods = Annotated[
    list[str] | None,
    typer.Argument(help=f"One or more of: {_NAMES}.", show_default=False),
]
AllMethods = Annotated[bool, typer.Option("--all", help="Every method.")]


def print_error(message: str) -> None:
    """Print an error message to standard error."""
    err.print(message, style="red", markup=False, soft_wrap=True)


def exit_status(error: HostingLabError) -> int:
    """Return 2 for wrong use, and 1 for any other failure."""
    return 2 if isinstance(error, BadInput) else 1


@contextlib.contextmanager
def progress_of(subject: str) -> Iterator[Progress]:
    """Show the progress of long work in one line of a terminal; show nothing elsewhere."""
    if not err.is_terminal:
        yield silent
        return
    with err.status(subject) as spinner:
        yield lambda sentence: spinner.update(f"{subject}: {sentence}")

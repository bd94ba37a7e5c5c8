"""What all commands share: the two consoles, progress, and common options."""

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer
from rich.text import Text

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError, NotRunning
from hostlab.registry import METHODS, get, running
from hostlab.runtime import state
from hostlab.runtime.progress import Progress, silent
from hostlab.terminal import PlainConsole, visible
from hostlab.types import Language

out = PlainConsole()
err = PlainConsole(stderr=True)

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
    err.print(message, style="red", soft_wrap=True)


def print_json(data: Any) -> None:
    """Print data for programs, in ASCII, whatever the encoding of standard output is."""
    print(json.dumps(data, indent=2))


def accept_any_character() -> None:
    """Print a character that is not in the encoding of standard output as an escape.

    Windows writes files and pipes in an encoding of 256 characters. Standard error does so already.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def all_running() -> list[Deployment]:
    """Return all methods that run. Raises NotRunning, or StateUnusable where none can be known."""
    services = running()
    if not services:
        state.require_writable()
        raise NotRunning("No method runs. Start one: `hostlab up in-process`.")
    return services


def chosen_methods(methods: list[str] | None, all_: bool) -> list[Deployment]:
    """Return the methods that a command is about. Raises BadInput."""
    if bool(methods) == all_:
        names = ", ".join(METHODS)
        raise BadInput(f"Name one or more methods, or use --all. The methods are: {names}.")
    return [get(name) for name in dict.fromkeys(methods or METHODS)]


def exit_status(error: HostingLabError) -> int:
    """Return 2 for wrong use, and 1 for any other failure."""
    return 2 if isinstance(error, BadInput) else 1


@contextlib.contextmanager
def progress_of(subject: str) -> Iterator[Progress]:
    """Show the progress of long work in one line of a terminal; show nothing elsewhere."""
    if not err.is_terminal:
        yield silent
        return
    with spinner(subject) as update:
        yield lambda sentence: update(f"{subject}: {sentence.text(Language.EN)}")


@contextlib.contextmanager
def spinner(sentence: str) -> Iterator[Callable[[str], None]]:
    """Show `sentence` in one line of a terminal, and yield what changes it."""
    # A str would be read as markup here. "line" is in every encoding.
    with err.status(Text(visible(sentence)), spinner="line") as status:
        yield lambda sentence: status.update(Text(visible(sentence)))

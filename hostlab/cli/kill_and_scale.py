"""The commands that change a running method: kill, scale, evict, and rollout."""

import time
from collections.abc import Callable
from typing import Annotated

import typer

from hostlab.cli.console import OneMethod, out, progress_of
from hostlab.registry import get
from hostlab.runtime.progress import Progress, Sentence

Scalable = Annotated[str, typer.Argument(help="docker or kubernetes.")]

rollout = typer.Typer(
    no_args_is_help=True, help="Update a method to another version while it serves, or go back."
)


def kill(
    method: OneMethod,
    component: Annotated[
        str | None,
        typer.Argument(
            help="Which process, container, or pod. The default is one that holds the model."
        ),
    ] = None,
) -> None:
    """Kill one component of a method outright, as a crash would, to see what happens."""
    name = get(method).kill(component)
    out.print(
        f"Killed {name} of {method}. To see what is left, run `hostlab status`. To restart it, run "
        f"`hostlab up {method}`.",
        soft_wrap=True,
    )


def scale(
    method: Scalable,
    replicas: Annotated[int, typer.Argument(min=1, max=16, help="How many replicas of the model.")],
) -> None:
    """Run several replicas of the model behind one API."""
    with progress_of(method) as progress:
        progress(Sentence("command.scaling", replicas=replicas))
        get(method).scale(replicas)
    out.print(f"{method} runs {replicas} model replicas.")


def evict(
    method: Annotated[str, typer.Argument(help="kubernetes.")],
    component: Annotated[
        str | None,
        typer.Argument(help="Which pod. The default is one that holds the model."),
    ] = None,
) -> None:
    """Evict one pod, as the cluster does when a node is drained for maintenance."""
    out.print(f"Evicted {get(method).evict(component)} of {method}.", soft_wrap=True)


@rollout.command()
def update(
    method: Scalable,
    version: Annotated[
        str, typer.Argument(help="The images' tag, which /health reports, such as 1.1.")
    ],
) -> None:
    """Replace the running version while it serves, without losing a request."""
    outcome = f"runs version {version} of its model"
    _timed(method, outcome, lambda progress: get(method).update(version, progress))


@rollout.command()
def undo(method: Scalable) -> None:
    """Go back to the version before this one, in the same way."""
    _timed(method, "is back at its earlier version", get(method).rollback)


def _timed(method: str, outcome: str, work: Callable[[Progress], None]) -> None:
    started = time.monotonic()
    with progress_of(method) as progress:
        work(progress)
    out.print(f"{method} {outcome} at full strength after {time.monotonic() - started:.1f} s.")

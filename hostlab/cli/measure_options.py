"""The options that several commands of `hostlab measure` share."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hostlab.cli.console import all_running
from hostlab.registry import METHODS, get

if TYPE_CHECKING:
    from hostlab.measure.service import Service

Methods = Annotated[
    list[str] | None,
    typer.Argument(
        help=f"Some of: {', '.join(METHODS)}. The default is all of them.", show_default=False
    ),
]
RunningMethods = Annotated[
    list[str] | None,
    typer.Argument(
        help="Some methods that run, or the addresses of other services, such as 127.0.0.1:5000. "
        "The default is all methods that run.",
        show_default=False,
    ),
]
Quick = Annotated[
    bool, typer.Option("--quick", help="Measure less: it is done sooner, with wider intervals.")
]
Spend = Annotated[
    bool, typer.Option("--spend", help="Also measure a provider that charges for each request.")
]
P99 = Annotated[
    float, typer.Option("--p99-ms", min=1, help="The p99 that the simulated replicas have to meet.")
]
MachineHour = Annotated[
    float | None,
    typer.Option(
        "--machine-hour",
        min=0,
        help="What an hour of a machine like this one costs you, in any currency.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="The folder for report.json, .md, and .html. The default is next to the logs.",
    ),
]
Old = Annotated[
    Path | None,
    typer.Option(
        "--compare",
        help="A report.json: show what has changed since, and whether that is more than noise.",
    ),
]
ProgressJson = Annotated[
    bool,
    typer.Option(
        "--progress-json", help="Write progress to standard error as JSON lines, for programs."
    ),
]


def chosen_services(names: list[str] | None) -> "Sequence[Service]":
    """Return the methods and addresses that a command names, or all methods that run.

    Raises BadInput for a name that is neither, and NotRunning where none is named and none runs.
    """
    # Imported here because it takes a moment, and most commands need none of it.
    from hostlab.measure.service import ServiceAt, is_address

    if not names:
        return all_running()
    return [ServiceAt(name) if is_address(name) else get(name) for name in dict.fromkeys(names)]

"""The options that several commands of `hostlab measure` share."""

from pathlib import Path
from typing import Annotated

import typer

from hostlab.registry import METHODS

Methods = Annotated[
    list[str] | None,
    typer.Argument(
        help=f"Some of: {', '.join(METHODS)}. The default is all of them.", show_default=False
    ),
]
RunningMethods = Annotated[
    list[str] | None,
    typer.Argument(help="Some methods that run. The default is all that run.", show_default=False),
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

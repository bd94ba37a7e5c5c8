"""`hostlab measure …`: the five methods compared by figures."""

import json
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ..base import Deployment
from ..errors import BadInput
from ..registry import METHODS, get

if TYPE_CHECKING:
    from .steps import Step
    from .suite import Report

cli = typer.Typer(no_args_is_help=True, help="Compare the methods by figures: all of them, or one part by itself.")
_WIDE = None if sys.stdout.isatty() else 200
out, err = Console(highlight=False, width=_WIDE), Console(stderr=True, highlight=False)

Methods = Annotated[list[str] | None, typer.Argument(help=f"Some of: {', '.join(METHODS)}. Without any: all.", show_default=False)]
Quick = Annotated[bool, typer.Option("--quick", help="Measure less: sooner done, wider intervals.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Spend = Annotated[bool, typer.Option("--spend", help="Measure a provider that is paid by the request, too.")]
P99 = Annotated[float, typer.Option("--p99-ms", min=1, help="The p99 that the simulated replicas have to meet.")]
MachineHour = Annotated[float | None, typer.Option("--machine-hour", min=0, help="What an hour of a machine like this one costs you, in any currency.")]


@cli.command("all")
def everything(
    methods: Methods = None, quick: Quick = False, as_json: Json = False, spend: Spend = False, machine_hour: MachineHour = None, p99_ms: P99 = 200.0
) -> None:
    """Measure every part."""
    from .suite import PARTS

    _run(list(PARTS), methods, quick, as_json, spend, machine_hour, p99_ms)


@cli.command("latency")
def latency(methods: Methods = None, quick: Quick = False, as_json: Json = False, spend: Spend = False) -> None:
    """Cold start, first request, warm p50, p95, p99 at one request at a time, and where the time goes."""
    _run(["cold-start", "latency"], methods, quick, as_json, spend)


@cli.command("throughput")
def throughput(methods: Methods = None, quick: Quick = False, as_json: Json = False, spend: Spend = False) -> None:
    """Texts a second at most, the CPU and memory that takes, and latency at a half and at 70 % of it."""
    _run(["throughput"], methods, quick, as_json, spend)


@cli.command("scalability")
def scalability(methods: Methods = None, quick: Quick = False, as_json: Json = False, spend: Spend = False, p99_ms: P99 = 200.0) -> None:
    """Throughput and p95 at 1, 2, 3 replicas, and a simulation of how many a larger load would take."""
    _run(["scalability"], methods, quick, as_json, spend, p99_ms=p99_ms)


@cli.command("faults")
def faults(methods: Methods = None, quick: Quick = False, as_json: Json = False, spend: Spend = False) -> None:
    """Break each method in six ways under load: what is lost, and how long until all is back."""
    _run(["faults"], methods, quick, as_json, spend)


@cli.command("simplicity")
def simplicity(methods: Methods = None, as_json: Json = False) -> None:
    """Files, lines, moving parts and commands, counted from the project's files."""
    _run(["simplicity"], methods, False, as_json, False)


@cli.command("difficulty")
def difficulty(methods: Methods = None, as_json: Json = False, machine_hour: MachineHour = None) -> None:
    """Tools, room on disk, and what a million requests cost. The machine's cost needs the throughput, so measure all for that."""
    _run(["difficulty"], methods, False, as_json, False, machine_hour)


def _run(
    parts: list[str], methods: list[str] | None, quick: bool, as_json: bool, spend: bool, machine_hour: float | None = None, p99_ms: float = 200.0
) -> None:
    from .report.tables import tables  # numpy comes with it: no other command should wait for that
    from .report.terminal import show
    from .suite import FULL, QUICK, measure

    services: list[Deployment] = [get(name) for name in dict.fromkeys(methods or METHODS)]
    report, interrupted, began = None, False, time.monotonic()
    steps = measure(parts, services, QUICK if quick else FULL, spend, machine_hour, p99_ms)
    try:
        with err.status("Beginning") as spinner:
            for step in steps:
                report = step.result
                spinner.update(_sentence(step, time.monotonic() - began))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        steps.close()  # wherever it was interrupted: what was started for it is stopped
    if report is None:
        raise BadInput("Nothing was measured.")
    if as_json:
        print(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
    else:
        show(tables(report.as_dict()), out)
    if interrupted:
        err.print("Stopped by Ctrl-C: this is what had been measured until then.")
        sys.exit(130)


def _sentence(step: "Step[Report]", elapsed_s: float) -> str:
    left_s = elapsed_s * (1 - step.done) / step.done if step.done > 0.02 else None
    left = "" if left_s is None else f", about {left_s / 60:.0f} min left" if left_s > 90 else f", about {left_s:.0f} s left"
    return f"{step.done:.0%}{left}: {step.sentence}"

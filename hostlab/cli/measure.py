"""`hostlab measure …`: the five methods compared by figures."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, NotRunning
from hostlab.registry import METHODS, get, running

if TYPE_CHECKING:
    from hostlab.measure.steps import Step
    from hostlab.measure.suite import Report

TELL_S = 1.0
cli = typer.Typer(invoke_without_command=True)
_WIDE = None if sys.stdout.isatty() else 200
out, err = Console(highlight=False, width=_WIDE), Console(stderr=True, highlight=False)

Methods = Annotated[
    list[str] | None,
    typer.Argument(help=f"Some of: {', '.join(METHODS)}. Without any: all.", show_default=False),
]
Quick = Annotated[bool, typer.Option("--quick", help="Measure less: sooner done, wider intervals.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Spend = Annotated[
    bool, typer.Option("--spend", help="Measure a provider that is paid by the request, too.")
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
        help="The folder for report.json, .md and .html; else one of its own beside the logs.",
    ),
]
Old = Annotated[
    Path | None,
    typer.Option(
        "--compare",
        help="A report.json: show what has changed since, and whether that is more than noise.",
    ),
]


@cli.callback()
def main(context: typer.Context, compare: Old = None) -> None:
    """Compare the methods by figures: all of them, or one part by itself.

    `--compare OLD.json` stands before the part; without a part, the newest report is compared.
    """
    from hostlab.measure.report.files import newest, read

    context.obj = read(compare) if compare else None
    if context.invoked_subcommand is None:
        if not compare:
            print(context.get_help())
            raise typer.Exit(2)
        if not (file := newest()):
            raise BadInput(
                "There is no newer report yet. Measure first: `hostlab measure --compare OLD.json "
                "all`."
            )
        _compare(context.obj, read(file))


@cli.command("all")
def everything(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    machine_hour: MachineHour = None,
    p99_ms: P99 = 200.0,
    folder: Out = None,
) -> None:
    """Measure every part but `setup`. That takes tens of minutes; --quick is sooner done."""
    from hostlab.measure.suite import PARTS

    _run(
        context,
        [name for name, part in PARTS.items() if not part.asked],
        methods,
        quick,
        as_json,
        folder,
        spend=spend,
        machine_hour=machine_hour,
        p99_ms=p99_ms,
    )


@cli.command()
def latency(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    folder: Out = None,
) -> None:
    """Cold start, first request, warm p50, p95, p99 at one request at a time, and where the time
    goes.
    """
    _run(context, ["cold-start", "latency"], methods, quick, as_json, folder, spend=spend)


@cli.command()
def throughput(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    folder: Out = None,
) -> None:
    """Texts a second at most, the CPU and memory that takes, and latency at a half and at 70 % of
    it.
    """
    _run(context, ["throughput"], methods, quick, as_json, folder, spend=spend)


@cli.command()
def scalability(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    p99_ms: P99 = 200.0,
    folder: Out = None,
) -> None:
    """Throughput and p95 at 1, 2, 3 replicas, and a simulation of how many a larger load would
    take.
    """
    _run(context, ["scalability"], methods, quick, as_json, folder, spend=spend, p99_ms=p99_ms)


@cli.command()
def faults(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    folder: Out = None,
) -> None:
    """Break each method in six ways under load: what is lost, and how long until all is back."""
    _run(context, ["faults"], methods, quick, as_json, folder, spend=spend)


@cli.command()
def simplicity(
    context: typer.Context, methods: Methods = None, as_json: Json = False, folder: Out = None
) -> None:
    """Files, lines, moving parts and commands, counted from the project's files."""
    _run(context, ["simplicity"], methods, False, as_json, folder)


@cli.command()
def difficulty(
    context: typer.Context,
    methods: Methods = None,
    as_json: Json = False,
    machine_hour: MachineHour = None,
    throughput: bool = False,
    folder: Out = None,
) -> None:
    """Tools, room on disk, and what a million requests cost; the machine's part of it only with
    --throughput, which is measured for it.
    """
    _run(
        context,
        ["throughput"] * throughput + ["difficulty"],
        methods,
        False,
        as_json,
        folder,
        machine_hour=machine_hour,
    )


@cli.command()
def setup(
    context: typer.Context, methods: Methods = None, as_json: Json = False, folder: Out = None
) -> None:
    """The first set-up: environments and images made anew, everything fetched again.

    Needs the network, and takes minutes.
    """
    _run(context, ["setup"], methods, False, as_json, folder)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of report.json."""
    from hostlab.measure.report.schema import schema as make

    print(json.dumps(make(), indent=2))


@cli.command()
def load(
    methods: Annotated[
        list[str] | None,
        typer.Argument(help="Some that run. Without any: all that run.", show_default=False),
    ] = None,
    users: Annotated[
        int | None,
        typer.Option(
            "--users",
            min=1,
            help="A closed loop: so many users, each sends when it has its answer.",
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            min=0.1,
            help="An open loop: so many requests a second, whatever the service does.",
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds", min=1, help="How long each method is under load, after the warm-up."
        ),
    ] = 10.0,
    as_json: Json = False,
    spend: Spend = False,
) -> None:
    """Put one load on methods that run, one after the other: throughput, p50, p95, p99, requests
    lost. It starts nothing and writes no report.
    """
    from hostlab.measure.load.measurement import MAX_LEVEL, measure_load
    from hostlab.measure.report.tables import load_table
    from hostlab.measure.report.terminal import show

    if (users is None) == (rate is None):
        raise BadInput(
            "Say either --users or --rate: how many users wait for their answers, or how many "
            "requests come each second."
        )
    kind, level = ("closed", users) if rate is None else ("open", rate)
    if level > MAX_LEVEL[kind]:
        raise BadInput(
            f"{level:g} is more than the load generator can do: at most {MAX_LEVEL['closed']} "
            f"users, or {MAX_LEVEL['open']} requests a second."
        )
    services = [get(name) for name in dict.fromkeys(methods)] if methods else running()
    if not services:
        raise NotRunning("No method runs. Start one: `hostlab up in-process`.")
    with _telling() as tell:
        for step in measure_load(services, kind, level, seconds, spend):
            result = step.result
            tell(f"{step.done:.0%}: {step.sentence}")
    data = asdict(result)
    if as_json:
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        show([load_table(data)], out)


def _run(
    context: typer.Context,
    parts: list[str],
    methods: list[str] | None,
    quick: bool,
    as_json: bool,
    folder: Path | None,
    **options: float | bool | None,
) -> None:
    from hostlab.measure.report.files import (
        all_tables,
        default_folder,
        write,
    )  # numpy comes with these: no other command should wait for that
    from hostlab.measure.report.terminal import show
    from hostlab.measure.suite import FULL, QUICK, measure

    services: list[Deployment] = [get(name) for name in dict.fromkeys(methods or METHODS)]
    report, interrupted, began = None, False, time.monotonic()
    steps = measure(parts, services, QUICK if quick else FULL, **options)
    try:
        with _telling() as tell:
            for step in steps:
                report = step.result
                tell(_sentence(step, time.monotonic() - began))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        steps.close()  # wherever it was interrupted: what was started for it is stopped
    if report is None:
        raise BadInput("Nothing was measured.")
    data = report.as_dict()
    files = write(data, folder or default_folder(report.measured_at))
    if as_json:
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        show(all_tables(data), out)
        if context.obj:
            _compare(context.obj, data)
    err.print(f"Written: {', '.join(map(str, files))}", soft_wrap=True)
    if interrupted:
        err.print("Stopped by Ctrl-C: this is what had been measured until then.")
        sys.exit(130)


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Give a function that tells how far it is: on a terminal in one line that changes, elsewhere
    in a line each second at most.
    """
    if err.is_terminal:
        with err.status("Beginning") as spinner:
            yield spinner.update
        return
    told_at = -TELL_S

    def tell(sentence: str) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TELL_S:
            told_at = time.monotonic()
            err.print(sentence, markup=False, soft_wrap=True)

    yield tell


def _compare(old: dict, new: dict) -> None:
    from hostlab.measure.report.diff import compare
    from hostlab.measure.report.terminal import show

    show([compare(old, new)], out)


def _sentence(step: "Step[Report]", elapsed_s: float) -> str:
    left_s = elapsed_s * (1 - step.done) / step.done if step.done > 0.02 else None
    left = (
        ""
        if left_s is None
        else f", about {left_s / 60:.0f} min left"
        if left_s > 90
        else f", about {left_s:.0f} s left"
    )
    return f"{step.done:.0%}{left}: {step.sentence}"

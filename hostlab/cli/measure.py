"""The commands `hostlab measure …`, which compare the methods by figures.

numpy and pandas take a moment to import, so modules that need them are imported in the functions.
"""

import typer

from hostlab.cli.console import Json, print_json
from hostlab.cli.measure_engines import engines
from hostlab.cli.measure_limit import limit
from hostlab.cli.measure_load import load
from hostlab.cli.measure_options import (
    P99,
    MachineHour,
    Methods,
    Old,
    Out,
    ProgressJson,
    Quick,
    Spend,
)
from hostlab.cli.measure_run import Output, run_parts, show_changes
from hostlab.errors import BadInput

cli = typer.Typer(invoke_without_command=True)
cli.command()(load)
cli.command()(limit)
cli.command()(engines)


@cli.callback()
def main(context: typer.Context, compare: Old = None) -> None:
    """Compare the methods by figures: all of them, or one part by itself.

    `--compare OLD.json` comes before the part. Without a part, the newest report is compared.
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
        show_changes(context.obj, read(file))


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
    progress_json: ProgressJson = False,
) -> None:
    """Measure every part except `setup`. That takes tens of minutes, and less with --quick."""
    from hostlab.measure.suite import PARTS

    parts = [name for name, part in PARTS.items() if not part.optional]
    output = Output(context.obj, as_json, progress_json, folder)
    run_parts(parts, methods, output, quick, spend=spend, machine_hour=machine_hour, p99_ms=p99_ms)


@cli.command()
def latency(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    folder: Out = None,
    progress_json: ProgressJson = False,
) -> None:
    """Measure cold start, first request, and warm p50, p95, and p99 of single requests.

    The report also shows where the time goes.
    """
    output = Output(context.obj, as_json, progress_json, folder)
    run_parts(["cold-start", "latency"], methods, output, quick, spend=spend)


@cli.command()
def throughput(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    folder: Out = None,
    progress_json: ProgressJson = False,
) -> None:
    """Measure the maximum of texts a second, its CPU time and memory, and latency below it.

    Latency is measured at 50 % and at 70 % of the maximum.
    """
    output = Output(context.obj, as_json, progress_json, folder)
    run_parts(["throughput"], methods, output, quick, spend=spend)


@cli.command()
def scalability(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    p99_ms: P99 = 200.0,
    folder: Out = None,
    progress_json: ProgressJson = False,
) -> None:
    """Measure throughput and p95 at 1, 2, and 3 replicas, and simulate larger loads.

    For kubernetes, also measure how soon its autoscaler adds a replica under load.
    """
    output = Output(context.obj, as_json, progress_json, folder)
    run_parts(["scalability"], methods, output, quick, spend=spend, p99_ms=p99_ms)


@cli.command()
def faults(
    context: typer.Context,
    methods: Methods = None,
    quick: Quick = False,
    as_json: Json = False,
    spend: Spend = False,
    folder: Out = None,
    progress_json: ProgressJson = False,
) -> None:
    """Break each method in six ways under load: what is lost, and how long until all is back."""
    output = Output(context.obj, as_json, progress_json, folder)
    run_parts(["faults"], methods, output, quick, spend=spend)


@cli.command()
def simplicity(
    context: typer.Context,
    methods: Methods = None,
    as_json: Json = False,
    folder: Out = None,
    progress_json: ProgressJson = False,
) -> None:
    """Count files, lines, moving parts, and commands in the project's files."""
    run_parts(["simplicity"], methods, Output(context.obj, as_json, progress_json, folder))


@cli.command()
def difficulty(
    context: typer.Context,
    methods: Methods = None,
    as_json: Json = False,
    machine_hour: MachineHour = None,
    throughput: bool = False,
    folder: Out = None,
    progress_json: ProgressJson = False,
) -> None:
    """Count tools and disk space, and say what a million requests cost.

    The cost of the machine needs --throughput, which measures it.
    """
    parts = ["throughput", "difficulty"] if throughput else ["difficulty"]
    output = Output(context.obj, as_json, progress_json, folder)
    run_parts(parts, methods, output, machine_hour=machine_hour)


@cli.command()
def setup(
    context: typer.Context,
    methods: Methods = None,
    as_json: Json = False,
    folder: Out = None,
    progress_json: ProgressJson = False,
) -> None:
    """Measure the first setup: new environments and images, everything downloaded again.

    This needs the network, and takes minutes.
    """
    run_parts(["setup"], methods, Output(context.obj, as_json, progress_json, folder))


@cli.command()
def schema() -> None:
    """Print the JSON Schema of report.json."""
    from hostlab.measure.report.schema import schema as report_schema

    print_json(report_schema())

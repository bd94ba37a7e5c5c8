"""The command `hostlab measure limit`."""

import sys
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hostlab.cli.console import Json, err, out, print_json
from hostlab.cli.measure_options import ProgressJson, RunningMethods, Spend, chosen_services
from hostlab.errors import BadInput

if TYPE_CHECKING:
    from hostlab.measure.limit.measure import LimitResult
    from hostlab.measure.limit.plan import Bound


def limit(
    methods: RunningMethods = None,
    p50_ms: Annotated[float | None, typer.Option("--p50-ms", help="The p50 to keep.")] = None,
    p95_ms: Annotated[
        float | None,
        typer.Option(
            "--p95-ms",
            help="The p95 to keep. Name one percentile; the default is a p95 of 100 ms.",
        ),
    ] = None,
    p99_ms: Annotated[float | None, typer.Option("--p99-ms", help="The p99 to keep.")] = None,
    errors: Annotated[
        float,
        typer.Option("--errors", help="How many requests may get no prediction, in percent."),
    ] = 1.0,
    seconds: Annotated[
        float, typer.Option("--seconds", help="How long the search may take for each method.")
    ] = 120.0,
    as_json: Json = False,
    spend: Spend = False,
    progress_json: ProgressJson = False,
) -> None:
    """Find the highest rate of requests at which running methods keep a bound, one after the other.

    The load is an open loop. Its rate doubles until the bound breaks, and then the interval is
    halved until it is 5 % wide. Ctrl-C prints what was found by then. It starts nothing and writes
    no report.
    """
    from hostlab.cli.measure_progress import errors_as_json, progress_report
    from hostlab.measure.limit.measure import ServiceTarget, measure_limit
    from hostlab.measure.limit.plan import LimitPlan

    result, interrupted = None, False
    with errors_as_json(progress_json):
        plan = LimitPlan(_bound(p50_ms, p95_ms, p99_ms, errors), budget_s=seconds, spend=spend)
        plan.check()
        services = chosen_services(methods)
        targets = {service.method: ServiceTarget(service, spend) for service in services}
        try:
            # closing: wherever it is interrupted, the load ends
            with (
                closing(measure_limit(targets, plan)) as steps,
                progress_report(progress_json) as progress,
            ):
                for step in steps:
                    result = step.result
                    progress(step)
        except KeyboardInterrupt:
            interrupted = True
    if result:
        _show(result, as_json)
    if interrupted:
        if not progress_json:
            err.print("Stopped by Ctrl-C. This is what had been found by then.")
        sys.exit(130)


def _show(result: "LimitResult", as_json: bool) -> None:
    from hostlab.measure.report.limit_table import limit as table_of
    from hostlab.measure.report.limit_table import sentence
    from hostlab.measure.report.terminal import show

    data = asdict(result)
    if as_json:
        print_json(data)
        return
    show([table_of(data)], out)
    for row in data["rows"]:
        out.print(sentence(row, data["plan"]), soft_wrap=True)


def _bound(
    p50_ms: float | None, p95_ms: float | None, p99_ms: float | None, errors: float
) -> "Bound":
    """Return the bound that the options state. Raises BadInput."""
    from hostlab.measure.limit.plan import Bound, Percent

    options: tuple[tuple[Percent, float | None], ...] = ((50, p50_ms), (95, p95_ms), (99, p99_ms))
    named = [(percent, value) for percent, value in options if value is not None]
    if len(named) > 1:
        raise BadInput("Use one of --p50-ms, --p95-ms, and --p99-ms: a search has one bound.")
    return Bound(*named[0], errors) if named else Bound(errors_percent=errors)

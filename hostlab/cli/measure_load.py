"""The command `hostlab measure load`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hostlab.cli.console import Json, out, print_json
from hostlab.cli.measure_options import ProgressJson, RunningMethods, Spend, chosen_services
from hostlab.errors import BadInput

if TYPE_CHECKING:
    from hostlab.measure.load.isolated import LoadKind


def load(
    methods: RunningMethods = None,
    users: Annotated[
        int | None,
        typer.Option(
            "--users", min=1, help="A closed loop: each user sends after its last response."
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            min=0.1,
            help="An open loop: this many requests a second, whatever the service does.",
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
    progress_json: ProgressJson = False,
) -> None:
    """Put one load on running methods, or on services by their addresses, one after the other.

    Prints throughput, p50, p95, p99, and requests lost. It starts nothing and writes no report.
    """
    from hostlab.cli.measure_progress import errors_as_json, progress_report
    from hostlab.measure.report.performance_tables import load as load_table
    from hostlab.measure.report.terminal import show
    from hostlab.measure.single_load import measure_load
    from hostlab.measure.steps import finish

    with errors_as_json(progress_json):
        kind, level = _kind_and_level(users, rate)
        services = chosen_services(methods)
        with progress_report(progress_json) as progress:
            result = finish(measure_load(services, kind, level, seconds, spend), progress)
    data = asdict(result)
    if as_json:
        print_json(data)
    else:
        show([load_table(data)], out)


def _kind_and_level(users: int | None, rate: float | None) -> tuple["LoadKind", float]:
    """Return which loop it is, and its users or requests a second. Raises BadInput."""
    from hostlab.measure.single_load import MAX_LEVEL

    kind: LoadKind
    if users is not None and rate is None:
        kind, level = "closed", float(users)
    elif rate is not None and users is None:
        kind, level = "open", rate
    else:
        raise BadInput(
            "Use either --users, for how many users wait for their responses, or --rate, for how "
            "many requests are sent each second."
        )
    if level > MAX_LEVEL[kind]:
        raise BadInput(
            f"{level:g} is more than the load generator can do: at most {MAX_LEVEL['closed']} "
            f"users, or {MAX_LEVEL['open']} requests a second."
        )
    return kind, level

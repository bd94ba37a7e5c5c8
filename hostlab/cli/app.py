"""The command line: `hostlab`.

The exit status is 0, 1 (failure), or 2 (wrong use). With --json, standard output is JSON and
nothing else.
"""

import sys

import typer

from hostlab.cli import (
    autoscale,
    check,
    doctor_demo_lab,
    export,
    kill_and_scale,
    measure,
    score,
    start_and_predict,
    stop,
)
from hostlab.cli.console import accept_any_character, exit_status, print_error
from hostlab.errors import HostingLabError

cli = typer.Typer(
    name="hostlab",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One text classifier, hosted in five ways: start, send text, compare, break.",
)
cli.command()(doctor_demo_lab.doctor)
cli.command()(export.export)
cli.command()(start_and_predict.up)
cli.command()(stop.down)
cli.command()(start_and_predict.status)
cli.command()(start_and_predict.predict)
cli.command()(start_and_predict.logs)
cli.command()(kill_and_scale.kill)
cli.command()(kill_and_scale.scale)
cli.command()(autoscale.autoscale)
cli.command()(kill_and_scale.evict)
cli.command()(check.check)
cli.command()(doctor_demo_lab.demo)
cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
    doctor_demo_lab.lab
)
cli.command()(doctor_demo_lab.bundle)
cli.command()(score.score)
cli.add_typer(kill_and_scale.rollout, name="rollout")
cli.add_typer(measure.cli, name="measure")


def main() -> None:
    """Run the command line.

    Errors of this project are printed, and set exit status 1, or 2 for wrong use.
    """
    accept_any_character()
    try:
        cli()
    except HostingLabError as error:
        print_error(str(error))
        sys.exit(exit_status(error))

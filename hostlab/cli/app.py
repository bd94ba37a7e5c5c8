"""The command line: `hostlab`.

The exit status is 0, 1 (failure), or 2 (wrong use). With --json, standard output is JSON and
nothing else.
"""

import sys

import typer

from hostlab.cli import changes, measure, services, tools
from hostlab.cli.console import print_error
from hostlab.errors import BadInput, HostingLabError

cli = typer.Typer(
    name="hostlab",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One text classifier, hosted in five ways: start, send text, compare, break.",
)
cli.command()(tools.doctor)
cli.command()(services.up)
cli.command()(services.down)
cli.command()(services.status)
cli.command()(services.predict)
cli.command()(services.logs)
cli.command()(changes.kill)
cli.command()(changes.scale)
cli.command()(changes.evict)
cli.command()(tools.demo)
cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(tools.lab)
cli.command()(tools.bundle)
cli.add_typer(changes.rollout, name="rollout")
cli.add_typer(measure.cli, name="measure")


def main() -> None:
    """Run the command line.

    Errors of this project are printed, and set exit status 1, or 2 for wrong use.
    """
    try:
        cli()
    except HostingLabError as error:
        print_error(str(error))
        sys.exit(2 if isinstance(error, BadInput) else 1)

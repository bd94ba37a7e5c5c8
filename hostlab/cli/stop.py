"""The command `hostlab down`."""

import sys
from typing import Annotated

import typer

from hostlab.cli.console import (
    AllMethods,
    SomeMethods,
    chosen_methods,
    err,
    out,
    print_error,
    progress_of,
)
from hostlab.deployment import Deployment
from hostlab.errors import Unavailable, explain
from hostlab.runtime import state
from hostlab.runtime.progress import Sentence


def down(
    methods: SomeMethods = None,
    all_: AllMethods = False,
    everybody: Annotated[
        bool,
        typer.Option("--everybody", help="Also stop the runs of other people on this machine."),
    ] = False,
) -> None:
    """Stop methods.

    With --all: everything that you started with hostlab, and nothing that was started by hand.
    """
    failed = False
    for deployment in chosen_methods(methods, all_):
        try:
            _stop(deployment, all_)
            if everybody:
                _stop_others(deployment)
        except Exception as error:  # the other methods are stopped all the same
            failed = True
            print_error(f"{deployment.method}: {explain(error)}")
    if failed:
        sys.exit(1)


def _stop(deployment: Deployment, all_: bool) -> None:
    method, status = deployment.method, deployment.status()
    if status.state in ("stopped", "unavailable"):
        if not all_:
            err.print(f"{method} does not run. {status.reason or ''}".strip(), soft_wrap=True)
        known = state.read(method)
        deployment.forget()
        if status.state == "unavailable" and known:
            raise Unavailable(f"What runs of it cannot be stopped now. {status.reason}")
    elif all_ and status.run_id is None:
        out.print(
            f"{method} was started by hand and keeps running. To stop it, run "
            f"`hostlab down {method}`.",
            soft_wrap=True,
        )
    else:
        with progress_of(method) as progress:
            progress(Sentence("command.stopping"))
            deployment.stop()
        out.print(f"{method} is stopped.")


def _stop_others(deployment: Deployment) -> None:
    if deployment.missing_tools():
        return
    with progress_of(deployment.method) as progress:
        progress(Sentence("command.stopping_others"))
        owners = deployment.supervisor.end_others()
    for owner in owners:
        out.print(f"{deployment.method} of {owner} is stopped.", soft_wrap=True)

"""The command line: `hostlab`.

Exit status 0, 1 (it failed), 2 (wrong use). With --json, standard output holds JSON and nothing
else.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from hostlab.cli.measure import cli as measure
from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError, NotRunning
from hostlab.registry import METHODS, get, running, statuses
from hostlab.runtime.log_follower import follow as follow_logs
from hostlab.types import Progress, Status

cli = typer.Typer(
    name="hostlab",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One text classifier, hosted in five ways: start, ask, compare, break.",
)
rollout = typer.Typer(
    no_args_is_help=True, help="Update a method to another version while it serves, or go back."
)
cli.add_typer(rollout, name="rollout")
cli.add_typer(measure, name="measure")
_WIDE = None if sys.stdout.isatty() else 200  # in a file or a pipe nothing needs to be cut
out, err = Console(highlight=False, width=_WIDE), Console(stderr=True, highlight=False)

Methods = Annotated[
    list[str] | None,
    typer.Argument(help=f"One or more of: {', '.join(METHODS)}.", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="Every method.")]
Rolling = Annotated[str, typer.Argument(help="docker or kubernetes.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def main() -> None:
    """Run the command line; the errors of this project become a sentence and exit status 1 (2 for
    wrong use).
    """
    try:
        cli()
    except BadInput as error:
        _complain(str(error))
        sys.exit(2)
    except HostingLabError as error:
        _complain(str(error))
        sys.exit(1)


@cli.command()
def doctor(
    in_class: Annotated[
        bool,
        typer.Option(
            "--class", help="One line, for the teacher of a class: which lessons work here."
        ),
    ] = False,
) -> None:
    """Check this machine: what is there, what is missing, what for, and how to get it.

    Exit status 1 where nothing works.
    """
    from hostlab.doctor import FAIL, report

    if not in_class:
        sys.exit(report(out))
    from hostlab.classroom import judge

    verdict, says = judge()
    print(f"[{verdict}]", says)
    sys.exit(verdict == FAIL)


@cli.command()
def up(methods: Methods = None, all_: All = False) -> None:
    """Start methods; they stay until stopped. What runs already stays as it is."""
    failed = 0
    for deployment in _chosen(methods, all_):
        status = deployment.status()
        if all_ and status.state == "unavailable":
            err.print(
                f"{deployment.method}: left out. {status.reason}", markup=False, soft_wrap=True
            )
            continue
        try:
            started = time.monotonic()
            with _progress(deployment.method) as progress:
                deployment.start(keep=True, progress=progress)
            how = (
                "runs already"
                if status.state == "running"
                else f"answers after {time.monotonic() - started:.1f} s"
            )
            out.print(f"{deployment.method} {how}: {deployment.url}", soft_wrap=True)
        except HostingLabError as error:
            failed += 1
            _complain(f"{deployment.method}: {error}")
    if failed:
        sys.exit(1)


@cli.command()
def down(methods: Methods = None, all_: All = False) -> None:
    """Stop methods.

    With --all: everything that this project started, and nothing that somebody started by hand.
    """
    for deployment in _chosen(methods, all_):
        status = deployment.status()
        if status.state in ("stopped", "unavailable"):
            if not all_:
                err.print(f"{deployment.method} does not run.")
            deployment.forget()
        elif all_ and status.run_id is None:
            out.print(
                f"{deployment.method} was started by hand and stays; `hostlab down "
                f"{deployment.method}` stops it.",
                soft_wrap=True,
            )
        else:
            with _progress(deployment.method) as progress:
                progress("Stopping.")
                deployment.stop()
            out.print(f"{deployment.method} is stopped.")


@cli.command()
def status(as_json: Json = False) -> None:
    """Show every method: whether it runs, where, since when; or why it cannot."""
    found = statuses()
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2))
        return
    table = Table(
        *(Column(name, no_wrap=True) for name in ("method", "state", "address", "since")), ""
    )
    for one in found:
        since = time.strftime("%H:%M:%S", time.localtime(one.since)) if one.since else ""
        table.add_row(one.method, one.state, one.url or "", since, one.reason or _note(one))
    out.print(table)


@cli.command()
def predict(
    texts: Annotated[list[str], typer.Argument(help="The texts to label.")],
    method: Annotated[
        list[str] | None,
        typer.Option("--method", help="Ask only this method; may be given several times."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask every running method for a label, one after the other, and compare answers and latency."""
    from hostlab.measure.comparison import ask_in_turn

    services = [get(name) for name in method] if method else running()
    if not services:
        raise NotRunning("No method runs. Start one: `hostlab up in-process`.")
    answers = ask_in_turn(services, texts)
    if as_json:
        print(json.dumps([answer.as_dict() for answer in answers], indent=2, ensure_ascii=False))
    else:
        figures = ("score", "latency ms", "hop", "queue", "model", "upstream")
        columns = (
            Column("method", no_wrap=True),
            "text",
            "label",
            *(Column(name, justify="right", no_wrap=True) for name in figures),
        )
        table = Table(
            *columns, caption="Asked one after the other. A latency is the sum of its four parts."
        )
        for one in answers:
            figures = [
                one.latency_ms,
                *(
                    getattr(one.timing_ms, part) if one.timing_ms else None
                    for part in ("hop", "queue", "model", "upstream")
                ),
            ]
            table.add_row(
                one.method,
                one.text,
                one.label or one.error,
                _number(one.score, 4),
                *(_number(figure, 1) for figure in figures),
            )
        out.print(table)
    if any(answer.error for answer in answers):
        sys.exit(1)


@cli.command()
def logs(
    method: Annotated[str, typer.Argument(help=f"One of: {', '.join(METHODS)}.")],
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Go on printing what comes, until Ctrl-C.")
    ] = False,
    tail: Annotated[
        int, typer.Option("-n", "--tail", min=1, help="How many lines of each part.")
    ] = 20,
) -> None:
    """Print the last lines that a method's parts logged."""
    deployment = get(method)
    if not follow:
        print(deployment.logs(tail) or f"{method} has written no log yet.")
        return
    with contextlib.suppress(KeyboardInterrupt):
        for lines in follow_logs(deployment.logs, tail):
            print(
                lines or f"{method} has written no log yet; what comes is printed, until Ctrl-C.",
                flush=True,
            )


@cli.command()
def kill(
    method: Annotated[str, typer.Argument(help=f"One of: {', '.join(METHODS)}.")],
    part: Annotated[
        str | None,
        typer.Argument(help="Which process, container or pod; else one that holds the model."),
    ] = None,
) -> None:
    """Kill one part of a method outright, as a crash would, to see what happens."""
    out.print(
        f"Killed {get(method).kill(part)} of {method}. `hostlab status` shows what is left; "
        f"`hostlab up {method}` mends it.",
        soft_wrap=True,
    )


@cli.command()
def scale(
    method: Annotated[str, typer.Argument(help="docker or kubernetes.")],
    replicas: Annotated[int, typer.Argument(min=1, max=16, help="How many copies of the model.")],
) -> None:
    """Run several copies of the model behind one API."""
    with _progress(method) as progress:
        progress(f"Scaling to {replicas}.")
        get(method).scale(replicas)
    out.print(f"{method} runs {replicas} model replicas.")


@cli.command()
def evict(
    method: Annotated[str, typer.Argument(help="kubernetes.")],
    part: Annotated[
        str | None, typer.Argument(help="Which pod; else one that holds the model.")
    ] = None,
) -> None:
    """Ask the cluster to move one pod away, as it does when a machine is emptied for maintenance."""
    out.print(f"Evicted {get(method).evict(part)} of {method}.", soft_wrap=True)


@rollout.command()
def update(
    method: Rolling,
    version: Annotated[
        str, typer.Argument(help="What /health will tell, and the images' tag: 1.1")
    ],
) -> None:
    """Replace what runs by another version while it serves, so that no request is lost."""
    _timed(
        method,
        f"runs version {version} of its model",
        lambda progress: get(method).update(version, progress),
    )


@rollout.command()
def undo(method: Rolling) -> None:
    """Go back to the version before this one, in the same way."""
    _timed(method, "is back at its earlier version", get(method).rollback)


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="The page's port.")] = 7860,
    host: Annotated[
        str, typer.Option(help="127.0.0.1 is this machine alone; 0.0.0.0 lets the class room in.")
    ] = "127.0.0.1",
) -> None:
    """Open the page on which one text goes to every running method."""
    from demo.app import main as open_demo

    open_demo(host=host, port=port)


@cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open the notebooks in JupyterLab.

    What follows goes to JupyterLab, such as --no-browser or --port 9999.
    """
    from hostlab.lab import open_lab, prepare

    with _progress("Docker images") as progress:
        said = prepare(progress)
    if said:
        err.print(said, markup=False)
    sys.exit(open_lab(context.args))


@cli.command()
def bundle(
    folder: Annotated[
        Path, typer.Argument(help="Where to, such as a folder on a USB stick.")
    ] = Path("bundle"),
) -> None:
    """Write all that other machines need into one folder: they are set up from it without a
    network.
    """
    from hostlab.bundle import make

    with _progress("bundle") as progress:
        said = make(folder, progress)
    for sentence in said:
        out.print(sentence, soft_wrap=True, markup=False)


def _complain(sentences: str) -> None:
    err.print(sentences, style="red", markup=False, soft_wrap=True)


def _chosen(methods: list[str] | None, all_: bool) -> list[Deployment]:
    if bool(methods) == all_:
        raise BadInput(
            f"Name one or more methods, or say --all. The methods are: {', '.join(METHODS)}."
        )
    return [get(name) for name in dict.fromkeys(METHODS if all_ else methods)]


@contextlib.contextmanager
def _progress(method: str) -> Iterator[Progress]:
    """Show what goes on while it goes on; quiet where nobody looks."""
    if not err.is_terminal:
        yield lambda sentence: None
        return
    with err.status(method) as spinner:
        yield lambda sentence: spinner.update(f"{method}: {sentence}")


def _timed(method: str, done: str, work: Callable[[Progress], None]) -> None:
    started = time.monotonic()
    with _progress(method) as progress:
        work(progress)
    out.print(f"{method} {done} at full strength after {time.monotonic() - started:.1f} s.")


def _note(status: Status) -> str:
    return "started by hand" if status.state == "running" and status.run_id is None else ""


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    main()

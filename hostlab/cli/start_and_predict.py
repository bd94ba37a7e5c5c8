"""The commands that start and use the methods."""

import contextlib
import os
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from hostlab.cli.console import (
    AllMethods,
    Json,
    OneMethod,
    SomeMethods,
    all_running,
    chosen_methods,
    err,
    out,
    print_error,
    print_json,
    progress_of,
)
from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError, explain
from hostlab.registry import get, statuses
from hostlab.runtime import state
from hostlab.runtime.engines import AUTO, ENGINES, SETTING, chosen, require_engine
from hostlab.runtime.log_follower import follow as follow_logs
from hostlab.terminal import print_table
from hostlab.types import Component, Status

if TYPE_CHECKING:
    from hostlab.measure.comparison import MeasuredPrediction

_PARTS = ("hop", "queue", "model", "upstream")


def up(
    methods: SomeMethods = None,
    all_: AllMethods = False,
    engine: Annotated[
        str | None,
        typer.Option(
            help=f"What runs the model, one of: {', '.join(ENGINES)}. docker and kubernetes have "
            "onnx only, and api has none.",
            show_default="MODEL_ENGINE from the environment, or else auto",
        ),
    ] = None,
) -> None:
    """Start methods. They run until you stop them. A method that already runs is left as it is."""
    if engine is not None:
        os.environ[SETTING] = engine  # the processes get it from there
    state.require_writable()
    failed = False
    for deployment in _startable(chosen_methods(methods, all_), all_):
        status = deployment.status()
        if all_ and status.state == "unavailable":
            _print_skipped(deployment, status.reason)
            continue
        try:
            started = time.monotonic()
            with progress_of(deployment.method) as progress:
                deployment.start(keep=True, progress=progress)
            took = f"answers after {time.monotonic() - started:.1f} s"
            outcome = "runs already" if status.state == "running" else took
            out.print(f"{deployment.method} {outcome}: {deployment.url}", soft_wrap=True)
            if status.state in ("running", "failed"):
                _print_other_engine(deployment)
        except Exception as error:  # the other methods start all the same
            failed = True
            print_error(f"{deployment.method}: {explain(error)}")
    if failed:
        sys.exit(1)


def status(as_json: Json = False) -> None:
    """Show every method: whether it runs, where, since when, and with which engine, or why it
    cannot run; and the pods, with the node that each one runs on.
    """
    found = statuses()
    components = {one.method: _components(one) for one in found}
    if as_json:
        listed = {name: [asdict(one) for one in each] for name, each in components.items()}
        print_json([asdict(one) | {"components": listed[one.method]} for one in found])
        return
    print_table(_status_table(found), out)
    if placed := [one for each in components.values() for one in each if one.node]:
        print_table(_nodes_table(placed), out)


def predict(
    texts: Annotated[list[str], typer.Argument(help="The texts to classify.")],
    method: Annotated[
        list[str] | None,
        typer.Option("--method", help="Send them only to this method. You can repeat the option."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Send texts to every running method, in turn, and compare predictions and latency."""
    # Imported here because numpy, which it needs, takes a moment to import.
    from hostlab.measure.comparison import predict_in_turn

    services = [get(name) for name in method] if method else all_running()
    predictions = predict_in_turn(services, texts)
    if as_json:
        print_json([prediction.as_dict() for prediction in predictions])
    else:
        print_table(_predictions_table(predictions), out)
    if any(prediction.error for prediction in predictions):
        sys.exit(1)


def logs(
    method: OneMethod,
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Keep printing new lines until Ctrl-C.")
    ] = False,
    tail: Annotated[
        int, typer.Option("-n", "--tail", min=1, help="How many lines of each component.")
    ] = 20,
) -> None:
    """Print the last lines that a method's components logged."""
    deployment = get(method)
    if not follow:
        print(deployment.logs(tail) or f"{method} has no log yet.")
        return
    with contextlib.suppress(KeyboardInterrupt):
        for lines in follow_logs(deployment.component_logs, tail):
            nothing = f"{method} has no log yet. New lines appear here until you press Ctrl-C."
            print(lines or nothing, flush=True)


def _startable(deployments: list[Deployment], skip: bool) -> list[Deployment]:
    """Return the deployments that have the engine MODEL_ENGINE, before any of them starts.

    Raises BadInput for one that does not, unless `skip` is true: then it is left out.
    """
    chosen()  # raises BadInput for an unknown engine
    startable = []
    for deployment in deployments:
        try:
            require_engine(deployment.method, deployment.engines)
        except BadInput as error:
            if not skip:
                raise
            _print_skipped(deployment, str(error))
        else:
            startable.append(deployment)
    return startable


def _print_skipped(deployment: Deployment, reason: str | None) -> None:
    err.print(f"{deployment.method}: skipped. {reason}", soft_wrap=True)


def _print_other_engine(deployment: Deployment) -> None:
    """Say that a method which ran already has another engine than the one that is set."""
    wanted, runs = chosen(), deployment.status().engine
    if wanted != AUTO and runs and runs != wanted:
        err.print(
            f"{deployment.method} keeps its engine, {runs}. To change it, first run "
            f"`hostlab down {deployment.method}`.",
            soft_wrap=True,
        )


def _status_table(found: list[Status]) -> Table:
    columns = (
        Column(name, no_wrap=True) for name in ("method", "state", "address", "since", "engine")
    )
    table = Table(*columns, "")
    for one in found:
        since = time.strftime("%H:%M:%S", time.localtime(one.since)) if one.since else ""
        known = (one.method, one.state, one.url or "", since, one.engine or "")
        table.add_row(*known, one.reason or _note(one))
    return table


def _components(status: Status) -> list[Component]:
    if status.state not in ("running", "failed", "starting"):
        return []
    try:
        return get(status.method).components()
    except HostingLabError:  # its state says so
        return []


def _nodes_table(components: list[Component]) -> Table:
    columns = (Column(name, no_wrap=True) for name in ("pod", "state", "restarts", "node"))
    table = Table(*columns)
    for one in components:
        table.add_row(one.name, one.state, str(one.restarts), one.node)
    return table


def _note(status: Status) -> str:
    by_hand = status.state == "running" and status.run_id is None
    return "started by hand" if by_hand else ""


def _predictions_table(predictions: "list[MeasuredPrediction]") -> Table:
    figures = ("score", "latency ms", *_PARTS)
    table = Table(
        Column("method", no_wrap=True),
        "text",
        "label",
        *(Column(name, justify="right", no_wrap=True) for name in figures),
        caption="Requests are sent one after the other. A latency is the sum of its four parts.",
    )
    for one in predictions:
        timing = one.timing_ms
        parts = [getattr(timing, part) if timing else None for part in _PARTS]
        times = (_number(figure, 1) for figure in (one.latency_ms, *parts))
        label = one.label or one.error or ""
        table.add_row(one.method, one.text, label, _number(one.score, 4), *times)
    return table


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"

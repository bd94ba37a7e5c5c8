"""The command `hostlab autoscale`."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from hostlab.cli.console import out, progress_of
from hostlab.deployment import Deployment
from hostlab.errors import NoMetrics
from hostlab.registry import get
from hostlab.types import CPU_PERCENT, MAX_REPLICAS, MIN_REPLICAS, Status


class Switch(StrEnum):
    """Whether the load is to set the number of replicas."""

    ON = "on"
    OFF = "off"


def autoscale(
    method: Annotated[str, typer.Argument(help="kubernetes.")],
    switch: Annotated[
        Switch, typer.Argument(help="Off keeps the replicas that run now.")
    ] = Switch.ON,
    minimum: Annotated[
        int, typer.Option("--min", help="The fewest replicas of the model.")
    ] = MIN_REPLICAS,
    maximum: Annotated[
        int, typer.Option("--max", help="The most replicas of the model.")
    ] = MAX_REPLICAS,
    cpu_percent: Annotated[
        int,
        typer.Option(
            "--cpu", help="The mean CPU usage to aim at, in percent of what a replica requests."
        ),
    ] = CPU_PERCENT,
    install_metrics: Annotated[
        bool,
        typer.Option(
            "--install-metrics",
            help="If the cluster has no metrics server, install one until `hostlab down`.",
        ),
    ] = False,
) -> None:
    """Let the load set the number of replicas of the model, or stop doing so (off)."""
    deployment = get(method)
    if switch is Switch.OFF:
        with progress_of(method) as progress:
            deployment.autoscale_off(progress)
        out.print(f"{method} keeps the replicas that it runs now. `hostlab scale` changes that.")
        return
    try:
        _turn_on(deployment, minimum, maximum, cpu_percent, install_metrics)
    except NoMetrics as missing:
        if not (_may_ask() and typer.confirm(f"{missing} {missing.offer} Install it?")):
            raise
        _turn_on(deployment, minimum, maximum, cpu_percent, install_metrics=True)
    out.print(
        f"{method} runs {minimum} to {maximum} model replicas by load, and aims at {cpu_percent} % "
        "of the CPU that a replica requests. For the first 40 s or so, the usage is unknown, and "
        "nothing changes. `hostlab status` shows what it does.",
        soft_wrap=True,
    )


def note(status: Status) -> str:
    """Return what the autoscaler of a method does, or an empty string where it is off."""
    if not (scaler := status.autoscaler):
        return ""
    known = scaler.utilization_percent
    usage = "unknown" if known is None else f"{known} %"
    target = scaler.target_percent
    aim = "" if target is None else f"CPU {usage}, target {target} %; "
    return (
        f"autoscaling, {scaler.minimum} to {scaler.maximum} replicas: {aim}{scaler.ready} of "
        f"{scaler.wanted} ready. {scaler.reason or ''}"
    ).strip()


def _may_ask() -> bool:
    """Return whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _turn_on(
    deployment: Deployment, minimum: int, maximum: int, cpu_percent: int, install_metrics: bool
) -> None:
    with progress_of(deployment.method) as progress:
        deployment.autoscale(
            minimum=minimum,
            maximum=maximum,
            cpu_percent=cpu_percent,
            install_metrics=install_metrics,
            progress=progress,
        )

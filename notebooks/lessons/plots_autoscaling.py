"""The plots of lesson 04 on autoscaling: a rush hour that ran here, and a simulated day."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from hostlab.measure.autoscaler_simulation import Course
from hostlab.measure.load.generator import Load
from hostlab.palette import BLUE, GRAY, GREEN, ORANGE, VERMILION
from notebooks.lessons import texts_autoscaling as texts
from notebooks.lessons.kubernetes_autoscaling import WatchedAutoscaler, p95_ms

BIN_S = 5  # of a p95 during a rush hour
EVERY_S = 60  # one value of each minute is drawn of a day


def rush_hour(load: Load, scaler: WatchedAutoscaler, target_percent: int) -> None:
    """Draw the pods' CPU usage, the pods wanted and ready, and the latency, on one time axis."""
    figure, (cpu, pods, latency) = plt.subplots(
        3, 1, figsize=(10, 6), height_ratios=(2, 2, 3), sharex=True, layout="constrained"
    )
    at_s = [one.at_s for one in scaler.moments]
    used = [np.nan if one.used_percent is None else one.used_percent for one in scaler.moments]
    cpu.plot(at_s, used, drawstyle="steps-post", color=BLUE)
    label = texts.CPU_TARGET.format(percent=target_percent)
    cpu.axhline(target_percent, color=GRAY, linestyle="--", label=label)
    cpu.set(ylabel=texts.CPU_PERCENT, ylim=(0, None))
    cpu.legend(loc="upper left")
    ready = [one.ready for one in scaler.moments]
    pods.fill_between(at_s, ready, step="post", color=GREEN, alpha=0.5, label=texts.READY)
    wanted = [one.wanted for one in scaler.moments]
    pods.plot(at_s, wanted, drawstyle="steps-post", color="black", label=texts.WANTED)
    pods.set(ylabel=texts.PODS, ylim=(0, max(wanted, default=1) + 0.5))
    pods.yaxis.get_major_locator().set_params(integer=True)
    pods.legend(loc="upper left")
    _latency(latency, load)
    end_s = max((one.due_s for one in load.samples), default=1.0)
    latency.set(xlabel=texts.SECONDS, xlim=(0, end_s))
    figure.suptitle(
        texts.RUSH.format(
            requests=len(load.samples), lost=len(load.lost), cost=scaler.pod_seconds(end_s)
        )
    )
    plt.show()


def _latency(axes: Axes, load: Load) -> None:
    served = [one for one in load.samples if one.status == 200]
    axes.plot(
        [one.due_s for one in served],
        [one.latency_ms for one in served],
        ".",
        color=GRAY,
        markersize=3,
        alpha=0.5,
        label=texts.ONE_REQUEST,
    )
    last_s = max((one.due_s for one in load.samples), default=0.0)
    edges = np.arange(0, last_s, BIN_S)
    values = [p95_ms(load, edge, edge + BIN_S) or np.nan for edge in edges]
    label = texts.P95_OF.format(seconds=BIN_S)
    axes.step(edges, values, where="post", color=VERMILION, label=label)
    axes.set(ylabel=texts.LATENCY_MS, yscale="log")
    axes.legend(loc="upper right")


def day(course: Course) -> None:
    """Draw the load of a simulated day, its pods ready and needed, and the p99 with its bound."""
    _, (load, pods, latency) = plt.subplots(
        3, 1, figsize=(10, 6.5), height_ratios=(1.5, 3, 2), sharex=True, layout="constrained"
    )
    hours = np.arange(len(course.ready))[::EVERY_S] / 3600
    # The worst second of each minute: a mean would hide what users notice.
    worst = course.p99_ms[: len(hours) * EVERY_S].reshape(len(hours), -1).max(axis=1)
    load.plot(hours, course.rate_per_s[::EVERY_S], color=BLUE)
    load.set(ylabel=texts.TEXTS_PER_S, ylim=(0, None))
    ready, needed = course.ready[::EVERY_S], course.needed[::EVERY_S]
    pods.fill_between(
        hours, needed, ready, where=ready > needed, color=ORANGE, alpha=0.4, label=texts.OVER
    )
    pods.fill_between(
        hours, needed, ready, where=ready < needed, color=VERMILION, label=texts.UNDER
    )
    pods.plot(hours, ready, color=GREEN, label=texts.READY)
    pods.plot(hours, needed, color="black", linewidth=1, label=texts.NEEDED)
    pods.set(ylabel=texts.PODS, ylim=(0, None))
    pods.legend(loc="upper left", ncols=2)
    latency.plot(hours, worst, color=VERMILION)
    label = texts.BOUND.format(bound=course.bound_ms)
    latency.axhline(course.bound_ms, color=GRAY, linestyle="--", label=label)
    latency.set(ylabel=texts.P99_MS, xlabel=texts.HOUR, yscale="log", xlim=(0, hours[-1]))
    latency.set_xticks(range(0, int(hours[-1]) + 2, 2))
    latency.legend(loc="upper left")
    plt.show()

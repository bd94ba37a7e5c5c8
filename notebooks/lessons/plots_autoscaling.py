"""The plots of lesson 04 on autoscaling: a rush hour that ran here, and a simulated day."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from hostlab.measure.autoscaler_simulation import Course
from hostlab.measure.statistics import quantile
from hostlab.palette import BLUE, GRAY, GREEN, ORANGE, VERMILION
from notebooks.lessons.kubernetes_autoscaling import AutoscaledRush, latencies_ms
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("autoscaling")

BIN_S = 5  # of a p95 during a rush hour
EVERY_S = 60  # one value of each minute is drawn of a day


def rush_hour(rush: AutoscaledRush, target_percent: int, simulated: Course | None = None) -> None:
    """Draw the pods' CPU usage, the pods wanted and ready, and the latency, on one time axis."""
    figure, (cpu, pods, latency) = plt.subplots(
        3, 1, figsize=(10, 6), height_ratios=(2, 2, 3), sharex=True, layout="constrained"
    )
    at_s = [one.at_s for one in rush.moments]
    used = [np.nan if one.used_percent is None else one.used_percent for one in rush.moments]
    cpu.plot(at_s, used, drawstyle="steps-post", color=BLUE)
    label = texts("cpu_target", percent=target_percent)
    cpu.axhline(target_percent, color=GRAY, linestyle="--", label=label)
    known_s = rush.first_use_s()
    if known_s is None or known_s > BIN_S:
        cpu.text(1, target_percent / 2, texts("unknown"), color=GRAY)
    highest = max([target_percent, *(value for value in used if not np.isnan(value))])
    cpu.set(ylabel=texts("cpu_percent"), ylim=(0, 1.2 * highest))
    cpu.legend(loc="upper left")
    ready, wanted = [one.ready for one in rush.moments], [one.wanted for one in rush.moments]
    pods.fill_between(at_s, ready, step="post", color=GREEN, alpha=0.5, label=texts("ready"))
    pods.plot(at_s, wanted, drawstyle="steps-post", color="black", label=texts("wanted"))
    if simulated:
        style = {"color": ORANGE, "linestyle": ":", "linewidth": 2.5, "drawstyle": "steps-post"}
        pods.plot(simulated.wanted, label=texts("simulated"), **style)
    pods.set(ylabel=texts("pods"), ylim=(0, max(wanted, default=1) + 0.5))
    pods.yaxis.set_major_locator(MaxNLocator(integer=True))
    pods.legend(loc="upper left")
    _latency(latency, rush)
    latency.set(xlabel=texts("seconds"), xlim=(0, rush.seconds))
    samples, lost = len(rush.load.samples), len(rush.load.lost)
    figure.suptitle(texts("rush", requests=samples, lost=lost, cost=rush.pod_seconds))
    plt.show()


def _latency(axes: Axes, rush: AutoscaledRush) -> None:
    served = [one for one in rush.load.samples if one.status == 200]
    due_s, took_ms = [one.due_s for one in served], [one.latency_ms for one in served]
    axes.plot(due_s, took_ms, ".", color=GRAY, markersize=3, alpha=0.5, label=texts("one_request"))
    edges = np.arange(0, rush.seconds, BIN_S)
    values = [quantile(latencies_ms(rush.load, edge, edge + BIN_S), 95) for edge in edges]
    label = texts("p95_of", seconds=BIN_S)
    points = [np.nan if value is None else value for value in values]
    axes.step(edges, points, where="post", color=VERMILION, label=label)
    axes.set(ylabel=texts("latency_ms"), yscale="log")
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
    load.set(ylabel=texts("texts_per_s"), ylim=(0, None))
    ready, needed = course.ready[::EVERY_S], course.needed[::EVERY_S]
    pods.fill_between(
        hours, needed, ready, where=ready > needed, color=ORANGE, alpha=0.4, label=texts("over")
    )
    pods.fill_between(
        hours, needed, ready, where=ready < needed, color=VERMILION, label=texts("under")
    )
    pods.plot(hours, ready, color=GREEN, label=texts("ready"))
    pods.plot(hours, needed, color="black", linewidth=1, label=texts("needed"))
    pods.set(ylabel=texts("pods"), ylim=(0, None))
    pods.legend(loc="upper left", ncols=2)
    latency.plot(hours, worst, color=VERMILION)
    label = texts("bound", bound=course.bound_ms)
    latency.axhline(course.bound_ms, color=GRAY, linestyle="--", label=label)
    latency.set(ylabel=texts("p99_ms"), xlabel=texts("hour"), yscale="log", xlim=(0, hours[-1]))
    latency.set_xticks(range(0, int(hours[-1]) + 2, 2))
    latency.legend(loc="upper left")
    plt.show()


def costs(courses: Mapping[int, Course]) -> pd.DataFrame:
    """Return a table of what days with different targets cost, and how often they were late."""
    rows = [
        (
            texts("cost_target", target=target),
            int(one.pods.max()),
            round(one.pod_hours),
            round(one.over_pod_hours),
            texts("cost_seconds", seconds=one.under_s),
            texts("cost_late", share=one.late_share),
        )
        for target, one in courses.items()
    ]
    columns = list(texts.table("cost_columns").values())
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])

"""The plots of lesson 06: five methods side by side.

A method that was not measured has a name and no bar.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from hostlab.measure.parts.latency import ColdStartResult, LatencyResult
from hostlab.measure.parts.throughput import ThroughputResult
from hostlab.measure.statistics import Figure
from hostlab.palette import BLUE, GRAY, GREEN, ORANGE, PART_COLORS, VERMILION
from notebooks.lessons.bad_night import Night
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("compare")

HEIGHT = 0.55


def cold_starts(result: ColdStartResult) -> None:
    """Draw the seconds from start to ready."""
    _, axes = plt.subplots(figsize=(8, 2.6), layout="constrained")
    _bars(
        axes,
        [row.method for row in result.rows],
        [row.start_s for row in result.rows],
        BLUE,
        texts("cold_start_s"),
    )
    plt.show()


def latencies(result: LatencyResult) -> None:
    """Draw p50 and p95 with their intervals (left), and the parts of the mean latency (right)."""
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 3.5), layout="constrained", sharey=True)
    names = [row.method for row in result.rows]
    for place, (label, color, figures) in enumerate(
        (
            ("p50", BLUE, [row.p50_ms for row in result.rows]),
            ("p95", ORANGE, [row.p95_ms for row in result.rows]),
        )
    ):
        _bars(
            left,
            names,
            figures,
            color,
            texts("latency_ms"),
            offset=(place - 0.5) * HEIGHT / 1.5,
            height=HEIGHT / 1.5,
            label=label,
        )
    for number, row in enumerate(result.rows):
        begin = 0.0
        for part, color in PART_COLORS.items():
            width = (getattr(row.split_ms, part) or 0.0) if row.split_ms else 0.0
            name = texts.table("parts")[part] if number == 0 else None
            right.barh(number, width, HEIGHT, left=begin, color=color, label=name)
            begin += width
    right.set_xlabel(texts("latency_ms"))
    for axes in (left, right):
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False)
    plt.show()


def throughput(result: ThroughputResult) -> None:
    """Draw texts per second (left), and memory (right)."""
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 2.6), layout="constrained", sharey=True)
    names = [row.method for row in result.rows]
    _bars(left, names, [row.per_s for row in result.rows], GREEN, texts("per_s"))
    _bars(right, names, [row.peak_memory_mb for row in result.rows], GRAY, texts("memory_mb"))
    plt.show()


def nights(found: Mapping[str, Night]) -> None:
    """Draw the requests that succeeded and were lost, the kill, and the manual restart.

    A row for each method.
    """
    _, axes = plt.subplots(figsize=(11, 1 + 0.75 * len(found)), layout="constrained")
    labels = []
    for number, (method, night) in enumerate(found.items()):
        for good, color in ((True, GREEN), (False, VERMILION)):
            due = [
                sample.due_s - night.killed_s
                for sample in night.samples
                if (sample.status == 200) == good
            ]
            axes.plot(due, [number] * len(due), "|", markersize=17, color=color)
        if night.restarted_s is not None:
            axes.plot(
                [night.restarted_s - night.killed_s],
                [number - 0.42],
                "v",
                color="black",
                markersize=7,
            )
        row = night.row
        labels.append(
            texts("lost_of", method=method, lost=row.lost.value, sent=row.sent.value)
            if row.lost and row.sent
            else f"{method}\n{texts('not_here')}"
        )
    axes.axvline(0, color="black", linewidth=1)
    axes.annotate(
        texts("killed"),
        (0, 1),
        xycoords=("data", "axes fraction"),
        xytext=(3, 3),
        textcoords="offset points",
        fontsize=9,
    )
    for marker, color, label in (
        ("|", GREEN, texts("succeeded")),
        ("|", VERMILION, texts("lost")),
        ("v", "black", texts("restarted")),
    ):
        axes.plot([], [], marker, color=color, label=label)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel=texts("seconds"), ylim=(len(labels) - 0.4, -0.75))
    axes.legend(loc="upper right", ncols=3, bbox_to_anchor=(1, 1.16), frameon=False, fontsize=9)
    plt.show()


def users(p95_ms: Mapping[int, float], bound_ms: float) -> None:
    """Draw p95 by the number of users, with its limit."""
    _, axes = plt.subplots(figsize=(7, 2.8), layout="constrained")
    axes.plot([str(count) for count in p95_ms], list(p95_ms.values()), "o-", color=BLUE)
    axes.axhline(bound_ms, color=VERMILION, linestyle="--", label=texts("bound", bound=bound_ms))
    axes.set(xlabel=texts("users"), ylabel=texts("p95_ms"), ylim=(0, None))
    axes.legend()
    plt.show()


def _bars(
    axes: Axes,
    names: Sequence[str],
    figures: Sequence[Figure | None],
    color: str,
    unit: str,
    **place: Any,
) -> None:
    """Draw a bar for each figure, with its interval if it has one."""
    offset, height, label = (
        place.get("offset", 0.0),
        place.get("height", HEIGHT),
        place.get("label"),
    )
    for number, one in enumerate(figures):
        if one is None:
            axes.annotate(
                texts("not_here"),
                (0, number),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                color=GRAY,
            )
            continue
        errors = None
        if one.low is not None and one.high is not None:
            errors = [[one.value - one.low], [one.high - one.value]]
        bars = axes.barh(
            number + offset,
            one.value,
            height,
            color=color,
            xerr=errors,
            error_kw={"capsize": 2, "linewidth": 1},
        )
        axes.bar_label(bars, fmt="%.3g", padding=4, fontsize=9)
    axes.barh([0], [0], color=color, label=label)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(unit)
    axes.margins(x=0.18)

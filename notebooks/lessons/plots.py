"""The lessons' plots. Each shows what was just measured, with its unit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from statistics import median

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hostlab.measure.comparison import MeasuredPrediction
from hostlab.measure.load.generator import Load, Sample
from hostlab.palette import BLUE, GRAY, GREEN, PART_COLORS, VERMILION
from notebooks.lessons.live import Heartbeat
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.timeline import Row, height_inches
from notebooks.lessons.timeline import draw as draw_rows

texts = LessonTexts("common")

FAILED_SHADES = (VERMILION, "#f0b27a", "#7e3500", GRAY)  # one for each kind of failure


def latencies(latencies_ms: Sequence[float], warm_up: int) -> None:
    """Draw each latency in order, with p50 and p95 of those after the warm-up."""
    figure, axes = plt.subplots(figsize=(8, 3.3), layout="constrained")
    axes.plot(
        range(1, warm_up + 1), latencies_ms[:warm_up], "o", color=GRAY, label=texts("warm_up")
    )
    axes.plot(range(warm_up + 1, len(latencies_ms) + 1), latencies_ms[warm_up:], ".", color=BLUE)
    for percent, style in ((50, "-"), (95, "--")):
        value = np.percentile(latencies_ms[warm_up:], percent)
        label = texts("percentile", percent=percent, value=value)
        axes.axhline(value, color=BLUE, linestyle=style, linewidth=1, label=label)
    axes.set(xlabel=texts("requests_in_order"), ylabel=texts("latency_ms"))
    axes.set_ylim(0, None)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    plt.show()


def split(replies: Mapping[str, Sequence[MeasuredPrediction]]) -> None:
    """Draw the parts of the median latency, one bar for each name."""
    figure, axes = plt.subplots(figsize=(8, 1.5 + 0.6 * len(replies)), layout="constrained")
    for row, named in enumerate(replies.values()):
        left = 0.0
        for part, color in PART_COLORS.items():
            width = median(
                getattr(reply.timing_ms, part) or 0.0 for reply in named if reply.timing_ms
            )
            if width > 0:
                axes.barh(
                    row, width, left=left, color=color, label=texts.table("split_parts")[part]
                )
            left += width
    axes.set_yticks(
        range(len(replies)),
        [texts("of_n", name=name, count=len(named)) for name, named in replies.items()],
    )
    axes.invert_yaxis()
    axes.set_xlabel(texts("median_latency_ms"))
    legend_below(figure, axes, ncols=2)
    plt.show()


def users(outcomes: Mapping[int, Sequence[Sample]], seconds: float) -> None:
    """Draw the latency (left) and the requests per second (right) by the number of clients."""
    _, (left, right) = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
    counts = [str(count) for count in outcomes]
    served = [
        [outcome.latency_ms for outcome in one if outcome.status == 200]
        for one in outcomes.values()
    ]
    for percent, style in ((50, "o-"), (95, "o--")):
        left.plot(
            counts,
            [np.percentile(one, percent) for one in served],
            style,
            color=BLUE,
            label=f"p{percent}",
        )
    right.bar(counts, [len(one) / seconds for one in served], color=GREEN)
    left.set(xlabel=texts("users"), ylabel=texts("latency_ms"), ylim=(0, None))
    right.set(xlabel=texts("users"), ylabel=texts("requests_per_s"))
    left.legend()
    plt.show()


def outage(heartbeat: Heartbeat) -> None:
    """Draw which requests succeeded, which failed, and when each event happened."""
    _, axes = plt.subplots(figsize=(10, 2.2))
    for row, (succeeded, color, name) in enumerate(
        ((False, VERMILION, texts("failed")), (True, GREEN, texts("succeeded")))
    ):
        times = [beat.sent_s for beat in heartbeat.beats if beat.succeeded == succeeded]
        axes.plot(
            times,
            [row] * len(times),
            "|",
            markersize=22,
            color=color,
            label=f"{name}: {len(times)}",
        )
    for name, moment in heartbeat.events.items():
        axes.axvline(moment, color=GRAY, linewidth=1)
        axes.text(moment, 1.62, f" {name}", fontsize=9)
    axes.set_yticks([0, 1], [texts("failed"), texts("succeeded")])
    axes.set(
        xlabel=texts("seconds"), ylim=(-0.6, 2), title=texts("outage", outage_s=heartbeat.outage_s)
    )
    plt.show()


def timeline(load: Load, rows: Sequence[Row] = (), bin_s: float = 0.5) -> None:
    """Draw how many requests succeeded per second, how many failed and how, and the events.

    `load.mark("kill")` records an event. A request counts when its response or error arrives. Call
    this after the load has stopped. `rows` is what happened to the containers or pods meanwhile,
    drawn below on the same time axis.
    """
    came = sorted((one.came_s, one.status or 0) for one in load.samples)
    end_s = max([at_s for at_s, _ in came] + list(load.events.values()), default=0.0)
    # Whole bins only, because an incomplete one would look like a drop.
    edges = np.arange(0, max(end_s, bin_s) + 1e-9, bin_s)
    succeeded = [at_s for at_s, status in came if status == 200]
    failed = Counter(status for _, status in came if status != 200)  # in order of appearance
    heights_inches = [2.0, 2.0, *([height_inches(rows)] if rows else [])]
    figure, both = plt.subplots(
        len(heights_inches),
        1,
        figsize=(10, sum(heights_inches)),
        height_ratios=heights_inches,
        sharex=True,
        layout="constrained",
    )
    for axes, statuses, shades, name in (
        (both[0], [200], [GREEN], texts("succeeded_per_s")),
        (both[1], list(failed), cycle(FAILED_SHADES), texts("failed_per_s")),
    ):
        below = np.zeros(len(edges) - 1)
        for status, shade in zip(statuses, shades, strict=False):
            heights = np.histogram([at_s for at_s, one in came if one == status], edges)[0] / bin_s
            reason = status or texts("no_response")
            label = f"{reason}: {failed[status]}"
            axes.bar(
                edges[:-1],
                heights,
                width=bin_s,
                bottom=below,
                align="edge",
                color=shade,
                edgecolor="white",
                linewidth=0.5,
                label=label,
            )
            below += heights
        axes.set(ylabel=name, ylim=(0, max(1.0, 1.25 * below.max(initial=0))), xlim=(0, edges[-1]))
    if rows:
        draw_rows(both[2], rows)
    mark_events(both, load.events)
    if failed:
        both[1].legend(loc="upper right")
    both[-1].set_xlabel(texts("seconds"))
    gap_s = max(
        (later - earlier for earlier, later in pairwise([0.0, *sorted(succeeded), end_s])),
        default=0.0,
    )
    figure.suptitle(texts("timeline", succeeded=len(succeeded), failed=failed.total(), gap_s=gap_s))
    plt.show()


def mark_events(plots: Sequence[Axes], events: Mapping[str, float]) -> None:
    """Draw a line for each event through plots with one time axis, and its name above them."""
    for axes in plots:
        for moment in events.values():
            axes.axvline(moment, color="black", linewidth=1, linestyle="--")
    for number, (name, moment) in enumerate(sorted(events.items(), key=lambda event: event[1])):
        # Alternate lines, so that the names of two events do not overlap.
        plots[0].annotate(
            name,
            (moment, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, 3 + 11 * (number % 2)),
            textcoords="offset points",
            fontsize=9,
        )


def legend_below(figure: Figure, axes: Axes, ncols: int) -> None:
    """Name below the figure what `axes` shows, each label once."""
    names = {label: handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(
        names.values(), names.keys(), loc="outside lower center", ncols=ncols, frameon=False
    )


def batches(ms_per_text: Mapping[int, float]) -> None:
    """Draw the milliseconds per text by the number of texts in a batch."""
    _, axes = plt.subplots(figsize=(7, 2.8))
    bars = axes.bar([str(count) for count in ms_per_text], list(ms_per_text.values()), color=BLUE)
    axes.bar_label(bars, fmt="%.1f")
    axes.set(xlabel=texts("texts_at_once"), ylabel=texts("ms_per_text"))
    axes.margins(y=0.15)
    plt.show()

"""The plot of an outage that the client and Prometheus saw."""

import matplotlib.pyplot as plt
import numpy as np

from hostlab.palette import BLUE, GREEN, SKY, VERMILION
from notebooks.lessons.plots import legend_below, mark_events
from notebooks.lessons.prometheus import STEP_S, Outage
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("prometheus")

BIN_S = 0.5


def draw(outage: Outage) -> None:
    """Draw what the client saw, what Prometheus computed, and when the alert fired."""
    figure, (client, share, states) = plt.subplots(
        3, 1, figsize=(10, 6), height_ratios=(2, 2, 1.2), sharex=True, layout="constrained"
    )
    end_s = max([*outage.succeeded, *outage.failed, *(at_s for at_s, _ in outage.up)])
    edges = np.arange(0, end_s + BIN_S, BIN_S)
    below = np.zeros(len(edges) - 1)
    for times, color, label in (
        (outage.succeeded, GREEN, texts("succeeded")),
        (outage.failed, VERMILION, texts("failed")),
    ):
        heights = np.histogram(times, edges)[0] / BIN_S
        client.bar(edges[:-1], heights, BIN_S, below, align="edge", color=color, label=label)
        below += heights
    client.set(ylabel=texts("client"), xlim=(0, end_s))
    client.legend(loc="upper right")
    share.plot(
        [at_s for at_s, _ in outage.share], [100 * one for _, one in outage.share], color=BLUE
    )
    label = texts("limit", percent=100 * outage.limit)
    share.axhline(100 * outage.limit, color=VERMILION, linestyle="--", label=label)
    share.set(ylabel=texts("share"), ylim=(0, None))
    share.legend(loc="upper right")
    for row, series, value, color, name in (
        (0, outage.alert, 1.0, SKY, texts("pending")),
        (0, outage.alert, 2.0, VERMILION, texts("firing")),
        (1, outage.up, 1.0, GREEN, texts("up")),
    ):
        spans = [(at_s, STEP_S) for at_s, one in series if one == value]
        states.broken_barh(spans, (row - 0.3, 0.6), color=color, label=name)
    states.set_yticks([0, 1], [texts("the_alert"), texts("the_metrics")])
    states.set(ylim=(1.6, -0.6), xlabel=texts("seconds"))
    legend_below(figure, states, ncols=2)
    events = {texts.table("events")[name]: at_s for name, at_s in outage.events.items()}
    mark_events((client, share, states), events)
    plt.show()

"""The check of lesson 04 on autoscaling: which target is the cheapest that is fast enough?"""

from typing import Any

from hostlab.errors import NoMetrics
from hostlab.methods.kubernetes import metrics
from hostlab.methods.kubernetes.deployment import Kubernetes
from notebooks.lessons.kubernetes_autoscaling import MOST_PODS, AutoscaledRush
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import NotHere, NotSolved, Wrong, check, doing, is_missing, require

texts = LessonTexts("autoscaling")

LOWEST_PERCENT, HIGHEST_PERCENT = 10, 100
RUSH_S = 80.0
BOUND_SHARE = 0.7  # of the p95 that one pod has in the same rush hour


@check
def check_target(target_percent: Any, service: Kubernetes) -> str:
    """Run a rush hour with the student's target.

    At its end, p95 must be below the bound, and with one pod fewer, it must have been above it.
    Both come from the same rush hour, because the autoscaler adds one pod after the other.
    """
    require(service)
    if is_missing(target_percent):
        raise NotSolved(texts("target_unsolved"))
    if not (
        isinstance(target_percent, int)
        and not isinstance(target_percent, bool)
        and LOWEST_PERCENT <= target_percent <= HIGHEST_PERCENT
    ):
        raise Wrong(
            texts(
                "target_no_number", found=target_percent, low=LOWEST_PERCENT, high=HIGHEST_PERCENT
            )
        )
    service.url  # raises NotRunning  # noqa: B018
    try:
        metrics.require(service.supervisor.kubectl)
    except NoMetrics as error:
        raise NotHere(texts("no_metrics", reason=error)) from error
    rush = AutoscaledRush(service, RUSH_S, lambda sentence: doing(str(sentence)))
    rush.run(target_percent)
    return judge(rush, target_percent)


def judge(rush: AutoscaledRush, target_percent: int) -> str:
    """Return what a rush hour showed, or raise Wrong."""
    if rush.first_use_s() is None:
        raise Wrong(texts("target_unknown"))
    alone_ms, end_ms = rush.p95_ms(1), rush.p95_ms(rush.pods)
    if alone_ms is None or end_ms is None:
        raise Wrong(texts("target_short"))
    seen = {
        "target": target_percent,
        "pods": rush.pods,
        "most": MOST_PODS,
        "p95": end_ms,
        "bound": BOUND_SHARE * alone_ms,
        "alone": alone_ms,
        "cost": rush.pod_seconds,
        "sent": len(rush.load.samples),
        "lost": len(rush.load.lost),
    }
    if rush.pods == 1:
        raise Wrong(texts("target_high", **seen))
    if end_ms > seen["bound"]:
        if rush.pods < MOST_PODS:
            raise Wrong(texts("target_slow", **seen))
        raise Wrong(texts("target_no_help", **seen))
    fewer_ms = rush.p95_ms(rush.pods - 1)
    if rush.pods > 2 and fewer_ms is not None and fewer_ms <= seen["bound"]:
        raise Wrong(texts("target_wasteful", fewer=rush.pods - 1, fewer_p95=fewer_ms, **seen))
    return texts("target_ok", **seen)

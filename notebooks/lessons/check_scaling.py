"""The check of lesson 03 on scaling.

It creates a rush hour that is too much for one model container, and sets a limit for p95.
"""

import subprocess
from collections.abc import Callable, Sequence
from typing import Any

from hostlab.measure.load.generator import ClosedLoad, OpenLoad
from hostlab.measure.parts.throughput import rate
from hostlab.measure.parts.throughput import run as load_for
from hostlab.measure.statistics import quantile
from hostlab.methods.docker.deployment import Docker
from notebooks.lessons.docker_containers import NS_PER_S, details_of, models
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, require, run

texts = LessonTexts("docker")

MOST_REPLICAS = 3
CAPACITY_S, RUSH_S, SETTLE_S = 2.5, 4.0, 1.5  # after 1.5 s, the API knows all replicas
RUSH_SHARE, BOUND_SHARE = 1.2, 0.5  # of one container's capacity; of its p95 in the rush hour
RUSH_TIMEOUT_S = 10.0
# CPUs for each model container. With so little, more containers help on any laptop, although the
# clients and the API need CPU time, too.
SMALL_CPUS = 0.35


class RushHour:
    """A load that is slightly too much for one model container.

    Call it to load the service for a few seconds; it returns p95 in milliseconds.

    Meanwhile, each model container is limited to a third of a CPU, as on a small rented machine. A
    lost request counts with its client's timeout as its latency. `seen` has the number of
    containers and the p95 of each call.
    """

    def __init__(self, service: Docker) -> None:
        """Measure the capacity of one container. The service must have exactly one."""
        self.service = service
        self.seen: list[tuple[int, float]] = []
        _limit(service, SMALL_CPUS)
        capacity = load_for(ClosedLoad(service.url, users=16), CAPACITY_S)
        # On a busy computer, it may have answered nothing yet.
        self.rate_per_s = RUSH_SHARE * max(1.0, rate(capacity.samples, CAPACITY_S))

    def __call__(self) -> float:
        _limit(self.service, SMALL_CPUS)
        replicas = len(models(self.service))
        doing(texts("scale_rush", replicas=replicas))
        load = load_for(
            OpenLoad(self.service.url, rate_per_s=self.rate_per_s, timeout_s=RUSH_TIMEOUT_S),
            SETTLE_S + RUSH_S,
        )
        took_ms = [
            one.latency_ms if one.status == 200 else RUSH_TIMEOUT_S * 1000
            for one in load.samples
            if one.due_s >= SETTLE_S
        ]
        p95_ms = quantile(took_ms, 95) or 0.0
        self.seen.append((replicas, p95_ms))
        return p95_ms


@check
def check_scale_until(
    scale_until: Callable[[Docker, RushHour, float], Any], service: Docker
) -> str:
    """Let the student's function scale until p95 in a rush hour is below a limit.

    One container exceeds this limit.
    """
    require(service)
    doing(texts("scale_capacity"))
    service.start()
    if len(models(service)) > 1:
        service.scale(1)
    cpus = details_of(models(service)[0].id)["HostConfig"]["NanoCpus"] / NS_PER_S
    try:
        rush_hour = RushHour(service)
        bound_ms = BOUND_SHARE * rush_hour()
        rush_hour.seen.clear()
        found, tried = run(scale_until, service, rush_hour, bound_ms), list(rush_hour.seen)
    finally:
        _limit(service, cpus)
    _judge_form(found, tried)
    enough = [replicas for replicas, p95_ms in tried if p95_ms < bound_ms]
    if found is None:
        if enough:
            raise Wrong(texts("scale_missed", replicas=enough[0], bound=bound_ms))
        return texts("scale_honest", most=MOST_REPLICAS, bound=bound_ms, measured=_measured(tried))
    if len(models(service)) != found:
        raise Wrong(texts("scale_left", found=found, there=len(models(service))))
    if enough and enough[0] < found:
        raise Wrong(texts("scale_too_many", found=found, replicas=enough[0], bound=bound_ms))
    if found not in enough:
        raise Wrong(texts("scale_slow", found=found, p95=tried[-1][1], bound=bound_ms))
    return texts(
        "scale_ok",
        rate=rush_hour.rate_per_s,
        bound=bound_ms,
        found=found,
        measured=_measured(tried),
    )


def _judge_form(found: Any, tried: Sequence[tuple[int, float]]) -> None:
    """Raise NotSolved or Wrong if the result is not a number, or a number was not measured."""
    if is_missing(found) and not tried:
        raise NotSolved(texts("scale_unsolved"))
    is_number = isinstance(found, int) and not isinstance(found, bool)
    if found is not None and not (is_number and 1 <= found <= MOST_REPLICAS):
        raise Wrong(texts("scale_form", found=found, most=MOST_REPLICAS))
    numbers = {replicas for replicas, _ in tried}
    for replicas in range(1, (found or MOST_REPLICAS) + 1):
        if replicas not in numbers:
            raise Wrong(texts("scale_skipped", found=found, missing=replicas))


def _limit(service: Docker, cpus: float) -> None:
    """Set the CPU limit of every running model container."""
    subprocess.run(
        ["docker", "update", f"--cpus={cpus}", *[one.id for one in models(service)]],
        capture_output=True,
        check=True,
    )


def _measured(tried: list[tuple[int, float]]) -> str:
    return "; ".join(
        texts("scale_tried", replicas=replicas, p95=p95_ms) for replicas, p95_ms in tried
    )

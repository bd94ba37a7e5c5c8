"""A rush hour for an autoscaled service, and what the autoscaler does about it, as the cluster
reports it.
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import ClosedLoad, OpenLoad
from hostlab.measure.statistics import quantile
from hostlab.methods.kubernetes import metrics
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.objects import MODEL
from hostlab.runtime.progress import Progress, verbatim
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("autoscaling")

MOST_PODS = 3
POLL_S = 1.0  # a query costs CPU time, and the autoscaler changes its mind every 15 s
TIMEOUT_S = 30.0  # a request that takes longer counts with it
CALIBRATION_USERS, CALIBRATION_S, WARM_UP_S = 8, 4.0, 1.0
LOAD_SHARE = 0.9  # of what one pod can do at most
SETTLE_S = 2.0  # after a pod is ready, until the API knows it and the queue of the others is short
SHORTEST_S = 5.0  # a p95 of a shorter time would be chance


@dataclass(frozen=True)
class Moment:
    """The pods at one moment of a load, and their CPU usage in percent of what they request."""

    at_s: float
    wanted: int
    ready: int
    used_percent: int | None


class AutoscaledRush:
    """A load that one pod can just carry, with a queue, on a service that is then autoscaled.

    While the autoscaler is on, a pod gets no more CPU than it requests: otherwise, one pod would
    use up a laptop with two cores. `moments`: what the cluster reported, once a second.
    `capacity_per_s`: what one pod can do at most. `pod_cores`: what it gets.
    """

    def __init__(self, service: Kubernetes, seconds: float, progress: Progress) -> None:
        self.service, self.seconds, self._progress = service, seconds, progress
        self.moments: list[Moment] = []
        self.capacity_per_s, self.pod_cores = 0.0, 0.0

    def run(self, target_percent: int) -> None:
        """Autoscale from one pod to MOST_PODS, run the load, and restore two pods.

        Raises HostingLabError, as NoMetrics where the cluster has no metrics server.
        """
        service = self.service
        try:
            service.autoscale_off()  # in case that another terminal turned it on
            service.scale(1)
            service.autoscale(
                minimum=1, maximum=MOST_PODS, cpu_percent=target_percent, progress=self._progress
            )
            self._progress(verbatim(texts("calibrating", seconds=CALIBRATION_S)))
            self.pod_cores = _cpu_limit(service)
            self.capacity_per_s = _capacity_per_s(service.url)
            rate_per_s = LOAD_SHARE * self.capacity_per_s
            self._progress(verbatim(texts("rushing", rate=rate_per_s, seconds=self.seconds)))
            self.load = OpenLoad(service.url, rate_per_s=rate_per_s, timeout_s=TIMEOUT_S)
            self.moments = []
            with self.load, self._watched():
                time.sleep(self.seconds)
        finally:
            service.autoscale_off()
            service.scale(2)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        over = threading.Event()

        def watch() -> None:
            while not over.is_set():
                with contextlib.suppress(HostingLabError):  # a busy cluster may not answer once
                    if scaler := self.service.supervisor.objects().autoscaler:
                        used = scaler.utilization_percent
                        at_s = self.load.elapsed_s
                        self.moments.append(Moment(at_s, scaler.wanted, scaler.ready, used))
                over.wait(POLL_S)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    @property
    def pods(self) -> int:
        """How many pods were ready at the end."""
        return self.moments[-1].ready if self.moments else 0

    @property
    def pod_seconds(self) -> float:
        """What the pods cost: how many were wanted, added up over the seconds."""
        steps = pairwise([0.0, *(one.at_s for one in self.moments[1:]), self.seconds])
        return sum(
            one.wanted * (until_s - since_s)
            for one, (since_s, until_s) in zip(self.moments, steps, strict=True)
        )

    def first_s(self, wanted: int = 0, ready: int = 0) -> float | None:
        """Return when so many pods were first wanted and ready, or None."""
        found = (one.at_s for one in self.moments if one.wanted >= wanted and one.ready >= ready)
        return next(found, None)

    def after(self, wanted: int = 0, ready: int = 0) -> str:
        """Return the same as a sentence's end, or that it did not happen."""
        first_s = self.first_s(wanted, ready)
        return texts("never") if first_s is None else texts("after", seconds=first_s)

    def first_use_s(self) -> float | None:
        """Return when the cluster first knew the pods' CPU usage, or None."""
        return next((one.at_s for one in self.moments if one.used_percent is not None), None)

    def p95_ms(self, pods: int) -> float | None:
        """Return the p95 while so many pods were ready, or None if that was too short."""
        took_ms: list[float] = []
        spans = _spans(self.moments, pods, self.seconds)
        for since_s, until_s in spans:
            took_ms += latencies_ms(self.load, since_s, until_s)
        long_enough = sum(until_s - since_s for since_s, until_s in spans) >= SHORTEST_S
        return quantile(took_ms, 95) if long_enough else None


def _spans(moments: Sequence[Moment], pods: int, end_s: float) -> list[tuple[float, float]]:
    """Return the times in which so many pods were ready, without SETTLE_S after each change."""
    spans: list[tuple[float, float]] = []
    since_s: float | None = None
    for one in moments:
        if one.ready == pods and since_s is None:
            since_s = one.at_s + SETTLE_S
        elif one.ready != pods and since_s is not None:
            spans.append((since_s, one.at_s))
            since_s = None
    if since_s is not None:
        spans.append((since_s, end_s))
    return [span for span in spans if span[1] > span[0]]


def latencies_ms(load: OpenLoad, since_s: float, until_s: float) -> list[float]:
    """Return those of the requests that were due then. A lost one counts with its timeout."""
    return [
        one.latency_ms if one.status == 200 else TIMEOUT_S * 1000
        for one in load.samples
        if since_s <= one.due_s < until_s
    ]


def _capacity_per_s(url: str) -> float:
    with ClosedLoad(url, users=CALIBRATION_USERS) as load:
        time.sleep(CALIBRATION_S)
    served = [one for one in load.samples if one.status == 200 and one.due_s > WARM_UP_S]
    return len(served) / (CALIBRATION_S - WARM_UP_S)


def _cpu_limit(service: Kubernetes) -> float:
    """Return the CPU limit of a model pod in cores; the manifests write 0.2 cores as 200m."""
    template = service.supervisor.objects().deployments[MODEL]["spec"]["template"]
    limit = str(template["spec"]["containers"][0]["resources"]["limits"]["cpu"])
    return int(limit[:-1]) / 1000 if limit.endswith("m") else float(limit)


def has_metrics(service: Kubernetes) -> bool:
    """Return whether the cluster knows the CPU usage of pods; if not, print why and what to do."""
    try:
        metrics.require(service.supervisor.kubectl)
    except HostingLabError as error:
        print(texts("no_metrics", reason=error))
        return False
    return True

"""What the autoscaler of a service does during a load, as the cluster reports it, and its cost."""

import contextlib
import threading
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import Load
from hostlab.measure.statistics import quantile
from hostlab.methods.kubernetes.deployment import Kubernetes

POLL_S = 1.0  # a query costs CPU time, and the autoscaler changes its mind every 15 s
TIMEOUT_S = 30.0  # a request that takes longer counts with it


@dataclass(frozen=True)
class Moment:
    """The pods at one moment of a load, and their CPU usage in percent of what they request."""

    at_s: float
    wanted: int
    ready: int
    used_percent: int | None


@dataclass
class WatchedAutoscaler:
    """What the cluster reports once a second while a load runs."""

    service: Kubernetes
    load: Load
    moments: list[Moment] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(HostingLabError):  # a busy cluster may not answer once
                if scaler := self.service.supervisor.objects().autoscaler:
                    now = self.load.elapsed_s
                    self.moments.append(
                        Moment(now, scaler.wanted, scaler.ready, scaler.utilization_percent)
                    )
            self._over.wait(POLL_S)

    def pod_seconds(self, end_s: float) -> float:
        """Return what the pods cost until then: how many were wanted, added up over the seconds."""
        moments = [one for one in self.moments if one.at_s < end_s]
        if not moments:
            return 0.0
        steps = pairwise([0.0, *(one.at_s for one in moments[1:]), end_s])
        return sum(
            one.wanted * (to - since) for one, (since, to) in zip(moments, steps, strict=True)
        )


def p95_ms(load: Load, since_s: float, until_s: float) -> float | None:
    """Return the p95 of the requests that were due then. A lost one counts with its timeout."""
    took_ms = [
        one.latency_ms if one.status == 200 else TIMEOUT_S * 1000
        for one in load.samples
        if since_s <= one.due_s < until_s
    ]
    return quantile(took_ms, 95)

"""A service under a steady load, and how long it takes to recover from a fault."""

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import OpenLoad, Sample
from hostlab.types import Component

CLIENT_TIMEOUT_S = 2.0
SETTLED_S = 1.5  # every request must succeed for this long
POLL_S = 0.25


@dataclass
class SteadyLoad:
    """An open loop at a constant rate. It continues while the service is down, as clients do.

    `components`: how many components ran at the beginning. `stopping` is set by a caller that does
    not want to wait any longer.
    """

    service: Deployment
    load: OpenLoad
    components: int
    stopping: threading.Event

    @classmethod
    def begin(
        cls, service: Deployment, rate_per_s: float, stopping: threading.Event | None = None
    ) -> "SteadyLoad":
        """Start the load, and return once it has run for a moment."""
        load = OpenLoad(
            service.url,
            rate_per_s=rate_per_s,
            arrivals="constant",
            timeout_s=CLIENT_TIMEOUT_S,
            spend=True,
        ).start()
        steady = cls(service, load, running_components(service), stopping or threading.Event())
        time.sleep(SETTLED_S)
        return steady

    def recovery(
        self, began_s: float, wait_s: float, broken: Collection[Component] = ()
    ) -> float | None:
        """Return the seconds from `began_s` to the recovery, or None where `wait_s` is too short.

        `began_s` is in the load's time. The service has recovered when all components run and no
        request is lost any more. Components that are known to be broken can look healthy for a
        while, or forever, so these count only after a restart.
        """
        complete_since: float | None = None
        while (now_s := self.load.elapsed_s) < began_s + wait_s and not self.stopping.is_set():
            complete = running_components(self.service, broken) >= self.components
            if not complete:
                complete_since = None
            elif complete_since is None:
                complete_since = self.load.elapsed_s
            if complete_since is not None and self._succeeds_again(began_s, now_s):
                # A service whose components all ran at the first poll never lacked one.
                missing_s = complete_since - began_s
                missing_s = 0.0 if missing_s < 2 * POLL_S else missing_s
                return max(0.0, self._last_lost_s(began_s) - began_s, missing_s)
            time.sleep(POLL_S)
        return None

    def end(self) -> list[Sample]:
        """End the load, and return its samples."""
        return self.load.stop()

    def _succeeds_again(self, began_s: float, now_s: float) -> bool:
        """Return whether every request of the last SETTLED_S has succeeded.

        Requests that were due before `judged_s` have been answered or lost by now.
        """
        judged_s = now_s - CLIENT_TIMEOUT_S
        from_s = judged_s - SETTLED_S
        judged = [one for one in list(self.load.samples) if from_s <= one.due_s <= judged_s]
        return from_s >= began_s and bool(judged) and all(one.status == 200 for one in judged)

    def _last_lost_s(self, began_s: float) -> float:
        lost = (one.due_s for one in list(self.load.samples) if one.status != 200)
        return max((due_s for due_s in lost if due_s >= began_s), default=began_s)


def running_components(service: Deployment, broken: Collection[Component] = ()) -> int:
    """Return how many components run. Those in `broken` count only if restarted since."""
    try:
        running = [one for one in service.components() if one.state == "running"]
    except HostingLabError:
        return 0
    before = [(one.id, one.since, one.restarts) for one in broken]
    return sum((one.id, one.since, one.restarts) not in before for one in running)

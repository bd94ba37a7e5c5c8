"""Find the limit of running methods, in a thread. Gradio is not involved."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from demo.guests import Guest
from demo.run_queue import ExclusiveRun, RunQueue
from hostlab import get
from hostlab.errors import BadInput, NotRunning
from hostlab.measure.limit.measure import LimitRow, LimitTarget, ServiceTarget, measure_limit
from hostlab.measure.limit.plan import LimitPlan
from hostlab.measure.load.isolated import IsolatedLoad


@dataclass(frozen=True)
class GuestTarget:
    """A guest, which the page's watcher reports as away when it stops responding."""

    guest: Guest
    spend: bool

    def load(self, rate_per_s: float, seed: int) -> IsolatedLoad:
        """Start an open load. Raises HostingLabError if the guest is away."""
        self.check()
        return IsolatedLoad(self.guest.url, "open", rate_per_s, seed, self.spend).start()

    def check(self) -> None:
        """Raise NotRunning if the guest is away."""
        if self.guest.away_since is not None:
            raise NotRunning(f"{self.guest.name} does not respond. Its owner has to start it.")


class LimitRun(ExclusiveRun):
    """One search, method after method. What is found by the time it is stopped is kept."""

    def __init__(
        self,
        methods: Sequence[str],
        plan: LimitPlan,
        queue: RunQueue,
        guests: Sequence[Guest] = (),
    ) -> None:
        """`methods` may name guests. Raises BadInput if the search is impossible."""
        if not methods:
            raise BadInput("There is no method whose limit to find. Name at least one.")
        plan.check()
        super().__init__(tuple(methods), queue)
        self.plan = plan
        self._guests = {guest.name: guest for guest in guests}
        self.rows: list[LimitRow] = []
        self.began = time.time()
        self.load_average: float | None = None  # of the minute before it began
        self.version = 0  # changes with everything that a page shows

    @property
    def left_s(self) -> float:
        """How many seconds the search takes at most."""
        left_s = self.plan.budget_s * (len(self.methods) - len(self.rows))
        if self.rows and self.rows[-1].ending is None:
            left_s += max(0.0, self.plan.budget_s - self.rows[-1].elapsed_s)
        return left_s

    def run(self) -> None:
        """Search until the end, or until somebody stops it."""
        self.began = time.time()
        self.load_average = psutil.getloadavg()[0]
        targets = {method: self._target(method) for method in self.methods}
        with closing(measure_limit(targets, self.plan)) as steps:
            for step in steps:
                self.rows = step.result.rows
                self.version += 1
                if self.stopping:
                    self.state = "ending"
                    return

    def _target(self, name: str) -> LimitTarget:
        if guest := self._guests.get(name):
            return GuestTarget(guest, self.plan.spend)
        return ServiceTarget(get(name), self.plan.spend)

    def end(self) -> None:
        """Show the final state."""
        self.version += 1

    def as_dict(self) -> dict[str, Any]:
        """Return the search as plain data."""
        return {
            "began": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(self.began)),
            "state": self.state,
            "load_average_before": self.load_average,
            "plan": asdict(self.plan),
            "rows": [asdict(row) for row in self.rows],
        }

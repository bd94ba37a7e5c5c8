"""Find the limit of running methods, in a thread. Gradio is not involved."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from demo.run_queue import ExclusiveRun, RunQueue
from hostlab import get
from hostlab.errors import BadInput
from hostlab.measure.limit.measure import LimitRow, measure_limit
from hostlab.measure.limit.plan import LimitPlan


class LimitRun(ExclusiveRun):
    """One search, method after method. What is found by the time it is stopped is kept."""

    def __init__(self, methods: Sequence[str], plan: LimitPlan, queue: RunQueue) -> None:
        """Raises BadInput if the search is impossible."""
        if not methods:
            raise BadInput("There is no method whose limit to find. Name at least one.")
        plan.check()
        super().__init__(tuple(methods), queue)
        self.plan = plan
        self.rows: list[LimitRow] = []
        self.began = time.time()
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
        services = [get(method) for method in self.methods]
        with closing(measure_limit(services, self.plan)) as steps:
            for step in steps:
                self.rows = step.result.rows
                self.version += 1
                if self.stopping:
                    self.state = "ending"
                    return

    def end(self) -> None:
        """Show the final state."""
        self.version += 1

    def as_dict(self) -> dict[str, Any]:
        """Return the search as plain data."""
        return {
            "began": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(self.began)),
            "state": self.state,
            "plan": asdict(self.plan),
            "rows": [asdict(row) for row in self.rows],
        }

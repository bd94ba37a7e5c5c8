"""What all parts of a measurement share: they yield steps while they work, and the result grows
under way.

    for step in measure_latency(services):
        print(f"{step.done:.0%} {step.sentence}")
    step.result                                 # or, without looking on: finish(measure_latency(services))

Whoever stops in the middle (Ctrl-C) has what was measured until then in the last step's `result`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from hostlab.deployment import Deployment

R = TypeVar("R")


@dataclass(frozen=True)
class Step(Generic[R]):
    """What goes on.

    `done` runs from 0 to 1 in proportion to time, as well as the part knows; `result` is the
    part's, still growing.
    """

    sentence: str
    done: float
    result: R


def finish(steps: Iterator[Step[R]]) -> R:
    """Run a part to its end and return its result."""
    result = None
    for step in steps:
        result = step.result
    return result


def not_running(service: Deployment) -> str | None:
    """Return why a service cannot be measured, or None when it runs."""
    status = service.status()
    if status.state == "running":
        return None
    return (
        status.reason
        or f"It does not run ({status.state}). Start it: `hostlab up {service.method}`."
    )

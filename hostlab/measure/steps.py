"""What all parts of a measurement share: they yield steps while they work, and the result grows.

    for step in measure_latency(services):
        print(f"{step.done:.0%} {step.sentence}")
    step.result        # or, without the progress: finish(measure_latency(services))

When a measurement is interrupted (Ctrl-C), the last step's `result` has what was measured so far.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.measure.service import Service
from hostlab.methods.api.spending import check_spending
from hostlab.runtime.progress import Sentence

R = TypeVar("R")


@dataclass(frozen=True)
class Step(Generic[R]):
    """The progress of a measurement.

    `done` goes from 0 to 1, in proportion to time as far as the part knows it. `result` is the
    part's, and still growing.
    """

    sentence: Sentence
    done: float
    result: R


def finish(
    steps: Iterator[Step[R]], progress: Callable[[Step[R]], object] = lambda step: None
) -> R:
    """Run a part to its end, and return its result. `progress` gets each step."""
    last = next(steps)
    progress(last)
    for last in steps:
        progress(last)
    return last.result


def not_running(service: Service) -> str | None:
    """Return why a service cannot be measured, or None when it runs."""
    status = service.status()
    if status.state == "running":
        return None
    start = f"Start it: `hostlab up {service.method}`."
    return status.reason or f"It does not run ({status.state}). {start}"


def measurable(
    services: Sequence[Deployment], texts: int | None, spend: bool
) -> tuple[list[Deployment], dict[str, str]]:
    """Return the services that can be measured, and by method why the others cannot.

    `texts` is how many texts are about to be sent to each; None: it is not known. A service that
    costs money is measured only if `spend`.
    """
    ready, errors = [], {}
    for service in services:
        try:
            error = not_running(service)
            if error is None:
                check_spending(service.url, texts, spend)
        except HostingLabError as failure:
            error = str(failure)
        if error is None:
            ready.append(service)
        else:
            errors[service.method] = error
    return ready, errors

"""How long a method lost requests after one of its components was killed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hostlab.measure.load.generator import Sample

CALM_S = 1.0  # it is over when no request that was due in so many seconds was lost


@dataclass(frozen=True)
class LoadOutage:
    """The requests that were due from `from_s` to `until_s` and lost, after a kill.

    `until_s` is when the first request was due that was answered again; None: not yet. Times are
    those of the method's own track.
    """

    from_s: float
    until_s: float | None
    lost: int


def outages(samples: Sequence[Sample], kills_s: Sequence[float]) -> Iterator[LoadOutage]:
    """Yield the outage after each kill that cost requests. A kill in an outage prolongs it."""
    due = sorted(samples, key=lambda sample: sample.due_s)
    over_s = 0.0
    for kill_s in sorted(kills_s):
        after = [sample for sample in due if sample.due_s >= max(kill_s, over_s)]
        found = _first(after)
        if found:
            yield found
            over_s = found.until_s if found.until_s is not None else float("inf")


def _first(samples: Sequence[Sample]) -> LoadOutage | None:
    """Return the first outage in `samples`, which are in the order in which they were due."""
    from_s: float | None = None
    answered_s: float | None = None
    lost = 0
    for sample in samples:
        if sample.status != 200:
            from_s = sample.due_s if from_s is None else from_s
            answered_s, lost = None, lost + 1
        elif from_s is not None:
            answered_s = sample.due_s if answered_s is None else answered_s
            if sample.due_s >= answered_s + CALM_S:
                break
    return None if from_s is None else LoadOutage(from_s, answered_s, lost)

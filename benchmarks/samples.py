"""Figures of a load's samples: rates, latencies, and percentiles."""

from collections.abc import Sequence

from hostlab.measure.load.generator import Sample
from hostlab.measure.parts.throughput import WARM_UP_S


def steady_rate(samples: Sequence[Sample], seconds: float) -> float:
    """Return the predictions a second after the warm-up, counted from one response to another.

    The responses of a batch arrive in a burst. A window with arbitrary ends would count one burst
    too many or too few.
    """
    answered = (sample for sample in samples if sample.status == 200)
    came = sorted(sample.came_s for sample in answered if sample.came_s <= seconds)
    warm = [one for one in came if one > WARM_UP_S]
    if not warm:
        return 0.0
    begins = came[-len(warm) - 1] if len(warm) < len(came) else 0.0
    return len(warm) / (warm[-1] - begins)


def latencies(samples: Sequence[Sample], status: int, after_s: float = 0.0) -> list[float]:
    """Return the milliseconds of the requests with this status that were due after `after_s`."""
    return [one.latency_ms for one in samples if one.status == status and one.due_s >= after_s]


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the sorted value below which `percent` of them are, or NaN for no values."""
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

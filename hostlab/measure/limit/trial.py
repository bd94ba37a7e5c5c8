"""One trial of a search: a load at one rate, judged while it runs and when it has ended."""

import math
from typing import NamedTuple, Protocol

from hostlab.measure.limit.plan import Bound, LimitPlan
from hostlab.measure.limit.search import RateTrial
from hostlab.measure.load.generator import Sample
from hostlab.measure.parts.throughput import GENERATOR_SHARE, WARM_UP_S
from hostlab.measure.statistics import quantile

BEYOND = 5  # requests beyond the percentile, so that it means something
PRECISE = 4  # times as long as a trial that only looks for the interval
MAX_TRIAL_S = 20.0  # at a low rate, rather fewer requests than a longer trial
_CLEARLY_LOST = 5  # so few lost requests end no trial before its time


class TrialLoad(Protocol):
    """An open load that runs (load/isolated.py). `sent` requests have begun by `elapsed_s`."""

    sent: int
    samples: list[Sample]
    cpu_s: float

    @property
    def elapsed_s(self) -> float: ...

    def stop(self) -> list[Sample]:
        """Send no more requests, wait for those in flight, and return the samples."""


class TrialTimes(NamedTuple):
    """How long a trial is measured, after a warm-up that is not."""

    warm_up_s: float
    seconds: float


def trial_times(plan: LimitPlan, rate_per_s: float, precise: bool) -> TrialTimes:
    """Return how long a trial at this rate takes.

    That is long enough for a few requests beyond the percentile, and for a single lost request to
    be within the bound. A `precise` trial is several times as long, because near its limit a queue
    varies slowly: a short trial, which begins with an empty queue, shows less than the service
    would in the long run. It is also long enough for a queue to reach the bound where requests come
    faster than they are served by no more than the search's precision.
    """
    bound = plan.bound
    requests = BEYOND / bound.late_share
    if bound.error_share:
        requests = max(requests, 1 / bound.error_share)
    seconds, warm_up_s = max(requests / rate_per_s, plan.min_trial_s), WARM_UP_S
    if precise:
        warm_up_s = max(WARM_UP_S, plan.min_trial_s)
        seconds = max(seconds, PRECISE * plan.min_trial_s, bound.latency_ms / 1000 / plan.precision)
    return TrialTimes(warm_up_s, min(seconds, max(MAX_TRIAL_S, PRECISE * plan.min_trial_s)))


class TrialWatch:
    """Judges one load. `from_s` is when it began, in seconds of the search."""

    def __init__(
        self, load: TrialLoad, bound: Bound, rate_per_s: float, times: TrialTimes, from_s: float
    ) -> None:
        self._load, self._bound = load, bound
        self._rate_per_s, self._from_s = rate_per_s, from_s
        self._warm_up_s, self._total_s = times.warm_up_s, times.warm_up_s + times.seconds
        self._planned = rate_per_s * times.seconds
        self._elapsed_s, self._cut_short = 0.0, False

    def over(self) -> bool:
        """Return whether the trial has taken its time, or has clearly broken the bound."""
        self._elapsed_s = min(self._load.elapsed_s, self._total_s)
        self._cut_short = self._clearly_broken()
        return self._cut_short or self._elapsed_s >= self._total_s

    def so_far(self) -> RateTrial:
        """Return the trial as of now, without the requests that were due in the warm-up."""
        # Where the trial was cut short in its warm-up, there are no others.
        samples = self._measured() or list(self._load.samples)
        answered = [sample.latency_ms for sample in samples if sample.status == 200]
        sent, lost = len(samples), len(samples) - len(answered)
        latency_ms = quantile(answered, self._bound.percent)
        return RateTrial(
            rate_per_s=self._rate_per_s,
            from_s=self._from_s,
            until_s=self._from_s + self._elapsed_s,
            sent=sent,
            lost=lost,
            latency_ms=latency_ms,
            strain=self._bound.strain(latency_ms, lost / sent if sent else 0.0),
            cut_short=self._cut_short,
            generator_bound=self._load.cpu_s >= GENERATOR_SHARE * max(self._elapsed_s, WARM_UP_S),
        )

    def _clearly_broken(self) -> bool:
        """Return whether the bound is broken, whatever the rest of the trial brings.

        So it is when twice as many requests are late or lost as the bound allows in the whole
        trial. Those in flight for longer than the bound are late already, so that a growing queue
        shows before its responses do.
        """
        bound, samples = self._bound, self._measured()
        answered = [sample for sample in samples if sample.status == 200]
        late = sum(sample.latency_ms > bound.latency_ms for sample in answered)
        allowed = min(2 * bound.late_share, (1 + bound.late_share) / 2)
        lost = len(samples) - len(answered)
        return (
            late + self._overdue(bound) > allowed * self._planned
            or lost > 2 * bound.error_share * self._planned + _CLEARLY_LOST
        )

    def _overdue(self, bound: Bound) -> float:
        """Return how many requests in flight have surely been due for longer than the bound.

        The others came within the bound's time. As they come at random (Poisson), they are nearly
        never more than three standard deviations above their mean.
        """
        in_flight = self._load.sent - len(self._load.samples)
        mean = self._rate_per_s * bound.latency_ms / 1000
        return max(0.0, in_flight - mean - 3 * math.sqrt(mean) - 1)

    def _measured(self) -> list[Sample]:
        return [one for one in list(self._load.samples) if one.due_s >= self._warm_up_s]

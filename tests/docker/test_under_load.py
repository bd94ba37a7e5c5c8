"""Twenty users send requests all the time, and none is lost, whatever happens to the containers."""

import subprocess
import time
from collections import Counter

import pytest

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, StartFailed
from hostlab.measure.load.generator import ClosedLoad
from hostlab.methods.docker.compose import IMAGES

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
USERS = 20


@pytest.fixture(scope="module", autouse=True)
def two_replicas(service: Deployment) -> None:
    service.scale(2)


def models(service: Deployment) -> list:
    return [component for component in service.components() if component.name.startswith("model")]


def wait_for_full_strength(service: Deployment) -> None:
    deadline = time.monotonic() + 240
    while sum(component.state == "running" for component in models(service)) < 2:
        assert time.monotonic() < deadline, service.components()
        time.sleep(0.2)


def wait_for_answers(load: ClosedLoad, number: int) -> None:
    """Return when that many more requests are answered."""
    goal = len(load.samples) + number
    while len(load.samples) < goal:
        time.sleep(0.05)


def test_both_replicas_get_their_share(service: Deployment) -> None:
    with ClosedLoad(service.url, users=USERS, timeout_s=30) as load:
        wait_for_answers(load, 400)
    shares = Counter(outcome.replica for outcome in load.samples)
    print(f"shares: {dict(shares)}")
    assert not load.lost
    assert set(shares) == {component.id for component in models(service)}
    # A replica that the machine slows down gets less.
    assert all(0.3 <= count / len(load.samples) <= 0.7 for count in shares.values())


@pytest.mark.parametrize("how", ["crash", "docker kill"])
def test_killing_one_of_two_replicas_loses_nothing(service: Deployment, how: str) -> None:
    with ClosedLoad(service.url, users=USERS, timeout_s=30) as load:
        wait_for_answers(load, 40)
        began = time.monotonic()
        if how == "crash":
            name = service.kill()
        else:
            name = models(service)[0].name
            subprocess.run(
                ["docker", "kill", models(service)[0].id], check=True, capture_output=True
            )
            assert service.status().state == "running"  # the other one serves
            service.supervisor.recover()
        wait_for_full_strength(service)
        strength_s = time.monotonic() - began
        wait_for_answers(load, 40)
    print(
        f"{how} of {name}: {len(load.samples)} requests, {len(load.lost)} lost, full strength "
        f"after {strength_s:.1f} s"
    )
    assert not load.lost, load.lost[:3]


def test_a_rolling_update_loses_nothing(service: Deployment) -> None:
    old = {component.id for component in models(service)}
    sentences = []
    with ClosedLoad(service.url, users=USERS, timeout_s=30) as load:
        wait_for_answers(load, 40)
        began = time.monotonic()
        service.update("1.1", sentences.append)
        strength_s = time.monotonic() - began
        wait_for_answers(load, 40)
    print(
        f"update: {len(load.samples)} requests, {len(load.lost)} lost, full strength after "
        f"{strength_s:.1f} s"
    )
    assert not load.lost, load.lost[:3]
    new = {component.id for component in models(service)}
    assert len(new) == 2 and not new & old
    assert {outcome.replica for outcome in load.samples[-40:]} == new
    assert any("Replica 2 of 2" in sentence.text("en") for sentence in sentences)
    assert {one.version for one in service.supervisor.containers()} == {
        "1.0",
        "1.1",
    }  # the API stays


def test_an_update_that_does_not_come_up_changes_nothing(
    service: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {component.id for component in service.components()}
    monkeypatch.setenv("MODEL_ENGINE", "torch")
    with ClosedLoad(service.url, users=USERS, timeout_s=30) as load:
        with pytest.raises(
            StartFailed,
            match=r"(?s)never stopped serving.*ended with exit status 1.*MODEL_ENGINE",
        ):
            service.update("1.2")
        subprocess.run(
            ["docker", "image", "rm", *(f"{image}:1.2" for image in IMAGES)],
            check=True,
            capture_output=True,
        )
        wait_for_answers(load, 20)
    assert not load.lost, load.lost[:3]
    assert {component.id for component in service.components()} == before


@pytest.mark.parametrize("version", ["", "a b", "-x", "1:0"])
def test_a_version_that_is_none_is_refused(service: Deployment, version: str) -> None:
    with pytest.raises(BadInput, match="is not a valid version"):
        service.update(version)


def test_scaling_back_loses_nothing(service: Deployment) -> None:
    with ClosedLoad(service.url, users=USERS, timeout_s=30) as load:
        wait_for_answers(load, 40)
        service.scale(1)
        wait_for_answers(load, 40)
    assert len(models(service)) == 1
    assert not load.lost, load.lost[:3]

"""A run in a real cluster: what it answers, how it is confined, and that nothing is lost while pods
come and go.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter

import pytest
import requests

from hostlab import get
from hostlab.errors import BadInput, RequestFailed, StartFailed
from hostlab.measure.load.generator import ClosedLoad
from hostlab.methods.kubernetes import deployment, rollout
from hostlab.methods.kubernetes.manifests import FOLDER
from hostlab.methods.kubernetes.objects import API, MODEL, ClusterObjects
from hostlab.runtime.paths import ROOT

pytestmark = pytest.mark.kubernetes
USERS = 20


def version(service) -> str:
    return requests.get(f"{service.url}/health", timeout=10).json()["version"]


def model_pods(service) -> list[str]:
    return [
        component.name for component in service.components() if component.name.startswith(MODEL)
    ]


def until(load: ClosedLoad, requests_more: int) -> None:
    """Wait until that many more requests are answered."""
    goal, deadline = len(load.samples) + requests_more, time.monotonic() + 120
    while len(load.samples) < goal and time.monotonic() < deadline:
        time.sleep(0.1)


def nothing_lost(
    load: ClosedLoad, what: str, full_strength_s: float, capsys: pytest.CaptureFixture
) -> None:
    with capsys.disabled():
        print(
            f"\n{what}: full strength after {full_strength_s:.1f} s; {len(load.samples)} "
            f"requests, {len(load.lost)} lost"
        )
    assert load.samples
    assert load.lost == []


def test_it_answers_where_it_says(service):
    status = service.status()
    assert status.state == "running" and status.url == service.url
    health = requests.get(f"{status.url}/health", timeout=10).json()
    assert (health["run_id"], health["method"], health["version"]) == (
        status.run_id,
        "kubernetes",
        "1.0",
    )
    (answer,) = service.predict("An utterly charming film.")
    assert answer.label == "POSITIVE"


def test_other_programs_see_it_and_do_not_start_another(service):
    command = [sys.executable, "-m", "hostlab.cli", "status", "--json"]
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    (seen,) = (one for one in json.loads(done.stdout) if one["method"] == "kubernetes")
    assert (seen["state"], seen["run_id"]) == ("running", service.status().run_id)
    assert get("kubernetes").start().status().run_id == seen["run_id"]


def test_components_and_logs_name_every_pod(service):
    components = service.components()
    assert [component.state for component in components] == ["running"] * 3
    log = service.logs(tail=50)
    assert all(f"--- {component.name}" in log for component in components)


def test_pods_are_confined_as_seen_from_outside(service, kubectl):
    script = (
        "id -u; touch /app/x 2>&1; touch /tmp/x && echo written; "
        "ls /var/run/secrets/kubernetes.io 2>&1; cat /proc/self/status"
    )
    for component in service.components():
        user, read_only, tmp, token, *process = kubectl(
            "exec", component.name, "--", "sh", "-c", script
        ).splitlines()
        assert int(user) > 0
        assert "Read-only file system" in read_only
        assert tmp == "written"
        assert "No such file" in token
        facts = dict(line.split(":", 1) for line in process)
        assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0
        assert facts["NoNewPrivs"].strip() == "1"
        assert facts["Seccomp"].strip() == "2"  # a filter


def test_the_api_server_warns_of_nothing(kubectl):
    """Neither of a deprecated version or field, nor of a right that `restricted` forbids."""
    check = ("--dry-run=server", "--warnings-as-errors")
    files = [FOLDER / "kustomization.yaml", *FOLDER.glob("overlays/*/kustomization.yaml")]
    for file in files:
        kubectl("apply", "--kustomize", str(file.parent), *check)


def test_pods_with_more_rights_are_rejected(kubectl):
    pod = {"containers": [{"name": "test", "image": "test"}]}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "test"}, "spec": pod}
    with pytest.raises(RequestFailed, match="violates PodSecurity"):
        kubectl("create", "--dry-run=server", "--filename=-", stdin=json.dumps(manifest))
    labels = {"test": "test"}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    manifest |= {"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}
    options = ("--dry-run=server", "--warnings-as-errors", "--filename=-")
    with pytest.raises(RequestFailed, match="1 warning"):
        kubectl("create", *options, stdin=json.dumps(manifest))


def test_both_replicas_get_their_share(service):
    with ClosedLoad(service.url, users=USERS, timeout_s=30) as load:
        until(load, 400)
    assert load.lost == []
    shares = Counter(outcome.replica for outcome in load.samples)
    assert len(shares) == 2
    # A replica that the machine slows down gets less.
    assert all(0.3 <= count / len(load.samples) <= 0.7 for count in shares.values()), shares


def test_scaling_up_and_down(service):
    service.scale(3)
    assert len(model_pods(service)) == 3
    service.scale(2)
    assert len(model_pods(service)) == 2


def test_a_killed_pod_costs_no_request(service, kubectl, capsys):
    restarts = sum(component.restarts for component in service.components())
    with ClosedLoad(service.url, users=USERS, timeout_s=30) as load:
        until(load, 50)
        began = time.monotonic()
        killed = service.kill()
        assert killed in model_pods(service)
        rollout.wait(kubectl, (MODEL, API), lambda sentence: None)
        took_s = time.monotonic() - began
        until(load, 50)
    nothing_lost(load, "A model pod killed", took_s, capsys)
    assert sum(component.restarts for component in service.components()) > restarts


def test_an_update_and_the_way_back_cost_no_request(service, capsys):
    for name, change, after in (
        ("Update", lambda: service.update("1.1"), "1.1"),
        ("Rollback", service.rollback, "1.0"),
    ):
        pods = set(model_pods(service))
        with ClosedLoad(service.url, users=USERS, timeout_s=30) as load:
            until(load, 50)
            began = time.monotonic()
            change()
            took_s = time.monotonic() - began
            until(load, 200)  # the last old pods go while these are answered
        nothing_lost(load, f"{name} of model and API", took_s, capsys)
        assert version(service) == after
        assert len(model_pods(service)) == 2 and not pods & set(model_pods(service))


def test_an_update_that_cannot_come_up_is_undone(service, monkeypatch):
    monkeypatch.setattr(
        deployment, "_provide_images", lambda *_: None
    )  # as on a cluster into which nobody loaded the image
    with (
        ClosedLoad(service.url, users=2, timeout_s=30) as load,
        pytest.raises(StartFailed, match=r"update to 9\.9 failed and was rolled back") as failure,
    ):
        service.update("9.9")
    assert "hosting-lab/model-service:9.9" in str(failure.value) and "not found" in str(
        failure.value
    )
    assert load.lost == []
    assert version(service) == "1.0"


@pytest.mark.parametrize("bad", ["", "a b", "-1", "x" * 64, "1:0"])
def test_a_version_that_is_none(service, bad):
    with pytest.raises(BadInput, match="is not a valid version"):
        service.update(bad)


def test_the_version_that_runs_is_no_update(service):
    with pytest.raises(BadInput, match="already"):
        service.update("1.0")


def test_more_pods_than_there_may_be(service, kubectl):
    kubectl("create", "quota", "test", "--hard=pods=3")
    try:
        deadline = time.monotonic() + 60
        while (
            not kubectl.json("get", "quota", "test").get("status", {}).get("hard")
        ):  # before that the cluster does not count by it
            assert time.monotonic() < deadline, "the quota did not come into force"
            time.sleep(0.1)
        with pytest.raises(
            StartFailed, match=r"cannot run 3 model pods\. There are 2 again"
        ) as failure:
            service.scale(3)
    finally:
        kubectl("delete", "quota", "test")
    assert "The cluster rejects a pod" in str(failure.value) and "exceeded quota" in str(
        failure.value
    )
    assert len(model_pods(service)) == 2


def test_a_pod_that_does_not_exist(service):
    with pytest.raises(BadInput, match="has no pod 'model-service-x'"):
        service.kill("model-service-x")


def test_eviction_moves_a_pod_and_respects_a_disruption_budget(service, kubectl):
    rollout.wait(kubectl, (MODEL, API), lambda sentence: None)
    evicted = service.evict()
    rollout.wait(kubectl, (MODEL, API), lambda sentence: None)
    assert evicted not in model_pods(service)
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "test", "namespace": "hosting-lab"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "model"}}},
    }
    kubectl.apply([budget])
    try:
        with pytest.raises(RequestFailed, match="Not now") as rejection:
            service.evict()
        assert rejection.value.status == 429
    finally:
        kubectl("delete", "poddisruptionbudget", "test")
    assert len(ClusterObjects.of(kubectl).pods) == 3

"""The pods' logs, as kubectl prints them, become one log for each pod; and whose a run is."""

import json

import pytest

from hostlab import get
from hostlab.cli import stop
from hostlab.errors import Unavailable
from hostlab.methods.kubernetes import manifests
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.namespace import Namespace
from hostlab.methods.kubernetes.supervisor import PodSupervisor
from hostlab.runtime import owner, state
from hostlab.types import ComponentLog

LOGS = """[pod/api-service-1/api] started
[pod/api-service-1/api] a line with [pod/x/y] and ] in it
[pod/model-service-1/model] loading
[pod/model-service-1/model]\x20
error: container "model" in pod "model-service-2" is waiting to start: ErrImagePull
"""


def test_each_pod_has_its_lines_and_kubectls_own_are_left_out(kubeconfig, stand_ins, monkeypatch):
    stand_ins.add("kubectl", stdout=LOGS)
    kubeconfig("minikube", minikube="https://127.0.0.1:6443")
    monkeypatch.setattr(Kubectl, "json", lambda *_, **__: {"items": []})
    assert PodSupervisor("kubernetes").component_logs(20) == [
        ComponentLog("api-service-1", ["started", "a line with [pod/x/y] and ] in it"]),
        ComponentLog("model-service-1", ["loading", ""]),
    ]


def deployments(**labels: str) -> str:
    items = [
        {
            "kind": "Deployment",
            "metadata": {
                "name": name,
                "labels": labels,
                "creationTimestamp": "2026-01-02T03:04:05Z",
                "generation": 1,
            },
            "spec": {"replicas": 1},
            "status": {"readyReplicas": 1, "replicas": 1},
        }
        for name in ("model-service", "api-service")
    ]
    return json.dumps({"items": items})


@pytest.fixture
def annas_run(kubeconfig, stand_ins):
    kubeconfig("minikube", minikube="https://127.0.0.1:6443")
    labels = {"hosting-lab/run-id": "111111111111", "hosting-lab/owner": "anna.0123456789ab"}
    stand_ins.add("kubectl", stdout=deployments(**labels))
    return stand_ins


def changes(calls: list[str]) -> list[str]:
    return [call for call in calls if " get " not in call]


def test_the_run_of_somebody_else_is_refused_with_its_owner(annas_run):
    service = get("kubernetes")
    status = service.status()
    assert status.state == "unavailable" and status.reason.startswith("anna runs it in this")
    for use in (
        service.start,
        service.stop,
        service.kill,
        service.rollback,
        lambda: service.scale(2),
        lambda: service.update("1.1"),
        service.components,
    ):
        with pytest.raises(Unavailable, match="anna runs it in this cluster"):
            use()
    assert service.logs() == ""
    stop.down(all_=True)
    service.end_run("111111111111")
    assert changes(annas_run.calls) == []


def test_a_recorded_run_is_ones_own_whatever_its_label(annas_run):
    state.write(state.Record("kubernetes", "111111111111", "running", context="minikube"))
    assert get("kubernetes").status().run_id == "111111111111"


def test_everybody_ends_it(annas_run, monkeypatch):
    removed = []
    monkeypatch.setattr(Namespace, "remove", lambda self, selector: removed.append(selector))
    assert get("kubernetes").supervisor.end_others() == ["anna"]
    assert removed == ["hosting-lab/run-id=111111111111"]


def test_objects_of_a_run_carry_its_owner(annas_run):
    manifest = "kind: Service\nmetadata: {name: x}\n"
    annas_run.add("kubectl", stdout=manifest)
    [one] = manifests.rendered(Kubectl("minikube"), "222222222222")
    assert one["metadata"]["labels"] == {
        "hosting-lab/run-id": "222222222222",
        "hosting-lab/owner": owner.label(),
    }

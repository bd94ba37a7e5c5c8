"""The autoscaler of the model pods: what it reports, what it refuses, and the metrics it needs."""

import json

import pytest

from hostlab import get
from hostlab.errors import BadInput, NoMetrics, StartFailed, Unavailable
from hostlab.methods.kubernetes import metrics, rollout
from hostlab.methods.kubernetes.autoscaler import autoscaler_of
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.types import Autoscaler

CREATED = "2026-01-02T03:04:05Z"
AVAILABLE = {"status": {"conditions": [{"type": "Available", "status": "True"}]}}

METRICS_SERVER = {
    "kind": "Deployment",
    "metadata": {},
    "spec": {"template": {"spec": {"containers": [{"image": "ms:1"}]}}},
}


def deployment(name: str, replicas: int = 2) -> dict:
    container = {"name": "model", "resources": {"limits": {"cpu": "1"}}}
    return {
        "kind": "Deployment",
        "metadata": {"name": name, "creationTimestamp": CREATED, "generation": 1},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [container]}}},
        "status": {"readyReplicas": 1, "replicas": replicas},
    }


def autoscaler(utilization: int | None = None, created: str = CREATED, **conditions: str) -> dict:
    resource = {"name": "cpu", "current": {"averageUtilization": utilization}}
    found = [
        {"type": kind, "status": str(kind == "ScalingLimited"), "reason": reason, "message": reason}
        for kind, reason in conditions.items()
    ]
    metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    return {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "model-service", "creationTimestamp": created},
        "spec": {
            "scaleTargetRef": {"name": "model-service"},
            "minReplicas": 1,
            "maxReplicas": 4,
            "metrics": [{"type": "Resource", "resource": metric}],
        },
        "status": {
            "currentMetrics": [{"type": "Resource", "resource": resource}] if utilization else None,
            "conditions": found,
        },
    }


@pytest.fixture
def cluster(kubeconfig, stand_ins):
    """Return a function that lets kubectl report these objects, and this metrics server."""
    kubeconfig("minikube", minikube="https://127.0.0.1:6443")

    def report(*objects: dict, api_services: tuple[dict, ...] = ()):
        running = [deployment("model-service"), deployment("api-service"), *objects]
        answers = {
            "get deployments": json.dumps({"items": running}),
            "get pods": json.dumps({"items": []}),
            "get apiservices": json.dumps({"items": api_services}),
            "kustomize": json.dumps(METRICS_SERVER),
        }
        stand_ins.add("kubectl", answers=answers)
        return stand_ins

    return report


def test_what_it_reports():
    found = autoscaler_of(autoscaler(150), deployment("model-service", 3))
    assert found == Autoscaler(1, 4, 60, 150, wanted=3, ready=1)
    limited = autoscaler_of(autoscaler(98, ScalingLimited="TooManyReplicas"), deployment("m", 4))
    assert "more than the maximum" in limited.reason
    by_requests = autoscaler(None)
    by_requests["spec"]["metrics"] = [{"type": "Pods", "pods": {}}]
    other = autoscaler_of(by_requests, deployment("m"))
    assert other.target_percent is other.utilization_percent is other.reason is None


def test_an_unknown_usage_is_explained_and_after_a_minute_in_the_clusters_words():
    old = autoscaler(None, ScalingActive="no metrics known for pod")
    assert "no metrics known for pod" in autoscaler_of(old, deployment("m")).reason
    new = autoscaler(None, "2999-01-01T00:00:00Z", ScalingActive="no metrics known for pod")
    assert "about 40 s" in autoscaler_of(new, deployment("m")).reason


@pytest.mark.parametrize("bounds", [(0, 4), (3, 2), (1, 17)])
def test_bounds_that_it_cannot_have(bounds):
    with pytest.raises(BadInput, match="cannot run"):
        get("kubernetes").autoscale(minimum=bounds[0], maximum=bounds[1])


@pytest.mark.parametrize("percent", [0, 1001])
def test_targets_that_it_cannot_have(percent):
    with pytest.raises(BadInput, match="is not possible"):
        get("kubernetes").autoscale(cpu_percent=percent)


def test_scaling_by_hand_is_refused_while_it_is_on(cluster):
    calls = cluster(autoscaler(60))
    with pytest.raises(BadInput, match="hostlab autoscale kubernetes off"):
        get("kubernetes").scale(3)
    assert not [call for call in calls.calls if " scale " in call]


@pytest.mark.parametrize("api_services", [(), ({"status": {}},)])
def test_without_metrics_nothing_is_changed(cluster, api_services):
    calls = cluster(api_services=api_services)
    with pytest.raises(NoMetrics if not api_services else Unavailable) as error:
        get("kubernetes").autoscale()
    assert isinstance(error.value, NoMetrics) == (not api_services)
    if not api_services:
        assert "image ms:1" in error.value.offer and "kube-system" in error.value.offer
    assert not [one for one in calls.calls if " get " not in one and " kustomize " not in one]


def test_a_metrics_server_that_is_there_is_not_replaced(cluster):
    calls = cluster(api_services=(AVAILABLE,))
    metrics.provide(Kubectl("lab"), self_signed=True, progress=print)
    assert not [one for one in calls.calls if " apply " in one]


def test_one_that_is_missing_is_installed_in_kube_system_and_removed_if_it_never_answers(
    cluster, monkeypatch
):
    monkeypatch.setattr(metrics, "INSTALL_TIMEOUT_S", 0.0)
    calls = cluster()
    with pytest.raises(StartFailed, match="removed again"):
        metrics.provide(Kubectl("minikube"), self_signed=True, progress=print)
    (applied,) = (one for one in calls.calls if " apply " in one)
    assert applied.partition(" apply ")[2].startswith("--namespace kube-system")
    assert "metrics-server/self-signed" in "\n".join(calls.calls)
    assert "--selector hosting-lab/installed=metrics-server" in calls.calls[-1]


@pytest.mark.parametrize(("installed", "deleted"), [("", 0), ("apiservice/metrics\n", 2)])
def test_only_the_metrics_server_that_was_installed_is_removed(stand_ins, installed, deleted):
    stand_ins.add("kubectl", answers={"get apiservices": installed})
    metrics.remove(Kubectl("lab"))
    calls = [one for one in stand_ins.calls if " delete " in one]
    assert len(calls) == deleted
    assert all("--selector hosting-lab/installed=metrics-server" in one for one in calls)


def template(image: str, cpu: str, **labels: str) -> dict:
    container = {"image": image, "resources": {"limits": {"cpu": cpu}}}
    return {"metadata": {"labels": labels}, "spec": {"containers": [container]}}


@pytest.mark.parametrize(
    ("current", "earlier"),
    [
        (("model:1.1", "1"), 1),  # autoscaling was on for the update, and is off again
        (("model:1.1", "200m"), 2),
        (("model:1.0", "1"), 4),
        (("model:1.2", "2"), 4),
    ],
)
def test_a_rollback_goes_to_another_version_and_not_to_another_limit(stand_ins, current, earlier):
    history = [("model:1.0", "1"), ("model:1.0", "200m"), ("model:1.1", "200m"), ("model:1.1", "1")]
    sets = [
        {
            "metadata": {
                "ownerReferences": [{"name": "model-service"}],
                "annotations": {"deployment.kubernetes.io/revision": str(number)},
            },
            "spec": {"template": template(*one, **{"pod-template-hash": str(number)})},
        }
        for number, one in enumerate(history, 1)
    ]
    stand_ins.add("kubectl", stdout=json.dumps({"items": sets}))
    running = {"metadata": {"name": "model-service"}, "spec": {"template": template(*current)}}
    assert rollout.earlier_revision(Kubectl("lab"), running) == earlier
    running["metadata"]["name"] = "api-service"
    assert rollout.earlier_revision(Kubectl("lab"), running) is None

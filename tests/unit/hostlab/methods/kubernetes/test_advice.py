"""The situation in a cluster, and the sentence: what a person can do about it."""

import json
import socket

import pytest

from hostlab import get
from hostlab.errors import NotRunning
from hostlab.measure.comparison import predict_in_turn
from hostlab.methods.kubernetes.pods import failure_reason


def pod(message: str) -> dict:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    status = {"phase": "Pending", "conditions": [condition | {"message": message}]}
    return {"metadata": {"name": "model-service-1"}, "status": status}


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("0/1 nodes are available: 1 Insufficient cpu.", "Free memory or CPU"),
        ("0/1 nodes are available: 1 Insufficient memory.", "Free memory or CPU"),
        ("0/1 nodes are available: 1 Too many pods.", "Free memory or CPU"),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint "
            "{node-role.kubernetes.io/control-plane: }.",
            "Remove the taint",
        ),
        ("0/1 nodes are available: 1 node(s) had taint {example: x}.", "Remove the taint"),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint "
            "{node.kubernetes.io/disk-pressure: }.",
            "runs out of it",
        ),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint "
            "{node.kubernetes.io/not-ready: }.",
            "The node is not ready",
        ),
        ("0/1 nodes are available: 1 node(s) were unschedulable.", "kubectl uncordon"),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint "
            "{node.kubernetes.io/unschedulable: }.",
            "kubectl uncordon",
        ),
        ("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity.", "describe nodes"),
    ],
)
def test_a_pod_that_no_node_takes(message: str, advice: str) -> None:
    reason = failure_reason(pod(message))
    assert message in reason and advice in reason
    assert ("Free memory" in reason) == (advice == "Free memory or CPU")


def objects(*services: dict) -> str:
    deployments = [
        {
            "kind": "Deployment",
            "metadata": {"name": name, "creationTimestamp": "2026-01-02T03:04:05Z"},
            "spec": {"replicas": 1},
            "status": {"readyReplicas": 1, "replicas": 1},
        }
        for name in ("model-service", "api-service")
    ]
    return json.dumps({"items": [*deployments, *services]})


def service(**port: int) -> dict:
    return {"kind": "Service", "metadata": {"name": "api-service"}, "spec": {"ports": [port]}}


@pytest.fixture
def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        yield taken.getsockname()[1]


@pytest.mark.parametrize("situation", ["its port was taken", "no NodePort", "it does not answer"])
def test_pods_that_cannot_be_reached_are_the_same_in_status_and_in_predict(
    kubeconfig, stand_ins, closed_port, situation
):
    kubeconfig("minikube", minikube="https://127.0.0.1:6443")
    services = {
        "its port was taken": [],
        "no NodePort": [service(port=5000)],
        "it does not answer": [service(port=5000, nodePort=closed_port)],
    }
    nodes = json.dumps({"items": []})
    stand_ins.add("kubectl", stdout=objects(*services[situation]), answers={"get nodes": nodes})
    status = get("kubernetes").status()
    assert status.state == "failed" and "None" not in status.reason
    advice = "port-forward" if situation == "it does not answer" else "kubectl get services -A"
    assert advice in status.reason
    with pytest.raises(NotRunning, match="cannot be reached"):
        _ = get("kubernetes").url
    [prediction] = predict_in_turn([get("kubernetes")], ["a text"])
    assert advice in prediction.error

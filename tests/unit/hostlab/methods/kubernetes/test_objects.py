"""The reasons that are reported for pods that do not start.

The statuses are what a real cluster answered, cut to what matters.
"""

import pytest

from hostlab.methods.kubernetes.objects import ClusterObjects
from hostlab.methods.kubernetes.pods import (
    component,
    failure_reason,
    not_ready_reason,
    unix_time,
)


def pod(
    container: dict | None = None, *, conditions: list[dict] | None = None, **metadata: object
) -> dict:
    status = {"phase": "Pending", "conditions": conditions or []}
    if container:
        status["containerStatuses"] = [
            {
                "name": "model",
                "image": "hosting-lab/model-service:1.7",
                "ready": False,
                "restartCount": 0,
                "state": {},
            }
            | container
        ]
    labels = {"app": "model"}
    return {
        "kind": "Pod",
        "metadata": {
            "name": "model-service-1",
            "uid": "u",
            "creationTimestamp": "2026-01-02T03:04:05Z",
            "labels": labels,
        }
        | metadata,
        "status": status,
    }


def waiting(reason: str, message: str = "", **more: object) -> dict:
    return {"state": {"waiting": {"reason": reason, "message": message}}} | more


ENDED = {"terminated": {"exitCode": 1, "reason": "Error"}}


@pytest.mark.parametrize(
    ("it", "phrases"),
    [
        (
            pod(waiting("ErrImagePull", "repository does not exist")),
            ["hosting-lab/model-service:1.7", "not found", "repository does not exist", "Build it"],
        ),
        (pod(waiting("ImagePullBackOff", "Back-off pulling image")), ["not found", "Build it"]),
        (pod(waiting("ErrImageNeverPull")), ["not found", "ErrImageNeverPull"]),
        (
            pod(waiting("CreateContainerConfigError", 'configmap "settings" not found')),
            ["cannot be started", 'configmap "settings" not found'],
        ),
        (
            pod(waiting("CrashLoopBackOff", "back-off 10s", restartCount=2, lastState=ENDED)),
            ["crashes", "exit status 1", "2 times"],
        ),
        (pod({"state": {"running": {}}, "restartCount": 1, "lastState": ENDED}), ["crashes"]),
        (
            pod(
                waiting(
                    "CrashLoopBackOff",
                    restartCount=1,
                    lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
                )
            ),
            ["more memory than its limit"],
        ),
        (
            pod(
                conditions=[
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "0/1 nodes are available: 1 Insufficient cpu.",
                    }
                ]
            ),
            ["No node takes", "Insufficient cpu", "resources.requests"],
        ),
    ],
)
def test_failures_in_sentences(it, phrases):
    reason = failure_reason(it)
    assert all(phrase in reason for phrase in phrases), reason


@pytest.mark.parametrize(
    "it",
    [
        pod(),
        pod(waiting("ContainerCreating")),
        pod(waiting("PodInitializing")),
        pod({"state": {"running": {}}}),
        pod({"state": ENDED}),  # it is about to get its second chance
        pod({"state": {"running": {}}, "ready": True, "restartCount": 7, "lastState": ENDED}),
        pod(
            {
                "state": {"running": {}},
                "restartCount": 3,
                "lastState": {"terminated": {"exitCode": 137, "reason": "Error"}},
            }
        ),  # killed on purpose
    ],
)
def test_no_failure_where_a_pod_may_only_need_time(it):
    assert failure_reason(it) is None


def test_a_probe_that_fails_is_reported_by_its_event():
    event = {
        "involvedObject": {"name": "model-service-1"},
        "reason": "Unhealthy",
        "message": "Readiness probe failed: HTTP probe failed with statuscode: 404",
    }
    other = event | {"involvedObject": {"name": "model-service-2"}, "message": "another pod's"}
    assert "statuscode: 404" in not_ready_reason(pod({"state": {"running": {}}}), [event, other])
    assert not_ready_reason(pod(conditions=[{"type": "Ready", "status": "True"}]), [event]) is None


def test_a_pod_that_is_rejected_is_a_failure_of_its_deployment():
    condition = {
        "type": "ReplicaFailure",
        "status": "True",
        "message": 'pods "model-service-1" is forbidden: exceeded quota',
    }
    rejected = {
        "kind": "Deployment",
        "metadata": {
            "name": "model-service",
            "generation": 1,
            "creationTimestamp": "2026-01-02T03:04:05Z",
        },
        "spec": {"replicas": 2},
        "status": {"conditions": [condition]},
    }
    assert "exceeded quota" in ClusterObjects([rejected]).failure()


def deployment(generation: int = 2, **status: int) -> dict:
    full = {
        "observedGeneration": 2,
        "replicas": 2,
        "updatedReplicas": 2,
        "readyReplicas": 2,
        "availableReplicas": 2,
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": "model-service", "generation": generation},
        "spec": {"replicas": 2},
        "status": full | status,
    }


@pytest.mark.parametrize(
    ("it", "complete"),
    [
        (deployment(), True),
        (deployment(generation=3), False),  # the numbers are about what was asked before
        (deployment(replicas=3), False),  # an old pod is left
        (deployment(updatedReplicas=1, replicas=2), False),
        (deployment(readyReplicas=1), False),
        (deployment(availableReplicas=0), False),
    ],
)
def test_whether_a_rollout_is_complete(it, complete):
    assert ClusterObjects([it]).is_rolled_out("model-service") is complete


def test_pods_that_are_being_deleted_do_not_count():
    assert ClusterObjects([pod(deletionTimestamp="2026-01-02T03:04:05Z")]).pods == []


def test_a_pod_as_a_component():
    it = component(pod(waiting("CrashLoopBackOff", restartCount=2, lastState=ENDED)))
    assert (it.name, it.kind, it.state, it.restarts) == ("model-service-1", "pod", "dead", 2)
    assert it.since == unix_time("2026-01-02T03:04:05Z") == 1767323045

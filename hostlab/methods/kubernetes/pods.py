"""What the cluster reports about one pod, and what that means for a person.

Kubernetes spreads the story over a pod's conditions, its containers' states, and events.
`failure_reason` finds in them why a pod cannot start.
"""

import re
from datetime import datetime

from hostlab.methods.kubernetes.kubectl import KubernetesObject
from hostlab.types import Component, ComponentState

_NO_IMAGE = (
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
)
_NO_CONTAINER = (
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "ContainerCannotRun",
)


# Patterns of the scheduler's message, and what to do. The first counts.
_SCHEDULING = (
    (
        r"Insufficient (cpu|memory)|Too many pods",
        "Free memory or CPU, or request less (resources.requests) in the manifest.",
    ),
    (
        r"(disk|memory|pid)-pressure",
        "The node itself runs out of it: free some there. The taint then goes away.",
    ),
    (
        r"node.kubernetes.io/(not-ready|unreachable|network-unavailable)",
        "The node is not ready: start it, or wait. `kubectl describe nodes` says why.",
    ),
    (
        r"unschedulable",
        "The node was closed for new pods. Open it: `kubectl uncordon NODE`.",
    ),
    (
        r"taint",
        "Remove the taint (`kubectl taint nodes NODE KEY-`), or add a node without it.",
    ),
)


def failure_reason(pod: KubernetesObject) -> str | None:
    """Return why this pod cannot start, or None where it may only need time."""
    name = pod["metadata"]["name"]
    scheduled = condition(pod, "PodScheduled")
    if scheduled and scheduled.get("reason") == "Unschedulable":
        message = scheduled["message"]
        return f"No node takes the pod {name}: {message} {_scheduling_advice(message)}"
    reasons = (_container_failure(name, one) for one in _containers(pod))
    return next((reason for reason in reasons if reason), None)


def _scheduling_advice(message: str) -> str:
    found = (advice for pattern, advice in _SCHEDULING if re.search(pattern, message))
    return next(found, "To see more, run `kubectl describe nodes`.")


def not_ready_reason(pod: KubernetesObject, events: list[KubernetesObject]) -> str | None:
    """Return which probe keeps a running pod from being ready, by the newest event about it, or
    None.
    """
    name = pod["metadata"]["name"]
    if is_ready(pod):
        return None
    messages = [
        event["message"]
        for event in events
        if event["involvedObject"].get("name") == name and event.get("reason") == "Unhealthy"
    ]
    if messages:
        return f"The pod {name} runs, but is not ready. {messages[-1]}"
    return f"The pod {name} is not ready, and the cluster does not say why."


def is_ready(pod: KubernetesObject) -> bool:
    """Return whether the pod takes requests, and is not being deleted."""
    ready = condition(pod, "Ready")
    return bool(ready and ready["status"] == "True" and not is_deleted(pod))


def is_deleted(pod: KubernetesObject) -> bool:
    """Return whether the pod is being deleted."""
    return "deletionTimestamp" in pod["metadata"]


def has_ended(pod: KubernetesObject) -> bool:
    """Return whether a pod that is being deleted has no container that runs, or may yet start."""
    containers = _containers(pod)
    all_ended = bool(containers) and all("terminated" in one["state"] for one in containers)
    return is_deleted(pod) and all_ended


def running_since(pod: KubernetesObject) -> list[str]:
    """Return when each container was started that runs now."""
    states = [one["state"] for one in _containers(pod)]
    return [state["running"]["startedAt"] for state in states if "running" in state]


def component(pod: KubernetesObject) -> Component:
    """Return a pod in the form that all methods share.

    Without CPU and memory, which the API server knows only where there is a metrics server.
    """
    state: ComponentState = "starting"
    if is_ready(pod):
        state = "running"
    elif failure_reason(pod):
        state = "dead"
    metadata = pod["metadata"]
    return Component(
        name=metadata["name"],
        kind="pod",
        role=metadata["labels"]["app"],
        id=metadata["uid"],
        state=state,
        since=unix_time(metadata["creationTimestamp"]),
        restarts=sum(one["restartCount"] for one in _containers(pod)),
        node=pod.get("spec", {}).get("nodeName"),
    )


def unix_time(timestamp: str) -> float:
    """Return Unix seconds for the timestamps of Kubernetes (RFC 3339)."""
    return datetime.fromisoformat(timestamp).timestamp()


def condition(thing: KubernetesObject, kind: str) -> KubernetesObject | None:
    """Return the condition of that type in an object's status, or None."""
    conditions = thing.get("status", {}).get("conditions", [])
    return next((one for one in conditions if one["type"] == kind), None)


def _containers(pod: KubernetesObject) -> list[KubernetesObject]:
    statuses: list[KubernetesObject] = pod["status"].get("containerStatuses", [])
    return statuses


def _container_failure(pod_name: str, container: KubernetesObject) -> str | None:
    waiting = container.get("state", {}).get("waiting", {})
    reason, message = waiting.get("reason", ""), waiting.get("message", "").strip()
    if reason in _NO_IMAGE:
        return (
            f"The image {container['image']} of the pod {pod_name} was not found: "
            f"{message or reason} It is in no registry. Build it with that tag (`docker compose -f "
            "deployments/docker/docker-compose.yml build`). If the cluster has an image store of "
            "its own, load it there (deployments/kubernetes/README.md)."
        )
    if reason in _NO_CONTAINER:
        return f"The container of the pod {pod_name} cannot be started ({reason}): {message}"
    if crash := _crash(container, reason):
        return (
            f"The pod {pod_name} crashes (restarted {container['restartCount']} times so far): "
            f"{crash}."
        )
    return None


def _crash(container: KubernetesObject, waiting_for: str) -> str | None:
    """Return how a container ended that had to be restarted, or None.

    A container that was killed from outside (status 137) gets another try.
    """
    last_state = container.get("lastState", {})
    ended = container.get("state", {}).get("terminated") or last_state.get("terminated")
    if container["ready"] or not ended or not container["restartCount"]:
        return None
    if ended.get("reason") == "OOMKilled":
        return "it needs more memory than its limit"
    if ended["exitCode"] == 137 and waiting_for != "CrashLoopBackOff":
        return None
    return f"its program ended with exit status {ended['exitCode']}"

"""What the cluster says about our Deployments and pods, and what that means for a person.

Kubernetes tells the same story in several places: a pod's conditions, its containers' states, events. `View` is one answer
to `kubectl get deployments,services,pods`; `trouble` finds in it why a pod cannot come up.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.types import Component

RUN_ID = "hosting-lab/run-id"
PART_OF = "app.kubernetes.io/part-of=hosting-lab"
MODEL, API = "model-service", "api-service"
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


@dataclass(frozen=True)
class View:
    """The objects of this project in the namespace, as they were at one moment."""

    items: list[dict]

    @classmethod
    def of(cls, kubectl: Kubectl) -> "View":
        """Ask the cluster. Raises Unavailable."""
        return cls(kubectl.json("get", "deployments,services,pods", "--selector", PART_OF)["items"])

    @cached_property
    def deployments(self) -> dict[str, dict]:
        return {
            one["metadata"]["name"]: one
            for one in self.items
            if one["kind"] == "Deployment" and one["metadata"]["name"] in (MODEL, API)
        }

    @cached_property
    def pods(self) -> list[dict]:
        """All pods but those that are on their way out, the oldest first."""
        pods = [
            one
            for one in self.items
            if one["kind"] == "Pod" and "deletionTimestamp" not in one["metadata"]
        ]
        pods = [
            one for one in pods if one["status"].get("phase") not in ("Failed", "Succeeded")
        ]  # evicted: only its entry is left
        return sorted(
            pods,
            key=lambda one: (
                one["metadata"].get("labels", {}).get("app") != "model",
                one["metadata"]["creationTimestamp"],
            ),
        )

    @property
    def run_id(self) -> str | None:
        """The run that made the Deployments; None when somebody applied the files by hand."""
        ids = {one["metadata"].get("labels", {}).get(RUN_ID) for one in self.deployments.values()}
        return ids.pop() if len(ids) == 1 else None

    @property
    def since(self) -> float:
        return min(
            unix_time(one["metadata"]["creationTimestamp"]) for one in self.deployments.values()
        )

    @property
    def node_port(self) -> int | None:
        ports = (
            port
            for one in self.items
            if one["kind"] == "Service" and one["metadata"]["name"] == API
            for port in one["spec"]["ports"]
        )
        return next((port["nodePort"] for port in ports if "nodePort" in port), None)

    @property
    def serving(self) -> bool:
        """Whether at least one pod of each Deployment takes requests."""
        return all(
            name in self.deployments and self.deployments[name]["status"].get("readyReplicas")
            for name in (MODEL, API)
        )

    def at_full_strength(self, *names: str) -> bool:
        """Whether all pods of these Deployments are of the newest version, ready, and no older one is left."""
        return all(
            _complete(self.deployments[name]) for name in names if name in self.deployments
        ) and bool(self.deployments)

    def progress(self) -> str:
        """Say how many pods are ready, and how many are of the newest version while there are others."""
        return "; ".join(
            _count(name, one["status"], one["spec"]["replicas"])
            for name, one in sorted(self.deployments.items(), reverse=True)
        )

    def trouble(self) -> str | None:
        """Return why something cannot come up, in a person's words, or None when there is hope."""
        refused = (_condition(one, "ReplicaFailure") for one in self.deployments.values())
        reasons = [
            f"The cluster refuses to make a pod: {one['message']}."
            for one in refused
            if one and one["status"] == "True"
        ]
        return next((reason for reason in (*reasons, *map(trouble, self.pods)) if reason), None)


def trouble(pod: dict) -> str | None:
    """Return why this pod cannot come up, or None."""
    name = pod["metadata"]["name"]
    scheduled = _condition(pod, "PodScheduled")
    if scheduled and scheduled.get("reason") == "Unschedulable":
        return f"No node has room for the pod {name}: {scheduled['message']} Free some memory or CPU, or ask for less (resources.requests) in the manifest."
    for container in pod["status"].get("containerStatuses", []):
        waiting = container.get("state", {}).get("waiting", {})
        reason, message = waiting.get("reason", ""), waiting.get("message", "").strip()
        if reason in _NO_IMAGE:
            return (
                f"The image {container['image']} of the pod {name} was not found: {message or reason} It is in no registry: build it with that tag "
                "(`docker compose -f deployments/docker/docker-compose.yml build`), and load it where the cluster has images of its own (see the README)."
            )
        if reason in _NO_CONTAINER:
            return f"The container of the pod {name} cannot be started ({reason}): {message}"
        if crash := _crash(container, reason):
            return f"The pod {name} crashes (started again {container['restartCount']} times so far): {crash}."
    return None


def not_ready(pod: dict, events: list[dict]) -> str | None:
    """Return which probe keeps a pod that runs from being ready, by the cluster's newest event about it, or None."""
    name = pod["metadata"]["name"]
    if ready(pod):
        return None
    said = [
        one["message"]
        for one in events
        if one["involvedObject"].get("name") == name and one.get("reason") == "Unhealthy"
    ]
    return (
        f"The pod {name} runs, but is not ready. {said[-1]}"
        if said
        else f"The pod {name} is not ready, and the cluster does not say why."
    )


def ready(pod: dict) -> bool:
    condition = _condition(pod, "Ready")
    return (
        bool(condition)
        and condition["status"] == "True"
        and "deletionTimestamp" not in pod["metadata"]
    )


def part(pod: dict) -> Component:
    """Return a pod in the form that all methods share. CPU and memory are known to a metrics server only."""
    state = "running" if ready(pod) else "dead" if trouble(pod) else "starting"
    restarts = sum(one["restartCount"] for one in pod["status"].get("containerStatuses", []))
    return Component(
        pod["metadata"]["name"],
        "pod",
        pod["metadata"]["labels"]["app"],
        pod["metadata"]["uid"],
        state,
        unix_time(pod["metadata"]["creationTimestamp"]),
        restarts=restarts,
    )


def unix_time(timestamp: str) -> float:
    """Turn Kubernetes' form of a time (RFC 3339) into Unix seconds."""
    return datetime.fromisoformat(timestamp).timestamp()


def _condition(thing: dict, kind: str) -> dict | None:
    return next(
        (one for one in thing.get("status", {}).get("conditions", []) if one["type"] == kind), None
    )


def _count(name: str, status: dict, wanted: int) -> str:
    new = (
        f", {status.get('updatedReplicas', 0)} of them new"
        if status.get("updatedReplicas", 0) < status.get("replicas", 0)
        else ""
    )
    return f"{name}: {status.get('readyReplicas', 0)} of {wanted} pods ready{new}"


def _crash(container: dict, waiting_for: str) -> str | None:
    """Return how a container ended that had to be started again, or None. One that was killed from outside (status 137) gets another try."""
    ended = container.get("state", {}).get("terminated") or container.get("lastState", {}).get(
        "terminated"
    )
    if container["ready"] or not ended or not container["restartCount"]:
        return None
    if ended.get("reason") == "OOMKilled":
        return "it needs more memory than its limit"
    if ended["exitCode"] == 137 and waiting_for != "CrashLoopBackOff":
        return None
    return f"its program ended with exit status {ended['exitCode']}"


def _complete(deployment: dict) -> bool:
    status, wanted = deployment["status"], deployment["spec"]["replicas"]
    seen = (
        status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    )  # else it is about what was asked before
    return seen and all(
        status.get(count, 0) == wanted
        for count in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    )

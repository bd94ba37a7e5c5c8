"""The Deployments, Services, autoscaler, and pods of this project in the cluster, as they were
at one moment.
"""

from dataclasses import dataclass
from functools import cached_property

from hostlab.methods.kubernetes.autoscaler import autoscaler_of
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.pods import condition, failure_reason, is_deleted, unix_time
from hostlab.runtime.progress import Sentence
from hostlab.types import Autoscaler

RUN_ID, OWNER = "hosting-lab/run-id", "hosting-lab/owner"
PART_OF = "app.kubernetes.io/part-of=hosting-lab"
MODEL, API = "model-service", "api-service"
AUTOSCALER_KIND = "horizontalpodautoscalers.v2.autoscaling"
KINDS = f"deployments,services,pods,{AUTOSCALER_KIND}"
APPS = ("model", "api")  # the label `app` of their pods; those of overlays/ have others
PROGRAMS = f"{PART_OF},app in ({','.join(APPS)})"


@dataclass(frozen=True)
class ClusterObjects:
    """What `kubectl get` returned of the kinds in KINDS."""

    items: list[KubernetesObject]

    @classmethod
    def of(cls, kubectl: Kubectl) -> "ClusterObjects":
        """Query the cluster. Raises Unavailable."""
        return cls(kubectl.json("get", KINDS, "--selector", PART_OF)["items"])

    @cached_property
    def deployments(self) -> dict[str, KubernetesObject]:
        """The Deployments of the model and the API by name."""
        return {
            one["metadata"]["name"]: one
            for one in self.items
            if one["kind"] == "Deployment" and one["metadata"]["name"] in (MODEL, API)
        }

    @cached_property
    def pods(self) -> list[KubernetesObject]:
        """All pods of the model and the API that are not being deleted and not finished (as evicted
        ones are), the model's first, then by age.
        """
        pods = [one for one in self.items if one["kind"] == "Pod" and not is_deleted(one)]
        pods = [one for one in pods if one["metadata"].get("labels", {}).get("app") in APPS]
        pods = [one for one in pods if one["status"].get("phase") not in ("Failed", "Succeeded")]
        return sorted(pods, key=_role_and_age)

    @property
    def run_id(self) -> str | None:
        """The run that created the Deployments; None when a person applied the files by hand."""
        return self._label(RUN_ID)

    @property
    def owner(self) -> str | None:
        """The label of whose run it is; None when a person applied the files by hand."""
        return self._label(OWNER)

    @property
    def since(self) -> float:
        """When the older Deployment was created, in Unix seconds."""
        created = (one["metadata"]["creationTimestamp"] for one in self.deployments.values())
        return min(map(unix_time, created))

    @property
    def node_port(self) -> int | None:
        """The API's NodePort."""
        ports = (
            port
            for one in self.items
            if one["kind"] == "Service" and one["metadata"]["name"] == API
            for port in one["spec"]["ports"]
        )
        return next((port["nodePort"] for port in ports if "nodePort" in port), None)

    @property
    def autoscaler(self) -> Autoscaler | None:
        """What sets the number of model pods; None where a person does."""
        if MODEL not in self.deployments:
            return None
        autoscalers = (one for one in self.items if one["kind"] == "HorizontalPodAutoscaler")
        for one in autoscalers:
            if one["spec"]["scaleTargetRef"]["name"] == MODEL:
                return autoscaler_of(one, self.deployments[MODEL])
        return None

    @property
    def serving(self) -> bool:
        """Whether at least one pod of each Deployment takes requests."""
        return all(
            name in self.deployments and self.deployments[name]["status"].get("readyReplicas")
            for name in (MODEL, API)
        )

    def _label(self, name: str) -> str | None:
        found = {one["metadata"].get("labels", {}).get(name) for one in self.deployments.values()}
        return found.pop() if len(found) == 1 else None

    def is_rolled_out(self, *names: str) -> bool:
        """Return whether all pods of these Deployments are of the newest version and ready, and no
        older one is left.
        """
        deployments = [self.deployments[name] for name in names if name in self.deployments]
        return bool(self.deployments) and all(map(_is_rolled_out, deployments))

    def progress(self) -> Sentence:
        """Return how many pods are ready, and how many are new while not all of them are."""
        newest_first = sorted(self.deployments.items(), reverse=True)
        counts = tuple(_count(name, one) for name, one in newest_first)
        return Sentence("pods.counts", counts=counts)

    def failure(self) -> str | None:
        """Return why something cannot start, or None where it may only need time."""
        failures = (condition(one, "ReplicaFailure") for one in self.deployments.values())
        rejected = [
            f"The cluster rejects a pod: {one['message']}."
            for one in failures
            if one and one["status"] == "True"
        ]
        reasons = (*rejected, *map(failure_reason, self.pods))
        return next((reason for reason in reasons if reason), None)


def _role_and_age(pod: KubernetesObject) -> tuple[bool, str]:
    metadata = pod["metadata"]
    return metadata.get("labels", {}).get("app") != "model", metadata["creationTimestamp"]


def _count(name: str, deployment: KubernetesObject) -> Sentence:
    status, wanted = deployment["status"], deployment["spec"]["replicas"]
    updated, all_pods = status.get("updatedReplicas", 0), status.get("replicas", 0)
    ready = status.get("readyReplicas", 0)
    if updated < all_pods:
        return Sentence("pods.rolling", name=name, ready=ready, wanted=wanted, new=updated)
    return Sentence("pods.count", name=name, ready=ready, wanted=wanted)


def _is_rolled_out(deployment: KubernetesObject) -> bool:
    status, wanted = deployment["status"], deployment["spec"]["replicas"]
    # Before the controller has seen the newest generation, the status is about the one before.
    observed = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return observed and all(status.get(count, 0) == wanted for count in counts)

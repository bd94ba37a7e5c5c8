"""Create the objects of a run in the namespace, and remove what that run created
and nothing else.
"""

import time

from hostlab.errors import RequestFailed, StartFailed, Unavailable
from hostlab.methods.kubernetes.kubectl import (
    NAMESPACE,
    Kubectl,
    KubernetesObject,
    is_node_port_taken,
)
from hostlab.methods.kubernetes.objects import PART_OF, RUN_ID, ClusterObjects
from hostlab.methods.kubernetes.pods import has_ended

KINDS = "services,configmaps,horizontalpodautoscalers,poddisruptionbudgets"
ON_TOP_KINDS = "horizontalpodautoscalers,poddisruptionbudgets"
ON_TOP = f"{PART_OF},!{RUN_ID}"
MONITORING = f"{PART_OF},app.kubernetes.io/component=monitoring"  # overlays/monitoring
MONITORING_KINDS = "services,configmaps,rolebindings,roles,serviceaccounts"
REMOVE_TIMEOUT_S = 120.0
_ROOT_CA = "configmap/kube-root-ca.crt"
FORCE_AFTER_S = 15.0
POLL_S = 0.3


class Namespace:
    """The namespace `hosting-lab` of one cluster."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl = kubectl

    def apply(self, objects: list[KubernetesObject]) -> None:
        """Create the objects of a run.

        Raises StartFailed where someone else runs the method already.

        An existing namespace is kept as it is, so it is not ours to delete. But an empty one that
        an earlier, killed run left behind is taken over, and is deleted with this run.
        """
        kubectl = self._kubectl
        if ClusterObjects.of(kubectl).deployments:
            raise StartFailed(
                "Someone else has started it in this cluster in the meantime. `hostlab status` "
                "shows it, and you can use it."
            )
        phase = self._phase()
        if phase == "Terminating":  # an earlier run's
            self._wait_until_deleted()
        elif phase and not self._is_left_behind():
            objects = [one for one in objects if one["kind"] != "Namespace"]
        try:
            kubectl.apply(objects)
        except RequestFailed as error:
            if not is_node_port_taken(error):
                raise
            kubectl.apply(_without_node_ports(objects))  # the cluster picks a free one

    def remove(self, selector: str) -> None:
        """Delete the objects that `selector` matches, and the namespace if it matches and nothing
        else is in it.

        Raises Unavailable where they are still there after REMOVE_TIMEOUT_S.
        """
        kubectl = self._kubectl
        self._delete_pods(selector)
        kubectl("delete", KINDS, "--selector", selector)
        # What a person applied on top of the run (overlays/) has nothing left to work on.
        kubectl("delete", ON_TOP_KINDS, "--selector", ON_TOP)
        if kubectl("get", "deployments", "--selector", MONITORING, "--output=name"):
            self._delete_pods(MONITORING)
            kubectl("delete", MONITORING_KINDS, "--selector", MONITORING)
            self._wait_for_pods(MONITORING)
        self._wait_for_pods(selector)  # a namespace with pods in it is deleted slowly
        if self._matches(selector) and not self._foreign_objects(selector):
            kubectl("delete", "namespace", NAMESPACE, "--wait=false")
            self._wait_until_deleted()

    def _delete_pods(self, selector: str) -> None:
        """Delete the Deployments, ReplicaSets, and pods, without waiting for the pods.

        First what would create new pods. The orphaned pods then get 2 s rather than the half minute
        that they have in a rollout, because nobody is served any more.
        """
        kubectl, kinds = self._kubectl, "deployments,replicasets"
        kubectl("delete", kinds, "--selector", selector, "--cascade=orphan")
        kubectl("delete", "pods", "--selector", selector, "--grace-period=2", "--wait=false")

    def _wait_for_pods(self, selector: str) -> None:
        """Wait until all containers have ended, and then delete their pods from the API.

        The node itself may take a minute to do that, or to report that they have ended. Pods that
        have had FORCE_AFTER_S, many times their grace period, are deleted as well; the node kills
        what still runs in them.
        """
        kubectl, started = self._kubectl, time.monotonic()
        while pods := kubectl.json("get", "pods", "--selector", selector)["items"]:
            waited_s = time.monotonic() - started
            if waited_s > REMOVE_TIMEOUT_S:
                raise _not_removed()
            forced = waited_s > FORCE_AFTER_S
            if names := [pod["metadata"]["name"] for pod in pods if forced or has_ended(pod)]:
                options = ("--grace-period=0", "--force", "--wait=false", "--ignore-not-found")
                kubectl("delete", "pods", *names, *options)
            time.sleep(POLL_S)

    def _wait_until_deleted(self) -> None:
        deadline = time.monotonic() + REMOVE_TIMEOUT_S
        arguments = ("namespaces", NAMESPACE, "--ignore-not-found", "--output=name")
        while self._kubectl("get", *arguments):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"The namespace {NAMESPACE} has been terminating for {REMOVE_TIMEOUT_S:.0f} s. "
                    f"{self._why_terminating()}"
                )
            time.sleep(POLL_S)

    def _why_terminating(self) -> str:
        """Return what the cluster says keeps the namespace, and what to do."""
        found = self._kubectl.json("get", "namespaces", NAMESPACE)
        conditions = found.get("status", {}).get("conditions", [])
        messages = [one["message"] for one in conditions if one["status"] == "True"]
        kept = " ".join(messages) or "The cluster does not say why."
        return (
            f"{kept} Remove what keeps it: a finalizer of an object in it, or an APIService that "
            "does not answer (`kubectl get apiservices`)."
        )

    def _phase(self) -> str:
        """Return Active, Terminating, or an empty string where there is no such namespace."""
        output = "--output=jsonpath={.status.phase}"
        return self._kubectl("get", "namespaces", NAMESPACE, "--ignore-not-found", output)

    def _matches(self, selector: str) -> bool:
        """Return whether the namespace exists and `selector` matches it."""
        field = f"--field-selector=metadata.name={NAMESPACE}"
        arguments = (field, "--selector", selector, "--output=name")
        return bool(self._kubectl("get", "namespaces", *arguments))

    def _is_left_behind(self) -> bool:
        """Return whether a run created the namespace, and nothing is in it."""
        return self._matches(RUN_ID) and not self._foreign_objects(f"{RUN_ID}=none")

    def _foreign_objects(self, selector: str) -> list[str]:
        """Return what is in the namespace that neither `selector` matches nor Kubernetes itself
        created, nor a controller puts into every namespace.
        """
        kinds, others = "all,configmaps,secrets,persistentvolumeclaims", selector.replace("=", "!=")
        names = self._kubectl("get", kinds, "--selector", others, "--output=name").split()
        everywhere = self._in_default_namespace() if names else set()
        return [
            name
            for name in names
            if name not in everywhere and not name.startswith("secret/default-token-")
        ]

    def _in_default_namespace(self) -> set[str]:
        """Return the ConfigMaps and Secrets of the namespace `default`.

        One of the same name comes from a controller, such as kube-root-ca.crt from Kubernetes
        itself and istio-ca-root-cert from a service mesh.
        """
        arguments = ("configmaps,secrets", "--namespace", "default", "--output=name")
        try:
            return {*self._kubectl("get", *arguments).split(), _ROOT_CA}
        except RequestFailed:  # this user may not look there
            return {_ROOT_CA}


def _without_node_ports(objects: list[KubernetesObject]) -> list[KubernetesObject]:
    for one in objects:
        for port in one["spec"]["ports"] if one["kind"] == "Service" else []:
            port.pop("nodePort", None)
    return objects


def _not_removed() -> Unavailable:
    return Unavailable(
        f"kubernetes did not stop within {REMOVE_TIMEOUT_S:.0f} s. See `kubectl -n {NAMESPACE} get "
        "pods`, and stop it again."
    )

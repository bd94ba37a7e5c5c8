"""The pods that the checks of lesson 04 create.

Each pod carries the label of the service's run. It is deleted with the run, even if the notebook is
killed halfway.
"""

import contextlib
import random
import time
from collections.abc import Iterator

from hostlab.errors import HostingLabError, RequestFailed, Unavailable
from hostlab.methods.docker.compose import VERSION
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.objects import MODEL, RUN_ID
from hostlab.methods.kubernetes.pods import condition, not_ready_reason
from notebooks.lessons import held_model
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import Wrong, doing

texts = LessonTexts("kubernetes")

# What the namespace demands of every pod.
SECURITY_CONTEXT = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
MODEL_PORT, MODEL_PORT_NAME = 5001, "http"  # as in model-deployment.yaml
MODEL_CONTAINER: KubernetesObject = {
    "name": "model",
    "image": f"hosting-lab/{MODEL}:{VERSION}",
    "imagePullPolicy": "IfNotPresent",
    "ports": [{"name": MODEL_PORT_NAME, "containerPort": MODEL_PORT}],
    "securityContext": SECURITY_CONTEXT,
}
MODEL_COMMAND = ["python", "deployments/separate_process/model_service.py"]  # the image's own
POD_TIMEOUT_S = 90.0
# The faults of exercise 2, by the word that the exercise uses for each.
FAULTS: dict[str, KubernetesObject] = {
    "image": {"image": f"hosting-lab/{MODEL}:1.O"},
    "room": {"resources": {"requests": {"cpu": "999"}}},
    "setting": {"envFrom": [{"configMapRef": {"name": "setings"}}]},
    "crash": {"command": ["python", "modelservice.py"]},
}
GET_READY = """
import http.client
try:
    connection = http.client.HTTPConnection("127.0.0.1", 5001, timeout=5)
    connection.request("GET", "/ready")
    print(connection.getresponse().status)
except OSError:
    print(0)
"""


@contextlib.contextmanager
def temporary_pods(
    service: Kubernetes, app: str, containers: dict[str, KubernetesObject]
) -> Iterator[None]:
    """Create pods of the model's image for the duration of the block.

    `containers` maps a pod's name to what differs from MODEL_CONTAINER. Raises NotRunning, and
    Wrong if the cluster rejects a pod.
    """
    assert service.url  # raises NotRunning
    kubectl = service.supervisor.kubectl
    labels = {"app": app, RUN_ID: service.status().run_id or "none"}
    objects = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": labels},
            "spec": {"containers": [MODEL_CONTAINER | container]},
        }
        for name, container in containers.items()
    ]
    _delete(kubectl, app)  # left over from an interrupted attempt
    try:
        try:
            kubectl.apply(objects)
        except RequestFailed as error:
            raise Wrong(texts("probe_rejected", message=error)) from error
        yield
    finally:
        _delete(kubectl, app)


def _delete(kubectl: Kubectl, app: str) -> None:
    # By force, because a pod whose container was never created can take a minute to terminate.
    force = ("--force", "--grace-period=0", "--ignore-not-found")
    kubectl("delete", "pods", "--selector", f"app={app}", *force)


def get_pods(kubectl: Kubectl, app: str) -> dict[str, KubernetesObject]:
    """Return the pods of that label, by name."""
    pods = kubectl.json("get", "pods", "--selector", f"app={app}")["items"]
    return {pod["metadata"]["name"]: pod for pod in pods}


def ready_status(kubectl: Kubectl, name: str) -> int:
    """Return the status of GET /ready, requested inside a pod; 0 if nothing responds."""
    with contextlib.suppress(HostingLabError, ValueError):
        return int(kubectl("exec", name, "--", "python", "-S", "-c", GET_READY, timeout_s=20))
    return 0


def responds(kubectl: Kubectl, name: str) -> bool:
    """Return whether GET /health, requested inside a pod, succeeds."""
    with contextlib.suppress(HostingLabError):
        kubectl("exec", name, "--", *held_model.RESPONDS, timeout_s=20)
        return True
    return False


def failed_probes(kubectl: Kubectl, name: str) -> int:
    """Return how many of a pod's probes have failed."""
    options = f"--field-selector=reason=Unhealthy,involvedObject.name={name}"
    events = kubectl.json("get", "events", options)["items"]
    return sum(event.get("count") or 1 for event in events)


def why_not_ready(kubectl: Kubectl, pod: KubernetesObject) -> str:
    """Return the cluster's reason why a pod is not ready, or an empty string."""
    options = ("--field-selector=type=Warning", "--sort-by=.lastTimestamp")
    events = kubectl.json("get", "events", *options)["items"]
    return not_ready_reason(pod, events) or ""


def broken_pods(service: Kubernetes) -> list[KubernetesObject]:
    """Create one pod for each fault of exercise 2, and return them as the cluster reports them.

    The pods are deleted before this function returns.
    """
    return list(pods_by_fault(service).values())


def what_matters(pod: KubernetesObject) -> KubernetesObject:
    """Return what `kubectl get pod` says about a pod that does not start, without the rest.

    These are the condition that no node has taken it, and the state of the container.
    """
    status = pod["status"]
    kept: KubernetesObject = {"phase": status["phase"]}
    if unmet := _without_node(pod):
        names = ("type", "status", "reason", "message")
        kept["conditions"] = [{name: unmet[name] for name in names if name in unmet}]
    states = [{"state": one["state"]} for one in status.get("containerStatuses", [])]
    return {"status": kept | ({"containerStatuses": states} if states else {})}


def _without_node(pod: KubernetesObject) -> KubernetesObject | None:
    """Return the condition that says that no node has taken the pod, or None."""
    scheduled = condition(pod, "PodScheduled")
    return scheduled if scheduled and scheduled["status"] == "False" else None


def pods_by_fault(service: Kubernetes) -> dict[str, KubernetesObject]:
    """Return the same pods as `broken_pods`, by their fault, and say what takes so long."""
    doing(texts("breaking", count=len(FAULTS)))
    shuffled = random.sample(list(FAULTS), len(FAULTS))
    names = {fault: f"broken-{number}" for number, fault in enumerate(shuffled, 1)}
    deadline = time.monotonic() + POD_TIMEOUT_S
    with temporary_pods(service, "broken", {names[fault]: FAULTS[fault] for fault in names}):
        while time.monotonic() < deadline:
            pods = get_pods(service.supervisor.kubectl, "broken")
            if all(name in pods and symptom(pods[name]) for name in names.values()):
                return {fault: pods[name] for fault, name in names.items()}
            time.sleep(0.5)
    raise Unavailable(texts("why_never", seconds=POD_TIMEOUT_S))


def symptom(pod: KubernetesObject) -> str:
    """Return what the cluster reports about a pod's fault; empty until that is final."""
    if unmet := _without_node(pod):
        return texts("no_node", message=unmet["message"])
    for status in pod["status"].get("containerStatuses", []):
        reason = status.get("state", {}).get("waiting", {}).get("reason", "")
        if reason not in ("", "ContainerCreating", "PodInitializing"):
            return texts("waiting", reason=reason)
        # Between two restarts, some versions of Kubernetes show how the program ended instead.
        ended = status.get("state", {}).get("terminated", {})
        if status["restartCount"] and ended:
            return texts("ended", status=ended["exitCode"])
    return ""

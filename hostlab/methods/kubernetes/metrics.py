"""The cluster's metrics server, which tells the autoscaler the CPU usage of pods.

Many local clusters have none. The project's own, upstream's with a pinned version, is installed
only if the user asks for that. All of its objects carry a label, by which the end of a run removes
them again, and nothing else.
"""

import contextlib
import time

from hostlab.errors import NoMetrics, RequestFailed, StartFailed, Unavailable
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.manifests import images, metrics_server
from hostlab.methods.kubernetes.pods import condition
from hostlab.runtime.progress import Progress, Sentence, verbatim
from hostlab.types import Language

API_SERVICE = "v1beta1.metrics.k8s.io"
INSTALLED = "hosting-lab/installed=metrics-server"
POD = "k8s-app=metrics-server"
INSTALL_TIMEOUT_S = 180.0
POLL_S = 1.0
_SYSTEM = "kube-system"
# The APIService comes first and goes last: where it is, something may be left.
_KINDS = "deployments,services,serviceaccounts,rolebindings,clusterrolebindings,clusterroles"


def require(kubectl: Kubectl) -> None:
    """Raise NoMetrics where the cluster has no metrics server, or Unavailable where it has one that
    does not answer.
    """
    found = _api_service(kubectl)
    if not found:
        image = images(metrics_server(kubectl, self_signed=False))[0]
        raise NoMetrics(
            "The cluster has no metrics server, so an autoscaler would not know the CPU usage of "
            "the pods. With minikube, run `minikube addons enable metrics-server`. Elsewhere, "
            "`hostlab autoscale kubernetes --install-metrics` installs the one in "
            "deployments/kubernetes/metrics-server.",
            f"hostlab can install one: it applies deployments/kubernetes/metrics-server to the "
            f"namespace kube-system of the cluster {kubectl.context!r}, the cluster downloads the "
            f"image {image}, and `hostlab down kubernetes` removes all of it again.",
        )
    if reason := _not_available(found):
        raise Unavailable(
            f"The cluster's metrics server does not answer: {reason.text(Language.EN)} Wait a "
            "minute if the cluster has just started. See `kubectl -n kube-system get pods`."
        )


def provide(kubectl: Kubectl, self_signed: bool, progress: Progress) -> None:
    """Install the project's metrics server where the cluster has none, and wait until it answers.

    `self_signed` is whether the nodes' certificates are. Raises StartFailed with the reason where
    it does not answer; it is then removed again.
    """
    if _api_service(kubectl):
        return
    objects = metrics_server(kubectl, self_signed)
    label, _, value = INSTALLED.partition("=")
    for one in objects:
        one["metadata"].setdefault("labels", {})[label] = value
    objects.sort(key=lambda one: one["kind"] != "APIService")
    progress(Sentence("cluster.installing_metrics", image=images(objects)[0]))
    try:
        kubectl.apply(objects, _SYSTEM)
        _wait(kubectl, progress)
    except BaseException:  # Ctrl-C too
        remove(kubectl)
        raise


def remove(kubectl: Kubectl) -> None:
    """Remove the metrics server if `provide` installed it."""
    with contextlib.suppress(RequestFailed):  # who may not look there has not installed it
        if kubectl("get", "apiservices", "--selector", INSTALLED, "--output=name"):
            kubectl("delete", _KINDS, "--namespace", _SYSTEM, "--selector", INSTALLED)
            kubectl("delete", "apiservices", "--selector", INSTALLED)


def _wait(kubectl: Kubectl, progress: Progress) -> None:
    deadline = time.monotonic() + INSTALL_TIMEOUT_S
    while (reason := _not_available(_api_service(kubectl))) and time.monotonic() < deadline:
        state = _pod_state(kubectl)
        seen = verbatim(state) if state else reason
        progress(Sentence("cluster.waiting_metrics", reason=seen))
        time.sleep(POLL_S)
    if reason:
        raise StartFailed(
            f"The metrics server did not answer within {INSTALL_TIMEOUT_S:.0f} s, and was removed "
            f"again. {_pod_state(kubectl)} {reason.text(Language.EN)}"
        )


def _api_service(kubectl: Kubectl) -> KubernetesObject:
    """Return how the metrics are served, or nothing where they are not."""
    found = kubectl.json("get", "apiservices", f"--field-selector=metadata.name={API_SERVICE}")
    return next(iter(found["items"]), {})


def _not_available(api_service: KubernetesObject) -> Sentence | None:
    """Return why the metrics server does not answer, or None where it does."""
    found = condition(api_service, "Available")
    if found and found["status"] == "True":
        return None
    if not found:
        return Sentence("cluster.not_seen")
    return verbatim(f"{found['message']}.")


def _pod_state(kubectl: Kubectl) -> str:
    """Return what a container of the installed metrics server waits for, or an empty string."""
    pods = kubectl.json("get", "pods", "--namespace", _SYSTEM, "--selector", POD)["items"]
    waiting = [
        one.get("state", {}).get("waiting", {})
        for pod in pods
        for one in pod["status"].get("containerStatuses", [])
    ]
    reasons = [f"{one['reason']}. {one.get('message', '')}".strip() for one in waiting if one]
    return " ".join(reasons)

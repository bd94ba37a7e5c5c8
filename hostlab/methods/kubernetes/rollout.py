"""Wait for a rollout and, where it cannot succeed, say why: with the cluster's reason rather than a
timeout. Find the version before it.
"""

import copy
import time

from hostlab.errors import StartFailed
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.objects import PART_OF, ClusterObjects
from hostlab.methods.kubernetes.pods import not_ready_reason
from hostlab.runtime.progress import Progress, Sentence
from hostlab.types import Language

POLL_S = 0.5
FAILURE_TOLERANCE_S = 4.0  # a failure has to last, because a name server or a node may fail once
TIMEOUT_S = 240.0
REVISION = "deployment.kubernetes.io/revision"
REPEAT_AFTER_S = 5.0  # a notebook keeps every sentence, so the same one is repeated rarely


def wait(kubectl: Kubectl, names: tuple[str, ...], progress: Progress) -> None:
    """Return when the Kubernetes Deployments `names` are rolled out.

    Raises StartFailed with the reason.
    """
    deadline, failed_since = time.monotonic() + TIMEOUT_S, None
    reported_at: float = 0.0
    reported: Sentence | None = None
    while True:
        objects, now = ClusterObjects.of(kubectl), time.monotonic()
        if objects.is_rolled_out(*names):
            return
        failure = objects.failure()
        failed_since = (failed_since or now) if failure else None
        if failure and failed_since and now - failed_since >= FAILURE_TOLERANCE_S:
            raise StartFailed(failure)
        if now >= deadline:
            reason = _reason(kubectl, objects)
            state = objects.progress().text(Language.EN)
            raise StartFailed(f"{state} after {TIMEOUT_S:.0f} s. {reason}")
        sentence = objects.progress()
        if sentence != reported or now - reported_at >= REPEAT_AFTER_S:
            reported_at, reported = now, sentence
            progress(sentence)
        time.sleep(POLL_S)


def earlier_revision(kubectl: Kubectl, deployment: KubernetesObject) -> int | None:
    """Return the newest revision that differs from the current one, or None.

    Autoscaling makes revisions too, which differ only in their limits: they do not count. Of
    several that do, one with the current limits is preferred.
    """
    name, current = deployment["metadata"]["name"], deployment["spec"]["template"]
    found = kubectl.json("get", "replicasets", "--selector", PART_OF)["items"]
    revisions = [
        (
            _limits(one["spec"]["template"]) == _limits(current),
            int(one["metadata"]["annotations"][REVISION]),
        )
        for one in found
        if any(owner["name"] == name for owner in one["metadata"].get("ownerReferences", []))
        and _content(one["spec"]["template"]) != _content(current)
    ]
    return max(revisions)[1] if revisions else None


def _limits(template: KubernetesObject) -> list[object]:
    return [one.get("resources", {}).get("limits") for one in template["spec"]["containers"]]


def _content(template: KubernetesObject) -> KubernetesObject:
    """Return a template without its limits, and without the hash that its ReplicaSet adds."""
    content = copy.deepcopy(template)
    content["metadata"]["labels"].pop("pod-template-hash", None)
    for one in content["spec"]["containers"]:
        one.get("resources", {}).pop("limits", None)
    return content


def _reason(kubectl: Kubectl, objects: ClusterObjects) -> str:
    options = ("--field-selector=type=Warning", "--sort-by=.lastTimestamp")
    events = kubectl.json("get", "events", *options)["items"]
    reasons = (not_ready_reason(pod, events) for pod in objects.pods)
    unknown = "The cluster does not say why. See `kubectl -n hosting-lab get events`."
    return " ".join(filter(None, reasons)) or unknown

"""Turn the autoscaler of the model pods on and off.

The overlay `autoscaling` is applied, and it names the CPU limit that the pods have meanwhile. The
limit that they had before is written down at the autoscaler itself, so that any later process can
restore it.
"""

import json

from hostlab.methods.kubernetes import rollout
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.manifests import autoscaling
from hostlab.methods.kubernetes.objects import AUTOSCALER_KIND, MODEL, PART_OF, ClusterObjects
from hostlab.runtime.progress import Progress, Sentence

KINDS = "horizontalpodautoscalers,poddisruptionbudgets"  # of the overlay
CPU_LIMIT, CPU_LIMIT_BEFORE = "hosting-lab/cpu-limit", "hosting-lab/cpu-limit-before"


def turn_on(
    kubectl: Kubectl,
    objects: ClusterObjects,
    bounds: dict[str, int],
    cpu_percent: int,
    progress: Progress,
) -> None:
    """Create the autoscaler, or change its bounds (minReplicas, maxReplicas) and its target.

    Raises StartFailed where pods with the lower CPU limit do not become ready; the autoscaler can
    then be turned off as usual.
    """
    before = _limit_before(kubectl) or _limit(objects.deployments[MODEL])
    created, limit = autoscaling(kubectl, objects.run_id), None
    for one in created:
        if one["kind"] == "HorizontalPodAutoscaler":
            one["spec"].update(bounds)
            one["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] = cpu_percent
            annotations = one["metadata"]["annotations"]
            limit = annotations[CPU_LIMIT]
            if before:
                annotations[CPU_LIMIT_BEFORE] = before
    kubectl.apply(created)
    if before and limit:
        _set_limit(kubectl, objects.deployments[MODEL], limit, progress)


def turn_off(kubectl: Kubectl, progress: Progress) -> None:
    """Remove the autoscaler, if there is one, and restore the CPU limit. Raises StartFailed."""
    before = _limit_before(kubectl)
    kubectl("delete", KINDS, "--selector", PART_OF)
    if before:
        _set_limit(kubectl, ClusterObjects.of(kubectl).deployments[MODEL], before, progress)


def _limit_before(kubectl: Kubectl) -> str | None:
    """Return the CPU limit that the pods had before autoscaling, as the autoscaler notes it."""
    found = kubectl.json("get", AUTOSCALER_KIND, "--selector", PART_OF)["items"]
    notes = (one["metadata"].get("annotations", {}).get(CPU_LIMIT_BEFORE) for one in found)
    return next(filter(None, notes), None)


def _limit(deployment: KubernetesObject) -> str | None:
    limit = _container(deployment).get("resources", {}).get("limits", {}).get("cpu")
    return None if limit is None else str(limit)


def _set_limit(
    kubectl: Kubectl, deployment: KubernetesObject, limit: str, progress: Progress
) -> None:
    if _limit(deployment) == limit:
        return
    progress(Sentence("pods.replacing", limit=limit))
    resources = {"limits": {"cpu": limit}}
    containers = [{"name": _container(deployment)["name"], "resources": resources}]
    patch = {"spec": {"template": {"spec": {"containers": containers}}}}
    kubectl("patch", f"deployment/{MODEL}", "--patch", json.dumps(patch))
    rollout.wait(kubectl, (MODEL,), progress)


def _container(deployment: KubernetesObject) -> KubernetesObject:
    container: KubernetesObject = deployment["spec"]["template"]["spec"]["containers"][0]
    return container

"""What the autoscaler of the model pods may be told, and what it reports.

Kubernetes compares the CPU usage of the pods, in percent of what they request, with a target every
15 s, and the metrics server reads that usage every 15 s. So a change shows with that much delay.
"""

import time

from hostlab.errors import BadInput
from hostlab.methods.kubernetes.kubectl import KubernetesObject
from hostlab.methods.kubernetes.pods import condition, unix_time
from hostlab.types import Autoscaler

MOST_REPLICAS = 16
MOST_PERCENT = 1000  # ten times what a pod requests; its limit is below that
FIRST_USAGE_S = 60.0  # after this long without one, the cluster's own reason is worth reading


def check(minimum: int, maximum: int, cpu_percent: int) -> None:
    """Raise BadInput for limits or a target that an autoscaler cannot have."""
    if not 1 <= minimum <= maximum <= MOST_REPLICAS:
        raise BadInput(
            f"An autoscaler cannot run {minimum} to {maximum} replicas. Use a minimum of at least "
            f"1, and a maximum from there to {MOST_REPLICAS}."
        )
    if not 1 <= cpu_percent <= MOST_PERCENT:
        raise BadInput(
            f"A target of {cpu_percent} % is not possible. Use 1 to {MOST_PERCENT} percent of the "
            "CPU that a pod requests (resources.requests in model-deployment.yaml)."
        )


def require_off(autoscaler: Autoscaler | None) -> None:
    """Raise BadInput while an autoscaler sets the number of replicas."""
    if autoscaler:
        raise BadInput(
            f"An autoscaler sets the number of model pods of kubernetes, {autoscaler.minimum} to "
            f"{autoscaler.maximum}, and would undo this. First turn it off: "
            "`hostlab autoscale kubernetes off`."
        )


def autoscaler_of(autoscaler: KubernetesObject, deployment: KubernetesObject) -> Autoscaler:
    """Return what a HorizontalPodAutoscaler reports about a Kubernetes Deployment."""
    spec, status = autoscaler["spec"], autoscaler.get("status", {})
    target = _cpu(spec.get("metrics") or []).get("target", {}).get("averageUtilization")
    current = _cpu(status.get("currentMetrics") or []).get("current", {})
    utilization = current.get("averageUtilization")
    return Autoscaler(
        minimum=spec.get("minReplicas", 1),
        maximum=spec["maxReplicas"],
        target_percent=target,
        utilization_percent=utilization,
        wanted=deployment["spec"]["replicas"],
        ready=deployment["status"].get("readyReplicas", 0),
        reason=_reason(autoscaler, known=target is None or utilization is not None),
    )


def _cpu(metrics: list[KubernetesObject]) -> KubernetesObject:
    """Return the CPU's part of a list of metrics, or nothing."""
    resources: list[KubernetesObject] = [one.get("resource") or {} for one in metrics]
    return next((one for one in resources if one.get("name") == "cpu"), {})


def _reason(autoscaler: KubernetesObject, known: bool) -> str | None:
    """Return why the usage is not known, or why there are no more replicas; None: neither."""
    limited, active = (
        condition(autoscaler, "ScalingLimited"),
        condition(autoscaler, "ScalingActive"),
    )
    if known:
        at_most = limited and limited["status"] == "True" and limited["reason"] == "TooManyReplicas"
        return "The load would need more than the maximum." if at_most else None
    age_s = time.time() - unix_time(autoscaler["metadata"]["creationTimestamp"])
    if age_s > FIRST_USAGE_S and active and active["status"] == "False":
        return f"The CPU usage is not known: {active['message']}"
    return "The CPU usage is not known yet. The first figure takes about 40 s."

"""The rush hour of lesson 04 once more, simulated: is the simulation of 50 nodes worth anything?"""

import psutil

from hostlab.measure.autoscaler_rule import Rule, ScalingPolicy
from hostlab.measure.autoscaler_simulation import Course, NodePool, Pod, simulate_autoscaling
from hostlab.measure.simulation import ServiceTimes, times_under_load
from notebooks.lessons.kubernetes_autoscaling import LOAD_SHARE, MOST_PODS, AutoscaledRush

# As in deployments/kubernetes/overlays/autoscaling
ONE_AT_A_TIME = ScalingPolicy(window_s=0, pods=1, percent=0, period_s=15)
USUAL_START_S = 10.0


def simulated_rush(rush: AutoscaledRush, target_percent: int) -> Course:
    """Simulate the rush hour that ran, with what one pod could do and how long its start took.

    When something happens is up to the simulation, except for the moment when the cluster first
    knew the pods' use: that depends on when the metrics server and the autoscaler last looked.
    """
    capacity_per_s = rush.capacity_per_s
    wanted_s, ready_s = rush.first_s(wanted=2), rush.first_s(ready=2)
    pod = Pod(
        text_ms=rush.pod_cores * 1000 / capacity_per_s,
        request_cores=rush.pod_cores,
        limit_cores=rush.pod_cores,
        start_s=ready_s - wanted_s if wanted_s and ready_s else USUAL_START_S,
    )
    rule = Rule(1, MOST_PODS, target_percent, up=ONE_AT_A_TIME)
    times = times_under_load([rush.load.samples]) or ServiceTimes([pod.text_ms], [0.0], {1: 1.0})
    return simulate_autoscaling(
        rule,
        pod,
        NodePool(nodes=1, cores_per_node=float(psutil.cpu_count() or 1)),
        times,
        lambda second: LOAD_SHARE * capacity_per_s,
        seconds=int(rush.seconds),
        bound_ms=float("inf"),
        start_pods=1,
        first_use_s=max(1, round(rush.first_use_s() or rush.seconds)),
    )

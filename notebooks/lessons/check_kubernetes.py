"""The checks of lesson 04.

They create pods in the running cluster, or kill one of the service's, and observe the result.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from hostlab.client import Client
from hostlab.measure.load.generator import OpenLoad
from hostlab.measure.load.texts import TEXTS
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.objects import MODEL, ClusterObjects
from hostlab.methods.kubernetes.pods import is_ready
from notebooks.lessons import held_model
from notebooks.lessons.kubernetes_pods import (
    FAULTS,
    MODEL_COMMAND,
    MODEL_PORT,
    MODEL_PORT_NAME,
    POD_TIMEOUT_S,
    failed_probes,
    get_pods,
    pods_by_fault,
    ready_status,
    responds,
    symptom,
    temporary_pods,
    why_not_ready,
)
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.variant import UNREADY_S
from notebooks.lessons.verdict import (
    NotSolved,
    Wrong,
    check,
    doing,
    is_missing,
    require,
    run,
)

texts = LessonTexts("kubernetes")

# A late response is not a failure: on a busy laptop, one can take seconds.
RESPONSE_TIMEOUT_S = 20.0
SEVERAL_PROBES_S = 10.0  # for a probe with a period of 1 s, on a busy laptop
EVENTS_COME_S = 3.0  # by then, the cluster reports the failures from before the program responded
LATE_S = 8.0  # how much later than the program a probe with a period of 1 s may be ready
RATE_PER_S = 10.0
ENDPOINTS_TIMEOUT_S = 15.0
USUAL_PROBE = {"periodSeconds": 10, "failureThreshold": 3}  # what a probe has that says nothing


@check
def check_probe(probe: Any, service: Kubernetes) -> str:
    """Start the lecture's pod with the student's probe.

    The cluster must consider the pod ready when its program is, and not before. The check itself
    decides when the model loads. Otherwise, a fast computer would hide a wrong probe.
    """
    require(service)
    if is_missing(probe):
        raise NotSolved(texts("probe_unsolved"))
    if not isinstance(probe, dict):
        raise Wrong(texts("probe_no_dictionary", found=probe))
    _require_port(probe)
    _require_seconds(probe)
    # With this period, only a probe that checks the right thing is on time; a long delay that
    # happens to fit is not.
    frequent = probe | {"periodSeconds": 1, "failureThreshold": 3, "initialDelaySeconds": 0}
    # A new name each time, because the cluster keeps the events of earlier pods.
    name = f"probed-{uuid.uuid4().hex[:5]}"
    container = {
        "readinessProbe": frequent,
        "command": held_model.hold(MODEL_COMMAND),
        "env": [{"name": name, "value": value} for name, value in held_model.SETTINGS.items()],
    }
    doing(texts("probe_starting"))
    with temporary_pods(service, "exercise", {name: container}):
        _watch_while_held(service.supervisor.kubectl, name)
        doing(texts("probe_released"))
        service.supervisor.kubectl("exec", name, "--", *held_model.RELEASE)
        return texts("probe_ok", seconds=_seconds_until_pod_ready(service, name))


def _require_port(probe: KubernetesObject) -> None:
    """Raise Wrong for the name of a port that the pod does not have.

    The cluster accepts any name, and the probe then fails for a reason that nobody can read.
    """
    for kind in ("httpGet", "tcpSocket"):
        port = probe[kind].get("port") if isinstance(probe.get(kind), dict) else None
        if isinstance(port, str) and not port.isdigit() and port != MODEL_PORT_NAME:
            raise Wrong(texts("probe_port", found=port, name=MODEL_PORT_NAME, number=MODEL_PORT))


def _require_seconds(probe: KubernetesObject) -> None:
    """Raise Wrong unless the pod gets no more requests after the student's number of seconds."""
    period_s, failures = (probe.get(name, usual) for name, usual in USUAL_PROBE.items())
    asked_s = UNREADY_S.own()
    if not isinstance(period_s, int) or not isinstance(failures, int):
        raise Wrong(texts("probe_no_numbers", names=", ".join(USUAL_PROBE)))
    if period_s * failures != asked_s:
        seen = {"period": period_s, "failures": failures, "found": period_s * failures}
        raise Wrong(texts("probe_seconds", asked=asked_s, **seen))


def _watch_while_held(kubectl: Kubectl, name: str) -> None:
    """Raise Wrong if the cluster considers the pod ready before its model can load.

    Returns when the probe has failed in a program that responds, or has had the time to.
    """
    started, responds_since, earlier = time.monotonic(), None, None
    while time.monotonic() - started < POD_TIMEOUT_S:
        if is_ready(get_pods(kubectl, "exercise")[name]):
            raise Wrong(texts("probe_early"))
        failures = failed_probes(kubectl, name)
        if responds_since is None:
            if responds(kubectl, name):
                responds_since = time.monotonic()
        elif earlier is None:
            if time.monotonic() - responds_since > EVENTS_COME_S:
                earlier = failures
        # The first of these may have begun before the program responded.
        elif failures >= earlier + 2 or time.monotonic() - responds_since > SEVERAL_PROBES_S:
            return
        time.sleep(0.2)
    message = why_not_ready(kubectl, get_pods(kubectl, "exercise")[name])
    raise Wrong(texts("probe_never", seconds=POD_TIMEOUT_S, message=message))


def _seconds_until_pod_ready(service: Kubernetes, name: str) -> float:
    """Raise Wrong if the cluster considers the pod ready too late, or never."""
    kubectl, started, program_since = service.supervisor.kubectl, time.monotonic(), None
    while (now := time.monotonic()) - started < POD_TIMEOUT_S:
        pod = get_pods(kubectl, "exercise")[name]
        if is_ready(pod):
            return now - started
        if program_since is None and ready_status(kubectl, name) == 200:
            program_since = time.monotonic()
        if program_since and now - program_since > LATE_S:
            message = why_not_ready(kubectl, pod)
            raise Wrong(texts("probe_late", seconds=now - program_since, message=message))
        time.sleep(0.2)
    message = why_not_ready(kubectl, get_pods(kubectl, "exercise")[name])
    raise Wrong(texts("probe_never", seconds=POD_TIMEOUT_S, message=message))


@check
def check_why(why: Callable[[KubernetesObject], Any], service: Kubernetes) -> str:
    """Call the student's function with one pod for each fault, in random order."""
    require(service)
    pods = pods_by_fault(service)
    found = {pod["metadata"]["name"]: run(why, pod) for pod in pods.values()}
    if all(is_missing(one) for one in found.values()):
        raise NotSolved(texts("why_unsolved"))
    for fault, pod in pods.items():
        name = pod["metadata"]["name"]
        if found[name] not in list(FAULTS):
            words = ", ".join(FAULTS)
            raise Wrong(texts("why_no_word", name=name, found=found[name], words=words))
        if found[name] != fault:
            raise Wrong(texts("why_wrong", name=name, found=found[name], message=symptom(pod)))
    return texts("why_ok", count=len(found))


@check
def check_survives(prepare: Callable[[Callable[..., str]], Any], service: Kubernetes) -> str:
    """Leave one model pod, let the student prepare, and kill a model pod under load.

    Afterwards, two model pods are desired again.
    """
    require(service)
    commands: list[tuple[str, ...]] = []
    kubectl = service.supervisor.kubectl

    def recorded(*command: str, **settings: Any) -> str:
        commands.append(command)
        return kubectl(*command, **settings)

    doing(texts("survive_scaling"))
    service.scale(1)
    try:
        doing(texts("survive_preparing"))
        run(prepare, recorded)
        if not commands:
            raise NotSolved(texts("survive_unsolved"))
        objects = ClusterObjects.of(kubectl)
        desired = objects.deployments[MODEL]["spec"]["replicas"]
        models = (pod for pod in objects.pods if pod["metadata"]["labels"]["app"] == "model")
        ready = sum(map(is_ready, models))
        _wait_for_endpoints(service.url, ready)
        load = OpenLoad(
            service.url, rate_per_s=RATE_PER_S, arrivals="constant", timeout_s=RESPONSE_TIMEOUT_S
        )
        doing(texts("survive_killing", rate=RATE_PER_S))
        with load:
            time.sleep(1)
            service.kill()
            time.sleep(3)
    finally:
        kubectl("scale", f"deployment/{MODEL}", "--replicas=2")
    sent = len(load.samples)
    statuses = [one.status or texts("no_response") for one in load.samples if one.status != 200]
    if statuses:
        seen = texts(
            "survive_lost",
            lost=len(statuses),
            kinds=", ".join(map(str, Counter(statuses))),
            sent=sent,
            wanted=desired,
            ready=ready,
        )
        raise Wrong(f"{seen} {_hint(desired, ready)}")
    if ready < 2:  # the second pod became ready in time, by chance
        raise Wrong(
            f"{texts('survive_lucky', wanted=desired, ready=ready)} {_hint(desired, ready)}"
        )
    return texts("survive_ok", ready=ready, sent=sent)


def _hint(desired: int, ready: int) -> str:
    if desired < 2:
        return texts("survive_one")
    return texts("survive_hasty") if ready < 2 else texts("survive_other")


def _wait_for_endpoints(url: str, pods: int) -> None:
    """Wait until the API uses as many model pods as are ready.

    It learns of a new pod some seconds after the cluster does.
    """
    replicas: set[str] = set()
    deadline = time.monotonic() + ENDPOINTS_TIMEOUT_S
    with Client(url) as client:
        while len(replicas) < pods and time.monotonic() < deadline:
            replicas.add(client.ask(TEXTS[0]).headers["X-Replica"])

"""The checks of lesson 04: they make pods of their own in the live cluster, or kill one of the
service's, and look at what happens.

All that is made here carries the label of the service's run: it ends with the run, also when the
notebook is killed in the middle.
"""

import contextlib
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from hostlab.client import Client
from hostlab.errors import HostingLabError, RequestFailed, Unavailable
from hostlab.measure.load.generator import OpenLoad
from hostlab.measure.load.texts import TEXTS
from hostlab.methods.docker.compose import VERSION
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.objects import MODEL, RUN_ID, ClusterObjects
from hostlab.methods.kubernetes.pods import is_ready, not_ready_reason
from notebooks.lessons import texts_kubernetes as texts
from notebooks.lessons.verdict import NotSolved, Wrong, check, require, run

IMAGE = f"hosting-lab/{MODEL}:{VERSION}"
RIGHTS = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}  # what the namespace demands of every pod
POD_TIMEOUT_S = 90.0
LAST_ANSWER_S = 20.0  # an answer that is late is no failure: on a busy laptop one may take seconds
LATE_S = 8.0  # so much longer than the program a probe that asks every second may need
RATE_PER_S = 10.0
KNOWN_WITHIN_S = 15.0
ASK = """
import http.client
try:
    asked = http.client.HTTPConnection("127.0.0.1", 5001, timeout=5)
    asked.request("GET", "/ready")
    print(asked.getresponse().status)
except OSError:
    print(0)
"""
BROKEN: dict[str, KubernetesObject] = {
    "image": {"image": f"hosting-lab/{MODEL}:1.O"},
    "room": {"resources": {"requests": {"cpu": "999"}}},
    "setting": {"envFrom": [{"configMapRef": {"name": "setings"}}]},
    "crash": {"command": ["python", "modelservice.py"]},
}


@check
def check_probe(probe: Any, service: Kubernetes) -> str:
    """Start the lecture's pod with the student's probe, and see whether the cluster takes it for
    ready when its program is.
    """
    require(service)
    if probe is None or probe is ...:
        raise NotSolved(texts.PROBE_UNSOLVED)
    if not isinstance(probe, dict):
        raise Wrong(texts.PROBE_NO_DICTIONARY.format(found=probe))
    # asked every second from the beginning on: a slow probe that is right by luck is told from one
    # that asks the right question
    hasty = probe | {"periodSeconds": 1, "initialDelaySeconds": 0}
    # a new one each time: the cluster remembers what it said about the last
    name = f"probed-{uuid.uuid4().hex[:5]}"
    with _pods(service, "exercise", {name: {"readinessProbe": hasty}}):
        kubectl, started, program_since = service.supervisor.kubectl, time.monotonic(), None
        while (now := time.monotonic()) - started < POD_TIMEOUT_S:
            pod = _get(kubectl, "exercise")[name]
            if is_ready(pod):
                early_s = _until_program(kubectl, name)
                if early_s:
                    raise Wrong(texts.PROBE_EARLY.format(seconds=early_s))
                return texts.PROBE_OK.format(seconds=now - started)
            if program_since is None and _program(kubectl, name) == 200:
                program_since = time.monotonic()
            if program_since and now - program_since > LATE_S:
                raise Wrong(
                    texts.PROBE_LATE.format(
                        seconds=now - program_since, message=_why_not_ready(kubectl, pod)
                    )
                )
            time.sleep(0.2)
        raise Wrong(
            texts.PROBE_NEVER.format(seconds=POD_TIMEOUT_S, message=_why_not_ready(kubectl, pod))
        )


@check
def check_why(why: Callable[[KubernetesObject], Any], service: Kubernetes) -> str:
    """Make pods that are broken in every way, in a new order, and ask the student's function about
    each.
    """
    require(service)
    troubles = _broken(service)
    found = {pod["metadata"]["name"]: run(why, pod) for pod in troubles.values()}
    if all(one is None or one is ... for one in found.values()):
        raise NotSolved(texts.WHY_UNSOLVED)
    for fault, pod in troubles.items():
        name = pod["metadata"]["name"]
        if found[name] not in list(BROKEN):
            raise Wrong(
                texts.WHY_NO_WORD.format(name=name, found=found[name], words=", ".join(BROKEN))
            )
        if found[name] != fault:
            raise Wrong(texts.WHY_WRONG.format(name=name, found=found[name], message=_clue(pod)))
    return texts.WHY_OK.format(count=len(found))


@check
def check_survives(prepare: Callable[[Callable[..., str]], Any], service: Kubernetes) -> str:
    """Leave one model pod, let the student prepare, kill a model pod under load, and count what is
    lost. Afterwards there are to be two again.
    """
    require(service)
    given: list[tuple[str, ...]] = []
    kubectl = service.supervisor.kubectl

    def noted(*command: str, **settings: Any) -> str:
        given.append(command)
        return kubectl(*command, **settings)

    service.scale(1)
    try:
        run(prepare, noted)
        if not given:
            raise NotSolved(texts.SURVIVE_UNSOLVED)
        view = ClusterObjects.of(kubectl)
        wanted, there = (
            view.deployments[MODEL]["spec"]["replicas"],
            sum(is_ready(pod) and pod["metadata"]["labels"]["app"] == "model" for pod in view.pods),
        )
        _until_known(service.url, there)
        with OpenLoad(
            service.url, rate_per_s=RATE_PER_S, arrivals="constant", timeout_s=LAST_ANSWER_S
        ) as load:
            time.sleep(1)
            service.kill()
            time.sleep(3)
    finally:
        kubectl("scale", f"deployment/{MODEL}", "--replicas=2")
    kinds = Counter(
        sample.status or texts.NO_RESPONSE for sample in load.samples if sample.status != 200
    )
    if lost := sum(kinds.values()):
        hint = (
            texts.SURVIVE_ONE
            if wanted < 2
            else texts.SURVIVE_HASTY
            if there < 2
            else texts.SURVIVE_OTHER
        )
        seen = texts.SURVIVE_LOST.format(
            lost=lost,
            kinds=", ".join(map(str, kinds)),
            sent=len(load.samples),
            wanted=wanted,
            ready=there,
        )
        raise Wrong(f"{seen} {hint}")
    return texts.SURVIVE_OK.format(ready=there, sent=len(load.samples))


def _until_known(url: str, pods: int) -> None:
    """Return when the API asks as many model pods as are ready: it hears of a new one some seconds
    later than the cluster.
    """
    answered: set[str] = set()
    deadline = time.monotonic() + KNOWN_WITHIN_S
    with Client(url) as client:
        while len(answered) < pods and time.monotonic() < deadline:
            answered.add(client.ask(TEXTS[0]).headers["X-Replica"])


def broken_pods(service: Kubernetes) -> list[KubernetesObject]:
    """Make one pod for each trouble of exercise 2, and return what the cluster says about them;
    they are gone then.
    """
    return list(_broken(service).values())


def _broken(service: Kubernetes) -> dict[str, KubernetesObject]:
    """Return, by its trouble, what the cluster says about a pod that has it."""
    names = dict(
        zip(
            random.sample(list(BROKEN), len(BROKEN)),
            (f"broken-{number}" for number in range(1, len(BROKEN) + 1)),
            strict=True,
        )
    )
    deadline = time.monotonic() + POD_TIMEOUT_S
    with _pods(service, "broken", {names[fault]: BROKEN[fault] for fault in names}):
        while time.monotonic() < deadline:
            pods = _get(service.supervisor.kubectl, "broken")
            if all(name in pods and _clue(pods[name]) for name in names.values()):
                return {
                    fault: pods[name]
                    for fault, name in sorted(names.items(), key=lambda one: one[1])
                }
            time.sleep(0.5)
    raise Unavailable(texts.WHY_NEVER.format(seconds=POD_TIMEOUT_S))


def _clue(pod: KubernetesObject) -> str:
    """Return what the cluster says about a pod's trouble, once it says something that stays."""
    for condition in pod["status"].get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return texts.NO_NODE.format(message=condition["message"])
    reasons = [
        one.get("state", {}).get("waiting", {}).get("reason", "")
        for one in pod["status"].get("containerStatuses", [])
    ]
    return next(
        (
            texts.WAITING.format(reason=reason)
            for reason in reasons
            if reason not in ("", "ContainerCreating", "PodInitializing")
        ),
        "",
    )


@contextlib.contextmanager
def _pods(service: Kubernetes, app: str, containers: dict[str, KubernetesObject]) -> Iterator[None]:
    """Make pods of the model's image, by name and with what is different about their container.

    Raises NotRunning, Wrong.
    """
    assert service.url  # raises NotRunning: the exercises are about a service that runs
    kubectl, labels = (
        service.supervisor.kubectl,
        {"app": app, RUN_ID: service.status().run_id or "none"},
    )
    as_usual = {
        "name": "model",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "securityContext": RIGHTS,
    }
    objects = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": labels},
            "spec": {"containers": [as_usual | container]},
        }
        for name, container in containers.items()
    ]
    _remove(kubectl, app)  # of an attempt that was interrupted
    try:
        try:
            kubectl.apply(objects)
        except RequestFailed as error:
            raise Wrong(texts.PROBE_REJECTED.format(message=error)) from error
        yield
    finally:
        _remove(kubectl, app)


def _remove(kubectl: Kubectl, app: str) -> None:
    # by force: a pod whose container was never made can take a minute to leave politely
    kubectl(
        "delete",
        "pods",
        "--selector",
        f"app={app}",
        "--force",
        "--grace-period=0",
        "--ignore-not-found",
    )


def _get(kubectl: Kubectl, app: str) -> dict[str, KubernetesObject]:
    return {
        pod["metadata"]["name"]: pod
        for pod in kubectl.json("get", "pods", "--selector", f"app={app}")["items"]
    }


def _program(kubectl: Kubectl, name: str) -> int:
    """Return the status with which the program in a pod answers /ready, asked from inside; 0 where
    nothing answers.
    """
    with contextlib.suppress(HostingLabError, ValueError):
        return int(kubectl("exec", name, "--", "python", "-S", "-c", ASK, timeout_s=20))
    return 0


def _until_program(kubectl: Kubectl, name: str) -> float:
    """Return how many seconds it takes until the program itself is ready; 0.0 where it
    is already.
    """
    began, seconds = time.monotonic(), 0.0
    while _program(kubectl, name) != 200 and seconds < POD_TIMEOUT_S:
        time.sleep(0.3)
        seconds = time.monotonic() - began
    return seconds


def _why_not_ready(kubectl: Kubectl, pod: KubernetesObject) -> str:
    events = kubectl.json(
        "get", "events", "--field-selector=type=Warning", "--sort-by=.lastTimestamp"
    )["items"]
    return not_ready_reason(pod, events) or ""

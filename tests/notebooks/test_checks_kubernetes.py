"""Each check of lesson 04, given solutions that are right, missing, and wrong.

The cluster runs, or is missing.
"""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from hostlab import get
from hostlab.methods.kubernetes.deployment import Kubernetes
from notebooks.lessons import check_kubernetes
from notebooks.lessons.check_kubernetes import check_probe, check_survives, check_why
from notebooks.lessons.kubernetes_pods import pods_by_fault, temporary_pods, what_matters
from notebooks.lessons.variant import UNREADY_S
from tests.notebooks.conftest import raising, unsolved

METHOD = "kubernetes"


def asks(path: str, port: int | str = 5001) -> dict[str, Any]:
    """Return a probe that fails for as long as a student without a name is asked for."""
    usual = {"periodSeconds": 1, "failureThreshold": UNREADY_S.own()}
    return {"httpGet": {"path": path, "port": port}, **usual}


@pytest.mark.kubernetes
@pytest.mark.parametrize(
    ("probe", "expected", "hint"),
    [
        (asks("/ready"), "[OK]", "not before its program was"),
        (asks("/ready", "http"), "[OK]", "not before its program was"),
        (asks("/ready", "htpp"), "[FAIL]", "no port with the name 'htpp'"),
        (None, "[--]", "readinessProbe"),
        ("/ready", "[FAIL]", "which isn't a dictionary"),
        ({}, "[FAIL]", "After 30 s of failures"),
        (asks("/health") | {"initialDelaySeconds": 60}, "[FAIL]", "before the program was"),
        (asks("/reddy"), "[FAIL]", "but the cluster doesn't know it"),
        (asks("/ready") | {"httpGet": {"path": "/ready"}}, "[FAIL]", "rejects this probe"),
    ],
)
def test_check_probe(
    probe: Any,
    expected: str,
    hint: str,
    service: Kubernetes,
    verdict: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check_kubernetes, "LATE_S", 5.0)
    output = verdict(check_probe, probe, service)
    assert output.startswith(expected) and hint in output, output


@pytest.mark.kubernetes
def test_temporary_pods_carry_the_run_and_are_deleted(service: Kubernetes) -> None:
    kubectl = service.supervisor.kubectl
    with temporary_pods(service, "exercise", {"probed": {}}):
        assert (
            kubectl(
                "get",
                "pods",
                "--selector",
                f"app=exercise,hosting-lab/run-id={service.status().run_id}",
                "--output=name",
            )
            == "pod/probed\n"
        )
    assert kubectl("get", "pods", "--selector", "app=exercise", "--output=name") == ""


@pytest.fixture(scope="module")
def pods(service: Kubernetes) -> dict[str, dict]:
    return pods_by_fault(service)


def right_why(pod: dict) -> str:
    containers = pod["status"].get("containerStatuses")
    if not containers:
        return "room"
    reason = containers[0]["state"].get("waiting", {}).get("reason")
    return {
        "ImagePullBackOff": "image",
        "ErrImagePull": "image",
        "CreateContainerConfigError": "setting",
    }.get(reason, "crash")


@pytest.mark.kubernetes
@pytest.mark.parametrize(
    ("why", "expected", "hint"),
    [
        (right_why, "[OK]", "All 4"),
        (unsolved, "[--]", "why()"),
        (raising, "[FAIL]", "ZeroDivisionError"),
        (
            lambda pod: pod["status"]["phase"],
            "[FAIL]",
            "It should return one of: image, room, setting, crash",
        ),
        (lambda pod: "image", "[FAIL]", "returned 'image', but that isn't its problem"),
        (
            lambda pod: right_why(pod).replace("setting", "crash"),
            "[FAIL]",
            "CreateContainerConfigError",
        ),
    ],
)
def test_check_why(
    why: Callable,
    expected: str,
    hint: str,
    service: Kubernetes,
    pods: dict[str, dict],
    verdict: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The same pods for all solutions, because they are slow to create.
    monkeypatch.setattr(check_kubernetes, "pods_by_fault", lambda service: pods)
    output = verdict(check_why, why, service)
    assert output.startswith(expected) and hint in output, output


@pytest.mark.kubernetes
def test_the_broken_pods_are_four_and_gone_afterwards(
    service: Kubernetes, pods: dict[str, dict]
) -> None:
    assert sorted(pods) == ["crash", "image", "room", "setting"]
    assert {right_why(pod) for pod in pods.values()} == set(pods)
    shown = {fault: what_matters(pod) for fault, pod in pods.items()}
    assert {right_why(pod) for pod in shown.values()} == set(pods), "the line is not left out"
    assert all(len(yaml.safe_dump(one).splitlines()) <= 12 for one in shown.values()), shown
    kubectl = service.supervisor.kubectl
    assert (
        kubectl(
            "get",
            "pods",
            "--selector",
            "app in (broken,exercise)",
            "--field-selector=status.phase!=Succeeded",
            "--output=name",
        )
        == ""
    )


def scales(replicas: int, waits: bool) -> Callable[[Callable[..., str]], None]:
    def prepare(kubectl: Callable[..., str]) -> None:
        kubectl("scale", "deployment/model-service", f"--replicas={replicas}")
        if waits:
            kubectl("rollout", "status", "deployment/model-service", timeout_s=120)

    return prepare


@pytest.mark.kubernetes
@pytest.mark.parametrize(
    ("prepare", "expected", "hint"),
    [
        (scales(2, waits=True), "[OK]", "none of"),
        (unsolved, "[--]", "no command"),
        (
            lambda kubectl: kubectl("scale", "deployment/model-servise", "--replicas=2"),
            "[FAIL]",
            "model-servise",
        ),
        (scales(1, waits=True), "[FAIL]", "What handles the requests while the only pod is down?"),
        (scales(2, waits=False), "[FAIL]", "How can it wait?"),
    ],
)
def test_check_survives(
    prepare: Callable, expected: str, hint: str, service: Kubernetes, verdict: Callable
) -> None:
    output = verdict(check_survives, prepare, service)
    assert output.startswith(expected) and hint in output, output


@pytest.mark.parametrize(
    ("check", "solution"),
    [(check_probe, asks("/ready")), (check_why, right_why), (check_survives, unsolved)],
)
def test_without_a_cluster_a_check_says_so(
    check: Callable, solution: Any, verdict: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Kubernetes, "missing_tools", lambda self: "There is no program `kubectl`.")
    assert verdict(check, solution, get("kubernetes")).startswith(
        "[--] This exercise needs a Kubernetes cluster, which is missing here"
    )

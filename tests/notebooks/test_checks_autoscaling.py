"""The check of lesson 04 on autoscaling, given rush hours that never ran; the lesson runs one."""

from collections.abc import Callable
from typing import Any

import pytest

from hostlab import get
from hostlab.errors import NoMetrics
from hostlab.measure.load.generator import OpenLoad, Sample
from hostlab.methods.kubernetes import metrics
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.supervisor import PodSupervisor
from notebooks.lessons.check_autoscaling import check_target, judge
from notebooks.lessons.kubernetes_autoscaling import AutoscaledRush, Moment
from notebooks.lessons.simulated_rush import simulated_rush
from notebooks.lessons.verdict import Wrong

SECONDS = 80.0
READY_S = (0, 35, 60)  # when the first, second, and third pod were ready
START_S = 10


def rush(*p95_ms: float, used_percent: int | None = 90) -> AutoscaledRush:
    """Return a rush hour in which each further pod was ready at READY_S, with these latencies."""
    found = AutoscaledRush(get("kubernetes"), SECONDS, lambda sentence: None)
    ready_s = READY_S[: len(p95_ms)]
    for second in range(80):
        ready = sum(second >= at_s for at_s in ready_s)
        wanted = sum(second >= at_s - START_S for at_s in ready_s)
        found.moments.append(Moment(second, wanted, ready, used_percent if second > 15 else None))
    found.load = OpenLoad("http://127.0.0.1:9")
    for number in range(800):
        ready = sum(number / 10 >= at_s for at_s in ready_s)
        found.load.samples.append(Sample(number / 10, 0.0, p95_ms[ready - 1], 200))
    found.capacity_per_s, found.pod_cores = 20.0, 0.2
    return found


def test_two_pods_that_hold_the_bound_are_right() -> None:
    sentence = judge(rush(400, 100), 60)
    assert "the bound is 280 ms" in sentence and "ended with 2 pods" in sentence
    assert "Cost: 135 pod-seconds for 800 requests, 0 lost" in sentence


@pytest.mark.parametrize(
    ("p95_ms", "hint"),
    [
        ((400,), "kept one pod, and p95 was 400 ms"),
        ((400, 300), "Which target makes it add one more?"),
        ((400, 300, 290), "More pods don't help here"),
        ((400, 100, 90), "while there were 2, it was 100 ms, below the bound of 280 ms"),
    ],
)
def test_a_target_that_is_too_slow_or_too_dear(p95_ms: tuple[float, ...], hint: str) -> None:
    with pytest.raises(Wrong, match=hint):
        judge(rush(*p95_ms), 60)


def test_three_pods_are_right_where_two_were_too_slow() -> None:
    assert "ended with 3 pods" in judge(rush(400, 300, 90), 30)


def test_an_autoscaler_that_never_knew_the_usage() -> None:
    with pytest.raises(Wrong, match="never reported"):
        judge(rush(400, 100, used_percent=None), 60)


def test_a_lost_request_counts_with_its_timeout() -> None:
    lossy = rush(400, 100)
    lossy.load.samples += [Sample(70.0, 0.0, 5.0, 503)] * 100
    with pytest.raises(Wrong, match="30000 ms"):
        judge(lossy, 60)


@pytest.mark.parametrize(
    ("target", "expected", "hint"),
    [
        (None, "[--]", "Set target_percent"),
        ("60", "[FAIL]", "'60'. Use a whole number from 10 to 100"),
        (True, "[FAIL]", "True"),
        (101, "[FAIL]", "101"),
    ],
)
def test_what_is_no_target(
    target: Any,
    expected: str,
    hint: str,
    verdict: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Kubernetes, "missing_tools", lambda self: None)
    output = verdict(check_target, target, get("kubernetes"))
    assert output.startswith(expected) and hint in output, output


def test_without_a_metrics_server_the_check_says_so(
    verdict: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(kubectl: Any) -> None:
        raise NoMetrics("The cluster has no metrics server.", "Install one.")

    monkeypatch.setattr(Kubernetes, "missing_tools", lambda self: None)
    monkeypatch.setattr(Kubernetes, "url", "http://127.0.0.1:9")
    monkeypatch.setattr(PodSupervisor, "kubectl", None)
    monkeypatch.setattr(metrics, "require", none)
    output = verdict(check_target, 60, get("kubernetes"))
    assert output.startswith("[--] No metrics server here"), output


def test_the_simulation_of_a_rush_hour_wants_pods_when_the_rule_does() -> None:
    """One pod is 90% busy, which the autoscaler knows after 16 s. A pod starts within 10 s."""
    found = rush(400, 100)
    simulated = simulated_rush(found, 60)
    assert list(simulated.wanted[[15, 16, 79]]) == [1, 2, 2]
    assert list(simulated.ready[[25, 26]]) == [1, 2]
    assert simulated.used_percent[10] == pytest.approx(90, rel=0.01)
    assert simulated.used_percent[-1] == pytest.approx(45, rel=0.01)
    assert simulated_rush(found, 95).wanted.max() == 1
    assert simulated_rush(found, 30).wanted.max() == 3

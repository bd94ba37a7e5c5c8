"""A real autoscaler: under load it adds a pod, nothing is lost, and all of it can be undone."""

import json

import pytest

from hostlab.errors import BadInput
from hostlab.measure.parts.autoscaling import measure_autoscaling
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import MODEL
from tests.programs import hostlab

pytestmark = pytest.mark.kubernetes


def limit(kubectl: Kubectl) -> str:
    (container,) = kubectl.json("get", f"deployment/{MODEL}")["spec"]["template"]["spec"][
        "containers"
    ]
    return container["resources"]["limits"]["cpu"]


def test_under_load_a_pod_is_added_and_nothing_is_lost(service, kubectl, capsys):
    before, seen, refused = limit(kubectl), [], False
    for step in measure_autoscaling(service, maximum=2, after_s=5.0):
        row, scaler = step.result, service.status().autoscaler
        if scaler and not refused:
            with pytest.raises(BadInput, match="hostlab autoscale kubernetes off"):
                service.scale(3)
            assert limit(kubectl) == "200m" != before
            refused = True
        seen.append(scaler and (scaler.utilization_percent is None, scaler.reason))
    with capsys.disabled():
        print(
            f"\nAutoscaling: a second pod wanted after {row.wanted_s:.0f} s, its first prediction "
            f"after {row.answer_s:.0f} s; p95 {row.p95_before_ms.value:.0f} ms before, "
            f"{row.p95_after_ms.value:.0f} ms after; {row.lost} of {row.sent} requests lost"
        )
    assert row.error is None and refused
    assert row.sent > 100 and row.lost == 0
    assert row.wanted_s <= row.answer_s
    assert max(point.wanted for point in row.timeline) == 2
    assert any(one and one[0] and "about 40 s" in one[1] for one in seen), "unknown at first"
    assert service.status().autoscaler is None and limit(kubectl) == before
    assert sum(one.role == "model" for one in service.components()) == 2, "as many as before"


def test_the_command_line_turns_it_on_and_off_and_an_end_of_the_run_removes_it(service, kubectl):
    done = hostlab("autoscale", "kubernetes", "--min", "2", "--max", "3", "--cpu", "70")
    assert done.returncode == 0, done.stderr
    state = next(
        one
        for one in json.loads(hostlab("status", "--json").stdout)
        if one["method"] == "kubernetes"
    )
    scaler = state["autoscaler"]
    assert (scaler["minimum"], scaler["maximum"], scaler["target_percent"]) == (2, 3, 70)
    service.autoscale(minimum=2, maximum=4)  # again, with other bounds
    assert service.status().autoscaler.maximum == 4
    assert limit(kubectl) == "200m"
    assert hostlab("autoscale", "kubernetes", "off").returncode == 0
    assert service.status().autoscaler is None and limit(kubectl) == "1"
    service.autoscale(minimum=2)
    service.stop()
    kinds = "horizontalpodautoscalers,poddisruptionbudgets,deployments,pods"
    assert kubectl("get", kinds, "--output=name") == ""

"""The rows of pods below the plot of an outage, from what kubectl reports while it watches."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hostlab import get
from hostlab.measure.load.generator import OpenLoad
from hostlab.methods.kubernetes.deployment import Kubernetes
from notebooks.lessons import kubernetes_timeline
from notebooks.lessons.kubernetes_timeline import Event, WatchedPods, rows_of
from notebooks.lessons.timeline import Interval, Row

METHOD = "kubernetes"
BEGAN_S = 1_000_000.0  # of the load, in Unix seconds


def timestamp(at_s: float) -> str:
    return datetime.fromtimestamp(BEGAN_S + at_s, UTC).isoformat()


def pod(
    name: str = "model-service-5c9-x2x4k",
    ready: bool = True,
    created_s: float = -100,
    restarts: int = 0,
    killed_s: float = 0,
    **metadata: Any,
) -> dict[str, Any]:
    container: dict[str, Any] = {"restartCount": restarts, "state": {"running": {}}}
    if restarts:
        container["lastState"] = {"terminated": {"finishedAt": timestamp(killed_s)}}
    return {
        "metadata": {
            "name": name,
            "uid": name,
            "labels": {"app": name.partition("-")[0]},
            "creationTimestamp": timestamp(created_s),
            **metadata,
        },
        "status": {
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [container],
        },
    }


def test_a_killed_program_is_down_until_the_cluster_reports_its_restart() -> None:
    events = [
        Event(0.1, pod()),
        Event(4.0, pod(ready=False, restarts=1, killed_s=3.0)),
        Event(9.0, pod(restarts=1, killed_s=3.0)),
    ]
    [row] = rows_of(events, BEGAN_S, 12.0)
    assert row == Row(
        "model x2x4k",
        [
            Interval("ready", 0, 3),
            Interval("killed", 3, 4),
            Interval("starting", 4, 9),
            Interval("ready", 9, 12),
        ],
    )


def test_a_pod_that_replaces_another_and_the_models_pods_come_first() -> None:
    old, new = pod(), pod("model-service-5c9-zzzzz", ready=False, created_s=2)
    events = [
        Event(0.1, pod("api-service-77d-aaaaa")),
        Event(0.1, old),
        Event(2.5, new),
        Event(6.0, pod("model-service-5c9-zzzzz", created_s=2)),
        Event(6.5, pod(deletionTimestamp=timestamp(36))),
        Event(8.0, pod(deletionTimestamp=timestamp(36)), gone=True),
    ]
    assert rows_of(events, BEGAN_S, 10.0) == [
        Row("model x2x4k", [Interval("ready", 0, 6.5), Interval("terminating", 6.5, 8)]),
        Row("model zzzzz", [Interval("starting", 2.5, 6), Interval("ready", 6, 10)]),
        Row("api aaaaa", [Interval("ready", 0, 10)]),
    ]


@pytest.mark.parametrize("indent", [None, 4])
def test_objects_are_read_as_soon_as_they_are_complete(indent: int | None) -> None:
    found = [{"type": "ADDED", "object": {"a": [{"b": 1}]}}, {"type": "DELETED", "object": {}}]
    stream = io.StringIO("".join(json.dumps(one, indent=indent) + "\n" for one in found))
    assert list(kubernetes_timeline._objects(stream)) == found


@pytest.mark.kubernetes
def test_the_cluster_tells_what_became_of_a_killed_pod(service: Kubernetes) -> None:
    load = OpenLoad(service.url, rate_per_s=5, arrivals="constant")
    with load, WatchedPods(service, load) as pods:
        killed = service.kill()
        get("kubernetes").supervisor.recover()
    rows = {row.name: [one.state for one in row.intervals] for row in pods.rows}
    assert rows.pop(f"model {killed.rpartition('-')[2]}") == [
        "ready",
        "killed",
        "starting",
        "ready",
    ]
    assert sorted(rows.values()) == [["ready"], ["ready"]], "the other model and the API"

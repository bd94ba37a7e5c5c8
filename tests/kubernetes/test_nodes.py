"""Replicas on several nodes: a node is drained or dies, or only one node takes pods."""

import os

import pytest
import requests

from hostlab import get
from hostlab.measure.parts import faults
from hostlab.measure.parts.faults import measure_faults
from hostlab.measure.parts.node_faults import KILLER, STARTER
from hostlab.measure.steps import finish
from hostlab.methods.kubernetes.objects import MODEL
from tests.programs import hostlab

pytestmark = [
    pytest.mark.kubernetes,
    pytest.mark.usefixtures("nothing_left"),
]


@pytest.fixture
def two_nodes() -> None:
    if sum(node.takes_pods for node in get("kubernetes").nodes()) < 2:
        pytest.skip("needs a cluster with two nodes that take pods")


def open_nodes() -> set[str]:
    return {node.name for node in get("kubernetes").nodes() if node.takes_pods}


def model_nodes(service) -> set[str]:
    return {one.node for one in service.components() if one.name.startswith(MODEL)}


def test_replicas_are_spread_and_share_a_node_where_only_one_takes_pods(two_nodes, capsys):
    nodes = open_nodes()
    with get("kubernetes").start() as service:
        assert len(model_nodes(service)) == 2
        shown = hostlab("status").stdout
        assert all(node in shown for node in model_nodes(service))
        only = min(nodes)
        for closed in nodes - {only}:
            with service.closed(closed):
                service.drain(closed)
                service.scale(3)
                assert model_nodes(service) == {only}
                assert requests.get(f"{service.url}/ready", timeout=10).ok
    assert open_nodes() == nodes


def test_a_drained_node_loses_nothing_and_a_dead_one_only_what_was_in_flight(
    two_nodes, monkeypatch, capsys
):
    tried = ["drained node", *(["dead node"] if os.environ.get(KILLER) else [])]
    monkeypatch.setattr(faults, "FAULTS", {name: faults.FAULTS[name] for name in tried})
    nodes = open_nodes()
    rows = finish(measure_faults([get("kubernetes")], repeats=1)).rows
    assert [(row.fault, row.error, row.by_itself) for row in rows] == [
        (name, None, True) for name in tried
    ]
    with capsys.disabled():
        for row in rows:
            print(
                f"\n{row.fault}: all pods again after {row.recovery_s.value:.1f} s; "
                f"{row.lost.value:.0f} of {row.sent.value:.0f} requests lost"
            )
    assert rows[0].lost.value == 0
    # Few are in flight at 20 requests a second: those that were sent to the node before its silence
    # was noticed, and whose clients did not wait for the response of the other replica.
    assert all(row.lost.value <= 5 for row in rows)
    if os.environ.get(STARTER) or len(rows) == 1:
        assert open_nodes() == nodes
    else:
        assert "docker start" in rows[1].note

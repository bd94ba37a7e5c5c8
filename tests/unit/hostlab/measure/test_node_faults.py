"""Which node is drained or ended, and what is said where there is none to break."""

import shlex
import sys
import threading

import pytest

from hostlab import get
from hostlab.errors import RequestFailed
from hostlab.measure.parts import node_faults
from hostlab.measure.parts.node_faults import KILLER, STARTER
from hostlab.measure.parts.steady_load import SteadyLoad
from hostlab.measure.parts.trial import NotApplicable
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.nodes import Node


def node(number: int, *, takes_pods: bool = True, is_control_plane: bool = False) -> Node:
    address = f"192.0.2.{number}"
    return Node(f"node-{number}", (address,), True, takes_pods, is_control_plane, number, ())


class Cluster(Kubernetes):
    url = "http://192.0.2.1:30500"

    def __init__(self, *nodes: Node) -> None:
        self._nodes = list(nodes)

    def nodes(self) -> list[Node]:
        return self._nodes


def steady(service) -> SteadyLoad:
    return SteadyLoad(service, None, 3, threading.Event())


@pytest.mark.parametrize(
    ("nodes", "chosen"),
    [
        ([node(1), node(2)], "node-2"),  # clients use the first one's address
        ([node(1), node(2), node(3)], "node-3"),
        ([node(1), node(2), node(3, is_control_plane=True)], "node-2"),
        ([node(1), node(2), node(3, takes_pods=False)], "node-2"),
    ],
)
def test_the_node_that_is_broken(nodes, chosen):
    assert node_faults._service_and_node(steady(Cluster(*nodes)))[1].name == chosen


@pytest.mark.parametrize("fault", [node_faults.drain_node, node_faults.kill_node])
@pytest.mark.parametrize(
    "service",
    [Cluster(), Cluster(node(1)), Cluster(node(1), node(2, takes_pods=False)), get("docker")],
)
def test_there_is_no_node_to_break(monkeypatch, fault, service):
    monkeypatch.setenv(KILLER, "false")
    with pytest.raises(NotApplicable):
        fault(steady(service), 1.0)


def test_without_a_command_no_node_dies(monkeypatch):
    monkeypatch.delenv(KILLER, raising=False)
    with pytest.raises(NotApplicable, match=KILLER):
        node_faults.kill_node(steady(Cluster(node(1), node(2))), 1.0)


def test_the_user_is_told_how_to_start_the_node_again_or_it_is_started(monkeypatch):
    service = Cluster(node(1), node(2))
    monkeypatch.delenv(STARTER, raising=False)
    note = node_faults._start(service, node(2))
    assert "node-2 is down" in note and "docker start node-2" in note and STARTER in note
    monkeypatch.setenv(STARTER, f"{shlex.quote(sys.executable)} -c 'pass'")
    assert node_faults._start(service, node(2)) == ""
    monkeypatch.setenv(STARTER, f"{shlex.quote(sys.executable)} -c 'exit(3)'")
    with pytest.raises(RequestFailed, match="exit status 3"):
        node_faults._start(service, node(2))

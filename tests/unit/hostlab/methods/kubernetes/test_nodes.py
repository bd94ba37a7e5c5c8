"""What a node reports becomes where it is reached, whether it takes pods, and what it has."""

import json

import pytest

from hostlab.methods.kubernetes import nodes
from hostlab.methods.kubernetes.kubectl import Kubectl
from tests.unit.hostlab.methods.kubernetes.conftest import node


@pytest.fixture
def found(kubeconfig, stand_ins):
    def of(*items: dict) -> list[nodes.Node]:
        stand_ins.add("kubectl", stdout=json.dumps({"items": items}))
        return nodes.find(Kubectl("minikube"))

    return of


def test_ipv4_comes_first_and_names_are_no_addresses(found):
    one = node("one", address="fd00::1")
    one["status"]["addresses"] += [{"type": "ExternalIP", "address": "192.0.2.7"}]
    assert found(one)[0].addresses == ("192.0.2.7", "fd00::1")


def test_which_nodes_take_pods(found):
    cordoned, control_plane = node("two"), node("four")
    cordoned["spec"] = {"unschedulable": True}
    control_plane["metadata"]["labels"] = {"node-role.kubernetes.io/control-plane": ""}
    seen = found(node("one"), cordoned, node("three", ready=False), control_plane)
    assert [one.takes_pods for one in seen] == [True, False, False, True]
    assert [one.ready for one in seen] == [True, True, False, True]
    assert [one.is_control_plane for one in seen] == [False, False, False, True]


def test_none_where_the_user_may_not_list_them(kubeconfig, stand_ins):
    stand_ins.add("kubectl", stderr="Error from server (Forbidden): nodes is forbidden\n", status=1)
    assert nodes.find(Kubectl("minikube")) == []

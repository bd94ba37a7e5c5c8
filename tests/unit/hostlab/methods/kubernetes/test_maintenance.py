"""A node that is closed for new pods is opened again, whatever happens."""

import pytest

from hostlab.methods.kubernetes import maintenance
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.runtime import state

CALLS = ["cordon node-2", "uncordon node-2"]


@pytest.fixture
def calls(kubeconfig, stand_ins):
    stand_ins.add("kubectl")
    state.write(state.Record("kubernetes", "0123456789ab", "running", context="minikube"))
    return lambda: [call.rpartition("hosting-lab ")[2] for call in stand_ins.calls]


def test_it_is_opened_after_an_error(calls):
    kubectl = Kubectl("minikube")
    with (
        pytest.raises(KeyboardInterrupt),
        maintenance.closed("kubernetes", kubectl, "node-2"),
    ):
        assert state.read("kubernetes").closed_node == "node-2"
        raise KeyboardInterrupt
    assert calls() == CALLS
    maintenance.open_again("kubernetes", kubectl)
    assert calls() == CALLS


def test_the_end_of_the_run_opens_what_a_killed_program_left_closed(calls):
    kubectl = Kubectl("minikube")
    killed = maintenance.closed("kubernetes", kubectl, "node-2")
    killed.__enter__()
    maintenance.open_again("kubernetes", kubectl)
    assert calls() == CALLS
    assert state.read("kubernetes").closed_node is None

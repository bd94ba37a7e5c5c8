"""Faults of a cluster's node: it is drained for maintenance, or it dies without a word.

Only Kubernetes has nodes. The node is never the one whose address the clients use. The dead node
runs a replica of the model and not the API, which has one pod: where its node dies, no request is
answered until the cluster has replaced the pod.
"""

import os
import shlex
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from hostlab.errors import RequestFailed
from hostlab.measure.parts.steady_load import SteadyLoad, running_components
from hostlab.measure.parts.trial import NotApplicable, Trial, count
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.nodes import Node
from hostlab.runtime.commands import run
from hostlab.runtime.progress import silent, verbatim
from hostlab.types import Component

KILLER, STARTER = "HOSTLAB_NODE_KILLER", "HOSTLAB_NODE_STARTER"
MOVE_TIMEOUT_S = 60.0
NODE_START_TIMEOUT_S = 180.0
POLL_S = 0.5


def drain_node(steady: SteadyLoad, wait_s: float) -> Trial:
    """Drain a node, and open it again."""
    service, node = _service_and_node(steady)
    if not _components_on(service, node):
        _move_a_replica_to(service, node, steady.components)
    moved = _components_on(service, node)
    with service.closed(node.name):
        began_s = steady.load.elapsed_s
        service.drain(node.name)
        recovery_s = steady.recovery(began_s, wait_s, moved)
        samples = steady.end()
    return count(samples, began_s, recovery_s)


def kill_node(steady: SteadyLoad, wait_s: float) -> Trial:
    """End a node with the user's command, and start it again with another one if there is one."""
    killer = shlex.split(os.environ.get(KILLER, ""))
    if not killer:
        raise NotApplicable(
            f"Set {KILLER} to a command that ends the node whose name it gets, for example `docker "
            "kill` for a node of kind."
        )
    service, node = _service_and_node(steady)
    if any(one.role == "api" for one in _components_on(service, node)):
        with service.closed(node.name):
            for one in _components_on(service, node):
                _evict(service, one, steady.components)
    if not _components_on(service, node):
        _move_a_replica_to(service, node, steady.components)
    lost = _components_on(service, node)
    began_s = steady.load.elapsed_s
    _call([*killer, node.name])
    try:
        recovery_s = steady.recovery(began_s, wait_s, lost)
        samples = steady.end()
    finally:
        note = _start(service, node)
    return count(samples, began_s, recovery_s, note=note)


def _service_and_node(steady: SteadyLoad) -> tuple[Kubernetes, Node]:
    """Return the service and the node to break: not a control plane if possible, and else the one
    that joined last, because the first one usually has the control plane.
    """
    service = steady.service
    if not isinstance(service, Kubernetes):
        raise NotApplicable("It does not run on the nodes of a cluster.")
    nodes = [node for node in service.nodes() if node.takes_pods]
    host = urlsplit(service.url).hostname
    others = [node for node in nodes if host not in node.addresses]
    if len(nodes) < 2 or not others:
        raise NotApplicable("The cluster has no second node that takes pods.")
    return service, min(others, key=lambda node: (node.is_control_plane, -node.joined))


def _components_on(service: Kubernetes, node: Node) -> list[Component]:
    return [one for one in service.components() if one.node == node.name]


def _move_a_replica_to(service: Kubernetes, node: Node, components: int) -> None:
    """Evict a model pod: the scheduler prefers the node that has none."""
    replica = next(one for one in service.components() if one.role == "model")
    _evict(service, replica, components)
    if not _components_on(service, node):
        raise RequestFailed(
            "No replica on the node",
            f"The scheduler does not place a pod on {node.name}. See `kubectl describe nodes`.",
        )


def _evict(service: Kubernetes, component: Component, components: int) -> None:
    service.evict(component.name)
    _wait(
        lambda: running_components(service, [component]) >= components,
        MOVE_TIMEOUT_S,
        f"The pod that replaces {component.name} is not ready",
    )


def _start(service: Kubernetes, node: Node) -> str:
    """Start the node again, and wait until it takes pods; or return what the user has to do."""
    starter = shlex.split(os.environ.get(STARTER, ""))
    if not starter:
        return (
            f"{node.name} is down. Start it again, for example with `docker start {node.name}` for "
            f"a node of kind, or set {STARTER} to a command that does it after the measurement."
        )
    _call([*starter, node.name])
    _wait(
        lambda: any(one.name == node.name and one.takes_pods for one in service.nodes()),
        NODE_START_TIMEOUT_S,
        f"{node.name} does not take pods again",
    )
    return ""


def _call(command: list[str]) -> None:
    text = shlex.join(command)
    result = run(command, verbatim(text), silent)
    if result.exit_status:
        tail = result.tail(3) or "It printed nothing."
        raise RequestFailed(f"`{text}` failed with exit status {result.exit_status}", tail)


def _wait(condition: Callable[[], bool], timeout_s: float, otherwise: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise RequestFailed("Not in time", f"{otherwise} after {timeout_s:.0f} s.")
        time.sleep(POLL_S)

"""Close a node for new pods and move this run's pods off it, as before its maintenance.

The state file names the node while it is closed. So it is opened again with the end of the run,
even if the program that closed it is killed.
"""

import contextlib
from collections.abc import Iterator

from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import PART_OF
from hostlab.runtime import state

DRAIN_TIMEOUT_S = 120


@contextlib.contextmanager
def closed(method: str, kubectl: Kubectl, node: str) -> Iterator[None]:
    """Close the node for new pods (`kubectl cordon`) for as long as the context lasts."""
    record = state.read(method)
    if record:
        record.closed_node = node
        state.write(record)
    try:
        kubectl("cordon", node)
        yield
    finally:
        kubectl("uncordon", node)
        _forget(method)


def drain(kubectl: Kubectl, node: str) -> None:
    """Evict this project's pods from the node, and wait until they are gone.

    Raises RequestFailed where they are not gone after DRAIN_TIMEOUT_S. Other pods stay.
    """
    options = ("--ignore-daemonsets", "--delete-emptydir-data", f"--timeout={DRAIN_TIMEOUT_S}s")
    kubectl("drain", node, f"--pod-selector={PART_OF}", *options, timeout_s=DRAIN_TIMEOUT_S + 30)


def open_again(method: str, kubectl: Kubectl) -> None:
    """Open the node that a killed program of this run has left closed."""
    record = state.read(method)
    if record and record.closed_node:
        kubectl("uncordon", record.closed_node)
        _forget(method)


def _forget(method: str) -> None:
    record = state.read(method)
    if record:
        record.closed_node = None
        state.write(record)

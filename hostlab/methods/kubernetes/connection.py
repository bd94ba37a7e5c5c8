"""How clients of this machine reach the API in the cluster: by its NodePort, or else through a
port-forward.
"""

import contextlib
import os
import socket
import time

import requests

from hostlab.errors import StartFailed
from hostlab.http import local_session
from hostlab.methods.kubernetes import port_forward
from hostlab.methods.kubernetes.kubectl import NAMESPACE, Kubectl
from hostlab.methods.kubernetes.objects import API, ClusterObjects
from hostlab.runtime import state
from hostlab.runtime.paths import python_path
from hostlab.runtime.ports import free_port
from hostlab.runtime.processes import ProcessSupervisor
from hostlab.types import Progress

NODE_PORT_TIMEOUT_S = 5.0


class ApiConnection:
    """The way to the API of one run. A port-forward is a process of the run's state file."""

    def __init__(self, method: str) -> None:
        self.method = method
        self._forward = ProcessSupervisor(method)

    def open(self, kubectl: Kubectl, record: state.Record, progress: Progress) -> None:
        """Set `record.url`: the NodePort where it answers on this machine, or else a
        port-forward.
        """
        port = ClusterObjects.of(kubectl).node_port
        url = f"http://127.0.0.1:{port}"
        if not os.environ.get("HOSTLAB_KUBE_FORWARD") and _our_run_answers(url, record.run_id):
            record.url = url
            return
        progress(f"The NodePort {port} does not answer on this machine. Opening a port-forward.")
        local_port = free_port()
        log = state.new_log(self.method, "port-forward")
        command = port_forward.program(kubectl.context, record.run_id, local_port)
        environment = {"PYTHONPATH": python_path()}
        process = state.ProcessRecord("port-forward", None, command, environment, str(log))
        record.processes, record.url = [process], f"http://127.0.0.1:{local_port}"
        state.write(record)
        self._forward.recover()
        written = state.read(self.method)
        if written is None:
            raise StartFailed("The run was stopped while it started.")
        record.processes = written.processes

    def reopen(self) -> None:
        """Start the port-forward again where it has ended."""
        self._forward.recover()

    def close(self) -> None:
        """End the port-forward, and forget the run's state file."""
        self._forward.shut_down()

    def address(
        self, objects: ClusterObjects, record: state.Record | None
    ) -> tuple[str | None, str | None]:
        """Return the address that clients use, and what is wrong with it.

        `record` is None where the run was not started here.
        """
        if record and record.processes:
            if all(one.id and one.id.process() for one in record.processes):
                return record.url, None
            reason = f"Its port-forward has ended. To reopen it, run `hostlab up {self.method}`."
            return record.url, reason
        port = objects.node_port
        # The start of our own run has seen it answer.
        if port and (record or _listens(port)):
            return f"http://127.0.0.1:{port}", None
        if port is None:
            return None, (
                f"It has no Service {API} with a NodePort. If `kubectl apply` said that the port "
                "is already allocated, another Service has it: `kubectl get services -A`."
            )
        return None, (
            f"Its NodePort {port} does not answer on this machine. Try `kubectl -n {NAMESPACE} "
            f"port-forward service/{API} 5000`."
        )


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _our_run_answers(url: str, run_id: str) -> bool:
    """Return whether our run answers there.

    A NodePort takes a moment to lead to a new pod, and something else may listen on it.
    """
    deadline = time.monotonic() + NODE_PORT_TIMEOUT_S
    with local_session() as session:
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.RequestException, ValueError, AttributeError):
                health = session.get(f"{url}/health", timeout=2).json()
                return bool(health.get("run_id") == run_id)
            time.sleep(0.2)
    return False

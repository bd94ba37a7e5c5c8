"""How clients of this machine reach the API in the cluster: at its NodePort, or else through a
port-forward.

Where a NodePort answers depends on the cluster: at 127.0.0.1 (Docker Desktop, kind with mapped
ports), at the addresses of the nodes (minikube, kind on Linux), or nowhere on this machine. So each
address is tried, and one counts only where the run itself answers.
"""

import os
import time

import requests

from hostlab.errors import StartFailed
from hostlab.http import local_session
from hostlab.methods.kubernetes import nodes, port_forward
from hostlab.methods.kubernetes.kubectl import NAMESPACE, Kubectl
from hostlab.methods.kubernetes.objects import API, ClusterObjects
from hostlab.runtime import state
from hostlab.runtime.paths import python_path
from hostlab.runtime.ports import free_port
from hostlab.runtime.processes import ProcessSupervisor
from hostlab.runtime.progress import Progress, Sentence

NODE_PORT_TIMEOUT_S = 5.0  # a NodePort takes a moment to lead to a new pod
CONNECT_TIMEOUT_S = 0.5  # to a node that this machine has no route to
RESPONSE_TIMEOUT_S = 2.0
POLL_S = 0.2


class ApiConnection:
    """The way to the API of one run. A port-forward is a process of the run's state file."""

    def __init__(self, method: str) -> None:
        self.method = method
        self._forward = ProcessSupervisor(method)

    def open(self, kubectl: Kubectl, record: state.Record, progress: Progress) -> None:
        """Set `record.url`: where the NodePort answers, or else a port-forward."""
        port = ClusterObjects.of(kubectl).node_port
        if port and not os.environ.get("HOSTLAB_KUBE_FORWARD"):
            urls = _candidates(kubectl, port)
            if url := _answering(urls, record.run_id, NODE_PORT_TIMEOUT_S):
                record.url = url
                return
            progress(Sentence("cluster.no_node_port", urls=", ".join(urls)))
        progress(Sentence("cluster.forwarding"))
        self._open_forward(kubectl, record)

    def reopen(self) -> None:
        """Start the port-forward again where it has ended."""
        self._forward.recover()

    def close(self) -> None:
        """End the port-forward, and forget the run's state file."""
        self._forward.shut_down()

    def address(
        self,
        kubectl: Kubectl,
        objects: ClusterObjects,
        record: state.Record | None,
        timeout_s: float = 0.0,
    ) -> tuple[str | None, str | None]:
        """Return the address that clients use, and what is wrong with it.

        `record` is None where the run was not started here: then the addresses are tried, for
        `timeout_s` seconds, but at least once.
        """
        if record and record.url:
            ended = not all(one.id and one.id.process() for one in record.processes)
            reason = f"Its port-forward has ended. To reopen it, run `hostlab up {self.method}`."
            return record.url, reason if ended else None
        if not objects.serving:
            return None, None
        if (port := objects.node_port) is None:
            return None, (
                f"It has no Service {API} with a NodePort. If `kubectl apply` said that the port "
                "is already allocated, another Service has it: `kubectl get services -A`."
            )
        urls = _candidates(kubectl, port)
        url = _answering(urls, objects.run_id, timeout_s)
        reason = (
            f"Its NodePort {port} answers at none of {', '.join(urls)}. Try `kubectl -n "
            f"{NAMESPACE} port-forward service/{API} 5000`."
        )
        return url, None if url else reason

    def _open_forward(self, kubectl: Kubectl, record: state.Record) -> None:
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


def _candidates(kubectl: Kubectl, port: int) -> list[str]:
    """Return where the NodePort may answer: on this machine, and at the nodes."""
    found = [address for node in nodes.find(kubectl) if node.ready for address in node.addresses]
    return [f"http://{_host(address)}:{port}" for address in dict.fromkeys(["127.0.0.1", *found])]


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _answering(urls: list[str], run_id: str | None, timeout_s: float) -> str | None:
    """Return the first address where the run answers, or None after `timeout_s` seconds.

    Where another run or another program answers, the address is not tried again.
    """
    deadline, remaining = time.monotonic() + timeout_s, list(urls)
    with local_session() as session:
        while remaining:
            for url in list(remaining):
                is_ours = _is_ours(session, url, run_id)
                if is_ours:
                    return url
                if is_ours is False:
                    remaining.remove(url)
            if time.monotonic() >= deadline:
                break
            time.sleep(POLL_S)
    return None


def _is_ours(session: requests.Session, url: str, run_id: str | None) -> bool | None:
    """Return whether the run answers at an address, or None where nothing answers."""
    try:
        response = session.get(f"{url}/health", timeout=(CONNECT_TIMEOUT_S, RESPONSE_TIMEOUT_S))
        health = response.json()
        found = (health.get("method"), health.get("run_id"))
    except (ValueError, AttributeError):  # not our contract
        return False
    except requests.RequestException:
        return None
    return found == ("kubernetes", run_id)

"""Host a method as pods: find them in the cluster, read their logs, kill one, remove all that a run made and nothing else."""

import contextlib
import os
import re
import socket
import time
from itertools import groupby

import requests

from hostlab.errors import BadInput, HostingLabError, RequestFailed, StartFailed, Unavailable
from hostlab.methods.kubernetes import cluster, rollout
from hostlab.methods.kubernetes import port_forward as forward
from hostlab.methods.kubernetes.kubectl import NAMESPACE, Kubectl
from hostlab.methods.kubernetes.objects import API, MODEL, PART_OF, RUN_ID, View, part, ready
from hostlab.runtime import state
from hostlab.runtime.paths import python_path
from hostlab.runtime.ports import free_port
from hostlab.runtime.processes import ProcessSupervisor
from hostlab.types import Component, Progress, RunInfo

KINDS = "services,configmaps,horizontalpodautoscalers,poddisruptionbudgets"
END_TIMEOUT_S = 120.0
# Control groups v2, else v1. The API server itself knows a pod's usage only where there is a metrics server.
_USAGE = (
    "cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/memory.current || "
    "cat /sys/fs/cgroup/cpuacct/cpuacct.usage /sys/fs/cgroup/memory/memory.usage_in_bytes"
)
LONG_ENOUGH_S = 15.0


class PodSupervisor:
    """The pods of the namespace `hosting-lab`. What runs is asked of the cluster; only a port-forward stands in the state file."""

    def __init__(self, method: str) -> None:
        self.method = method
        self._tunnel = ProcessSupervisor(method)

    @property
    def kubectl(self) -> Kubectl:
        """Raises Unavailable where no cluster may be used."""
        return cluster.choose().kubectl

    def find(self) -> RunInfo | None:
        """Return what runs, also what somebody applied by hand. Raises Unavailable where no cluster may be used, or it does not answer."""
        try:
            view = View.of(self.kubectl)
        except Unavailable:
            if cluster.may_create():
                return None
            raise
        if not view.deployments:
            return None
        record = state.read(self.method)
        ours = record if record and record.run_id == view.run_id else None
        url, reason = self._door(view, ours)
        if view.serving:
            condition = "failed" if reason and ours else "running"
        else:
            reason = view.trouble()
            condition = "failed" if reason or (ours and ours.state == "running") else "starting"
            reason = reason or f"{view.progress()}."
        return RunInfo(view.run_id, condition, url, view.since, reason)

    def components(self) -> list[Component]:
        return [part(pod) for pod in View.of(self.kubectl).pods]

    def recover(self) -> None:
        """Open the port-forward again; the pods Kubernetes mends itself, so they are waited for. Raises StartFailed."""
        if state.read(self.method):
            self._tunnel.recover()
        try:
            rollout.wait(self.kubectl, (MODEL, API), lambda sentence: None)
            if (found := self.find()) and not found.url:
                raise StartFailed(found.reason)
        except StartFailed as error:
            raise StartFailed(
                f"{self.method} could not be mended. {error}", self.logs(20)
            ) from error

    def kill(self, part: str | None) -> str:
        """Kill the processes in one pod outright, as a crash would (`kubectl delete pod` asks politely, even by force).

        The pod stays, its container is started again. `part` is a pod's name, else a model pod that is ready. Return its name.
        """
        name = self.pod(part)
        kubectl = self.kubectl
        restarts = self._restarts(name)
        deadline, said = time.monotonic() + 30, ""
        while time.monotonic() < deadline:
            # -1: every process of this user but the one that kills, which is why the pod's processes share their ids.
            # An error may say that the kill took the shell, too, or that nothing could be run there: then it is tried again
            try:
                kubectl("exec", name, "--", "sh", "-c", "kill -9 -1", timeout_s=20)
            except HostingLabError as error:
                said = str(error)
            again = time.monotonic() + 8
            while time.monotonic() < again:
                if self._restarts(name) != restarts:
                    return name
                time.sleep(0.2)
        raise StartFailed(
            f"The pod {name} did not die of `kubectl exec {name} -- sh -c 'kill -9 -1'`. Has its image no shell? {said}".strip()
        )

    def pod(self, name: str | None) -> str:
        """Return the name of a pod: the one asked for, or a model pod that is ready. Raises BadInput where there is none."""
        pods = View.of(self.kubectl).pods
        names = [pod["metadata"]["name"] for pod in pods]
        models = [
            pod["metadata"]["name"]
            for pod in pods
            if ready(pod) and pod["metadata"]["labels"].get("app") == "model"
        ]
        if name in names or (name is None and models):
            return name or models[0]
        if name is None:
            raise BadInput(f"{self.method} has no model pod that is ready.")
        raise BadInput(f"{self.method} has no pod {name!r}. It has: {', '.join(names) or 'none'}.")

    def suspend(self, name: str) -> None:
        """Stop every process of a pod's container but its first (SIGSTOP). Raises BadInput where there is no such pod."""
        with contextlib.suppress(
            RequestFailed
        ):  # the shell may be stopped too, and then its answer is late
            self.kubectl("exec", self.pod(name), "--", "sh", "-c", "kill -STOP -1", timeout_s=5)

    def usage(self, component: Component) -> tuple[float | None, int | None]:
        """Return its CPU seconds since its start and its bytes of memory, as its control group counts them."""
        output = self.kubectl("exec", component.name, "--", "sh", "-c", _USAGE, timeout_s=20)
        if found := re.search(r"usage_usec (\d+)", output):
            return int(found[1]) / 1e6, int(output.split()[-1])
        numbers = [int(one) for one in output.split() if one.isdigit()]
        return (numbers[0] / 1e9, numbers[1]) if len(numbers) == 2 else (None, None)

    def logs(self, tail: int) -> str:
        """Return the last `tail` lines of each pod; nothing where the cluster cannot be asked.

        Of a pod that crashed and is not ready again, also those of the program before: there it says why.
        """
        try:
            kubectl = self.kubectl
            lines = kubectl(
                "logs",
                "--selector",
                PART_OF,
                "--prefix",
                "--ignore-errors",
                f"--tail={tail}",
                "--max-log-requests=50",
                timeout_s=15,
            )
            crashed = [part(pod) for pod in View.of(kubectl).pods if not ready(pod)]
        except HostingLabError:
            return ""
        said = []
        for one in crashed:
            with contextlib.suppress(
                HostingLabError
            ):  # it has not been started again, or it is gone by now
                if one.restarts and (
                    before := kubectl(
                        "logs", one.name, "--previous", f"--tail={tail}", timeout_s=15
                    )
                ):
                    said.append(f"--- {one.name}, until it ended\n{before.rstrip()}")
        cut = [
            line.partition("] ") for line in lines.splitlines()
        ]  # [pod/model-service-…/model] the line
        for source, group in groupby(cut, key=lambda line: line[0]):
            said.append(
                f"--- {source.removeprefix('[pod/').rpartition('/')[0]}\n"
                + "\n".join(line[2] for line in group)
            )
        return "\n".join(said)

    def apply(self, objects: list[dict]) -> None:
        """Create the objects of a run. A namespace that is there already stays as it is, and so is not ours to delete.

        But an empty one that an earlier run left behind, killed in the middle, is taken over, and goes with this run.
        """
        kubectl = self.kubectl
        if View.of(kubectl).deployments:
            raise StartFailed(
                "Somebody else has started it in this cluster meanwhile. `hostlab status` shows it; it can be used as it is."
            )
        phase = self._namespace(kubectl)
        if phase == "Terminating":  # an earlier run's, that is still being deleted
            kubectl(
                "wait",
                "--for=delete",
                f"namespace/{NAMESPACE}",
                f"--timeout={END_TIMEOUT_S:.0f}s",
                timeout_s=END_TIMEOUT_S + 5,
            )
        elif phase and not self._left_behind(kubectl):
            objects = [one for one in objects if one["kind"] != "Namespace"]
        try:
            kubectl.apply(objects)
        except RequestFailed as error:
            if "already allocated" not in str(error):
                raise
            for one in objects:  # somebody else has our NodePort: the cluster picks a free one
                for port in one["spec"]["ports"] if one["kind"] == "Service" else []:
                    port.pop("nodePort", None)
            kubectl.apply(objects)

    def open_door(self, record: state.Record, progress: Progress) -> None:
        """Set `record.url`: the NodePort where it answers on this machine, else a port-forward."""
        kubectl = self.kubectl
        port = View.of(kubectl).node_port
        if not os.environ.get("HOSTLAB_KUBE_FORWARD") and _answers(
            f"http://127.0.0.1:{port}", record.run_id
        ):
            record.url = f"http://127.0.0.1:{port}"
            return
        progress(
            f"The cluster's port {port} does not answer on this machine: opening a port-forward."
        )
        local = free_port()
        log = state.home() / "logs" / self.method / "port-forward.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command = forward.program(kubectl.context, record.run_id, local)
        record.processes = [
            state.ProcessRecord(
                "port-forward", None, command, {"PYTHONPATH": python_path()}, str(log)
            )
        ]
        record.url = f"http://127.0.0.1:{local}"
        state.write(record)
        self._tunnel.recover()
        record.processes = state.read(self.method).processes

    def shut_down(self) -> None:
        """Delete what the run made, and the namespace if the run made that, too; what was applied by hand goes by its label."""
        record = state.read(self.method)
        chosen = cluster.choose()
        if chosen.ours:
            self._tunnel.shut_down()
            cluster.remove()
            return
        kubectl = chosen.kubectl
        starting = (
            record and record.state == "starting"
        )  # what another user may run here by now is not ours to end
        run_id = (
            record.run_id
            if starting
            else View.of(kubectl).run_id or (record.run_id if record else None)
        )
        self._tunnel.shut_down()
        selector = f"{RUN_ID}={run_id}" if run_id else PART_OF
        # first those that would make new pods, and the pods left behind (orphan): they then get 2 s and not the half minute
        # that they have in a rollout, as nobody is served any more
        kubectl("delete", "deployments,replicasets", "--selector", selector, "--cascade=orphan")
        kubectl("delete", "pods", "--selector", selector, "--grace-period=2", "--wait=false")
        kubectl("delete", KINDS, "--selector", selector)
        self._until_pods_gone(kubectl, selector)  # a namespace with pods in it goes slowly
        mine = kubectl(
            "get",
            "namespaces",
            f"--field-selector=metadata.name={NAMESPACE}",
            "--selector",
            selector,
            "--output=name",
        )
        if mine and not self._others(kubectl, selector):
            kubectl("delete", "namespace", NAMESPACE, "--wait=false")
            self._until_gone(kubectl, "namespaces", NAMESPACE)

    def _until_pods_gone(self, kubectl: Kubectl, selector: str) -> None:
        """Wait until all containers have ended, and take their pods off the list: the node itself may take a minute to do that.

        It may also take so long to tell that they have ended. Pods that had `LONG_ENOUGH_S`, many times what they were given to end,
        are taken off the list as well; the node kills what may still run in them.
        """
        began = time.monotonic()
        while pods := kubectl.json("get", "pods", "--selector", selector)["items"]:
            took_s = time.monotonic() - began
            if took_s > END_TIMEOUT_S:
                raise self._did_not_end()
            if ended := [
                pod["metadata"]["name"] for pod in pods if _ended(pod) or took_s > LONG_ENOUGH_S
            ]:
                kubectl(
                    "delete",
                    "pods",
                    *ended,
                    "--grace-period=0",
                    "--force",
                    "--wait=false",
                    "--ignore-not-found",
                )
            time.sleep(0.3)

    def _until_gone(self, kubectl: Kubectl, *what: str) -> None:
        deadline = time.monotonic() + END_TIMEOUT_S
        while kubectl("get", *what, "--ignore-not-found", "--output=name"):
            if time.monotonic() > deadline:
                raise self._did_not_end()
            time.sleep(0.3)

    def _did_not_end(self) -> Unavailable:
        return Unavailable(
            f"{self.method} did not end within {END_TIMEOUT_S:.0f} s. See `kubectl -n {NAMESPACE} get pods`, and stop it again."
        )

    def _namespace(self, kubectl: Kubectl) -> str:
        """Return Active, Terminating, or nothing where there is none."""
        return kubectl(
            "get",
            "namespaces",
            NAMESPACE,
            "--ignore-not-found",
            "--output=jsonpath={.status.phase}",
        )

    def _left_behind(self, kubectl: Kubectl) -> bool:
        """Whether a run made the namespace, and nobody has anything in it."""
        made = kubectl(
            "get",
            "namespaces",
            f"--field-selector=metadata.name={NAMESPACE}",
            "--selector",
            RUN_ID,
            "--output=name",
        )
        return bool(made) and not self._others(kubectl, f"{RUN_ID}=nobody")

    def _others(self, kubectl: Kubectl, selector: str) -> list[str]:
        """Return what is in the namespace that neither this run nor Kubernetes itself put there."""
        names = kubectl(
            "get",
            "all,configmaps,secrets,persistentvolumeclaims",
            "--selector",
            selector.replace("=", "!="),
            "--output=name",
        ).split()
        return [
            name
            for name in names
            if name != "configmap/kube-root-ca.crt" and not name.startswith("secret/default-token-")
        ]

    def _door(self, view: View, record: state.Record | None) -> tuple[str | None, str | None]:
        """Return the address that clients use; where there is none, why."""
        if record and record.processes:
            open_ = all(one.id and one.id.process() for one in record.processes)
            return (
                record.url,
                None
                if open_
                else f"Its port-forward has ended. `hostlab up {self.method}` opens it again.",
            )
        port = view.node_port
        if port and (record or _listening(port)):  # the start of our own run has seen it answer
            return f"http://127.0.0.1:{port}", None
        return (
            None,
            f"Its port {port} does not answer on this machine. Try `kubectl -n {NAMESPACE} port-forward service/{API} 5000`.",
        )

    def _restarts(self, name: str) -> int | None:
        return next((one.restarts for one in self.components() if one.name == name), None)


def _ended(pod: dict) -> bool:
    """Whether a pod that is being deleted has no container any more that runs, or may yet start."""
    containers = pod["status"].get("containerStatuses", [])
    return (
        "deletionTimestamp" in pod["metadata"]
        and bool(containers)
        and all("terminated" in one["state"] for one in containers)
    )


def _listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _answers(url: str, run_id: str, within_s: float = 5.0) -> bool:
    """Whether our run answers there: a NodePort takes a moment to lead to a new pod, and something else may listen on it."""
    deadline = time.monotonic() + within_s
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.RequestException, ValueError, AttributeError):
                return session.get(f"{url}/health", timeout=2).json().get("run_id") == run_id
            time.sleep(0.2)
    return False

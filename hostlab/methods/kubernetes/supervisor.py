"""The supervisor of the method kubernetes. The cluster, not a file, reports what runs."""

import contextlib
import re
import time

from hostlab.errors import BadInput, HostingLabError, StartFailed, Unavailable
from hostlab.methods.kubernetes import cluster, maintenance, pod_logs, rollout
from hostlab.methods.kubernetes.connection import NODE_PORT_TIMEOUT_S, ApiConnection
from hostlab.methods.kubernetes.kubectl import NAMESPACE, Kubectl
from hostlab.methods.kubernetes.namespace import Namespace
from hostlab.methods.kubernetes.objects import API, MODEL, PART_OF, RUN_ID, ClusterObjects
from hostlab.methods.kubernetes.pods import component, is_ready, running_since
from hostlab.runtime import owner, state
from hostlab.runtime.progress import silent
from hostlab.types import Component, ComponentLog, ForeignRun, Language, RunInfo, RunState

KILL_TIMEOUT_S = 30.0
KILL_RETRY_S = 8.0
# Control groups v2, or else v1. The API server knows a pod's usage only where there is a metrics
# server.
_USAGE = (
    "cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/memory.current || "
    "cat /sys/fs/cgroup/cpuacct/cpuacct.usage /sys/fs/cgroup/memory/memory.usage_in_bytes"
)


class PodSupervisor:
    """The pods in the namespace `hosting-lab`.

    Only a port-forward is recorded in the state file.
    """

    def __init__(self, method: str) -> None:
        self.method = method
        self.connection = ApiConnection(method)

    @property
    def kubectl(self) -> Kubectl:
        """kubectl for the cluster in use. Raises Unavailable where no cluster may be used."""
        return cluster.choose().kubectl

    def find(self) -> RunInfo | None:
        """Return what runs, even if it was applied by hand.

        Raises Unavailable where no cluster may be used, or it does not answer.
        """
        record = state.read(self.method)
        try:
            kubectl = self.kubectl
            objects = ClusterObjects.of(kubectl)
        except Unavailable as error:
            if record and record.own_cluster:
                return _without_objects(record, str(error))
            if cluster.may_create():
                return None
            raise
        self._require_ours(objects)
        if not objects.deployments:
            if record and record.own_cluster:
                return _without_objects(record, "Nothing is in its cluster.")
            return None
        ours = self._record_of(objects)
        url, reason = self.connection.address(kubectl, objects, ours)
        condition: RunState
        if objects.serving:
            condition = "failed" if reason else "running"
        else:
            failure = objects.failure()
            was_running = ours and ours.state == "running"
            condition = "failed" if failure or was_running else "starting"
            reason = failure or f"{objects.progress().text(Language.EN)}."
        run = (objects.run_id, condition, url, objects.since, reason)
        return RunInfo(*run, objects.autoscaler)

    def objects(self) -> ClusterObjects:
        """Return what runs. Raises Unavailable, also where it is somebody else's."""
        objects = ClusterObjects.of(self.kubectl)
        self._require_ours(objects)
        return objects

    def others(self) -> list[ForeignRun]:
        """Return none, because the cluster has room for one run."""
        return []

    def end_others(self) -> list[str]:
        """Delete what somebody else's run created, and return whose it was. Raises Unavailable."""
        kubectl = self.kubectl
        objects = ClusterObjects.of(kubectl)
        if self._is_ours(objects):
            return []
        Namespace(kubectl).remove(f"{RUN_ID}={objects.run_id}")
        return [owner.phrase(objects.owner or "")]

    def components(self) -> list[Component]:
        """Return the pods, the model's first. Raises Unavailable."""
        return [component(pod) for pod in self.objects().pods]

    def recover(self) -> None:
        """Reopen the port-forward, and wait for the pods, which Kubernetes restarts.

        Raises StartFailed.
        """
        if state.read(self.method):
            self.connection.reopen()
        kubectl = self.kubectl
        rollout.wait(kubectl, (MODEL, API), silent)
        objects = self.objects()
        ours = self._record_of(objects)
        url, reason = self.connection.address(kubectl, objects, ours, NODE_PORT_TIMEOUT_S)
        if not url:
            raise StartFailed(reason or "It has no address.")

    def kill(self, name: str | None) -> str:
        """Kill the processes in one pod outright, as a crash would, and return the pod's name.

        Without a name, it is a ready model pod. The pod stays, and its container is restarted.
        (`kubectl delete pod` sends SIGTERM first, even with --force.) Raises BadInput where there
        is no such pod.
        """
        name = self.pod(name)
        kubectl, since = self.kubectl, self._running_since(name)
        deadline, message = time.monotonic() + KILL_TIMEOUT_S, ""
        while time.monotonic() < deadline:
            # -1: every process of this user but the one that kills, which is why a pod's processes
            # share their IDs. An error may mean that the kill ended the shell too, or that nothing
            # could be run: then it is retried.
            try:
                kubectl("exec", name, "--", "sh", "-c", "kill -9 -1", timeout_s=20)
            except HostingLabError as error:
                message = str(error)
            retry_at = time.monotonic() + KILL_RETRY_S
            while time.monotonic() < retry_at:
                # Not the number of restarts: Kubernetes waits for up to minutes before each
                if self._running_since(name) != since:
                    return name
                time.sleep(0.2)
        raise StartFailed(
            f"The pod {name} did not end after `kubectl exec {name} -- sh -c 'kill -9 -1'`. Does "
            f"its image have a shell? {message}".strip()
        )

    def pod(self, name: str | None) -> str:
        """Return the name of the requested pod, or of a ready model pod.

        Raises BadInput where there is none.
        """
        pods = self.objects().pods
        names = [pod["metadata"]["name"] for pod in pods]
        if name in names:
            return str(name)
        if name:
            raise BadInput(
                f"{self.method} has no pod {name!r}. It has: {', '.join(names) or 'none'}."
            )
        for pod in pods:
            if is_ready(pod) and pod["metadata"]["labels"].get("app") == "model":
                return str(pod["metadata"]["name"])
        raise BadInput(f"{self.method} has no ready pod with the model.")

    def suspend(self, name: str) -> None:
        """Stop every process of a pod's container but the first (SIGSTOP).

        Raises BadInput where there is no such pod.
        """
        pod = self.pod(name)
        # The shell may be stopped too, and then its answer is late.
        with contextlib.suppress(HostingLabError):
            self.kubectl("exec", pod, "--", "sh", "-c", "kill -STOP -1", timeout_s=5)

    def usage(self, component: Component) -> tuple[float | None, int | None]:
        """Return its CPU seconds since its start and its bytes of memory, as its control group
        counts them.
        """
        output = self.kubectl("exec", component.name, "--", "sh", "-c", _USAGE, timeout_s=20)
        if found := re.search(r"usage_usec (\d+)", output):
            return int(found[1]) / 1e6, int(output.split()[-1])
        numbers = [int(one) for one in output.split() if one.isdigit()]
        return (numbers[0] / 1e9, numbers[1]) if len(numbers) == 2 else (None, None)

    def component_logs(self, tail: int) -> list[ComponentLog]:
        """Return the last `tail` lines of each pod; nothing where the cluster does not answer."""
        try:
            return pod_logs.read(self.kubectl, self.objects().pods, tail)
        except HostingLabError:
            return []

    def shut_down(self) -> None:
        """Delete what the run created; what was applied by hand is found by its label."""
        record = state.read(self.method)
        if record and record.own_cluster:
            cluster.remove(record.own_cluster)
            self.connection.close()
            return
        chosen = cluster.choose()
        run_id = record.run_id if record else None
        if record is None or record.state != "starting":
            # While our run starts, what another user may run here by now is not ours to stop.
            run_id = self.objects().run_id or run_id
        maintenance.open_again(self.method, chosen.kubectl)
        self.connection.close()
        Namespace(chosen.kubectl).remove(f"{RUN_ID}={run_id}" if run_id else PART_OF)

    def _record_of(self, objects: ClusterObjects) -> state.Record | None:
        record = state.read(self.method)
        return record if record and record.run_id == objects.run_id else None

    def _is_ours(self, objects: ClusterObjects) -> bool:
        return self._record_of(objects) is not None or owner.is_mine(objects.owner)

    def _require_ours(self, objects: ClusterObjects) -> None:
        if not self._is_ours(objects):
            raise Unavailable(
                f"{owner.phrase(objects.owner or '')} runs it in this cluster, where one run at a "
                f"time has the namespace {NAMESPACE}. Wait until it ends, or choose another "
                "cluster with `kubectl config use-context NAME`."
            )

    def _running_since(self, name: str) -> list[str] | None:
        found = (pod for pod in self.objects().pods if pod["metadata"]["name"] == name)
        return next(map(running_since, found), None)


def _without_objects(record: state.Record, failure: str) -> RunInfo:
    """Return the state of a run whose own cluster is being created, or has lost its objects."""
    if record.state == "starting":
        reason = "Its cluster is being created."
        return RunInfo(record.run_id, "starting", None, record.since, reason)
    return RunInfo(record.run_id, "failed", None, record.since, failure)

"""The method `kubernetes`: the two programs of separate-process as Deployments and Services of a local cluster."""

import json
import re

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, NotRunning, RequestFailed, StartFailed
from hostlab.methods.docker import compose
from hostlab.methods.docker import tools as docker_tools
from hostlab.methods.kubernetes import cluster, rollout
from hostlab.methods.kubernetes.kubectl import NAMESPACE, Kubectl
from hostlab.methods.kubernetes.manifests import images, rendered, version_patch
from hostlab.methods.kubernetes.objects import API, MODEL, View
from hostlab.methods.kubernetes.supervisor import PodSupervisor
from hostlab.runtime import state
from hostlab.types import Capability, Progress, Tool

_VERSION = re.compile(
    r"[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?"
)  # what both an image's tag and a label may hold


class Kubernetes(Deployment):
    method = "kubernetes"
    capabilities = frozenset(Capability)
    by_hand = ("kubectl apply -k deployments/kubernetes",)
    restarts_hung = True  # the liveness probe

    def __init__(self) -> None:
        self.supervisor = PodSupervisor(self.method)

    def tools(self) -> list[Tool]:
        return [
            Tool(
                "kubectl",
                "speaks to the cluster",
                "Install it: https://kubernetes.io/docs/tasks/tools/",
                cluster.no_kubectl,
            ),
            Tool("a local cluster", "runs the pods", "", cluster.none_to_use),
            *(docker_tools.tools() if cluster.builds_here() else []),
            Tool(
                "the cluster's own tool",
                "loads the images",
                "Install it, or see deployments/kubernetes/README.md.",
                cluster.no_loader,
            ),
        ]

    def launch(self, record: state.Record, progress: Progress) -> None:
        chosen = cluster.choose_or_create(progress)
        record.context = chosen.context
        state.write(record)
        objects = rendered(chosen.kubectl, record.run_id)
        _provide(chosen, images(objects), compose.VERSION, progress)
        progress(
            f"Applying the manifests to the cluster {chosen.context!r}, in the namespace {NAMESPACE!r}."
        )
        self.supervisor.apply(objects)
        rollout.wait(chosen.kubectl, (MODEL, API), progress)
        self.supervisor.open_door(record, progress)

    def scale(self, replicas: int) -> None:
        """Run `replicas` model pods and return when all are ready. Raises StartFailed where they cannot be; then the count is what it was."""
        kubectl, deployments = self._running()
        before = deployments[MODEL]["spec"]["replicas"]
        kubectl("scale", f"deployment/{MODEL}", f"--replicas={replicas}")
        try:
            rollout.wait(kubectl, (MODEL,), lambda sentence: None)
        except StartFailed as error:
            kubectl("scale", f"deployment/{MODEL}", f"--replicas={before}")
            rollout.wait(kubectl, (MODEL,), lambda sentence: None)
            raise StartFailed(
                f"There cannot be {replicas} model pods here, so there are {before} again. {error}"
            ) from error

    def update(self, version: str, progress: Progress = lambda sentence: None) -> None:
        """Roll model and API to the images of another version, one pod at a time, while the old ones serve; return at full strength.

        Images of that version are built from the present code where there are none. Raises StartFailed with the reason where
        new pods do not come up; then the old version is what runs.
        """
        if not _VERSION.fullmatch(version):
            raise BadInput(
                f"{version!r} cannot be a version: letters, digits, dots and dashes, at most 63."
            )
        kubectl, deployments = self._running()
        patches = {name: version_patch(deployments[name], version) for name in (MODEL, API)}
        tags = [
            container["image"]
            for patch in patches.values()
            for container in patch["spec"]["template"]["spec"]["containers"]
        ]
        if set(tags) == set(images(list(deployments.values()))):
            raise BadInput(f"{self.method} runs version {version} already.")
        _provide(cluster.choose(), tags, version, progress)
        done = []
        for name, patch in patches.items():
            done.append(name)
            kubectl("patch", f"deployment/{name}", "--patch", json.dumps(patch))
            try:
                rollout.wait(kubectl, (name,), progress)
            except StartFailed as error:
                tail = self.logs(20)
                for one in done:
                    kubectl("rollout", "undo", f"deployment/{one}")
                rollout.wait(kubectl, tuple(done), progress)
                raise StartFailed(
                    f"The update to {version} failed and was undone; the version before it never stopped serving. {error}",
                    tail,
                ) from error

    def rollback(self, progress: Progress = lambda sentence: None) -> None:
        """Roll model and API back to the version before this one, as gently as an update. Raises BadInput where there was none."""
        kubectl, _ = self._running()
        for name in (MODEL, API):
            try:
                kubectl("rollout", "undo", f"deployment/{name}")
            except RequestFailed as error:
                raise BadInput(
                    f"{name} has no earlier version to go back to. `hostlab rollout update {self.method} 1.1` makes one."
                ) from error
            rollout.wait(kubectl, (name,), progress)

    def evict(self, part: str | None = None) -> str:
        """Ask the cluster to move one pod away, as it does when a node is emptied, and return its name; else a model pod.

        Unlike a deletion it can be refused: raises RequestFailed with status 429 where a PodDisruptionBudget forbids it now.
        """
        kubectl, _ = self._running()
        name = self.supervisor.pod(part)
        # the eviction API is policy/v1 from Kubernetes 1.22 on, policy/v1beta1 before
        kinds = json.loads(kubectl("get", "--raw", "/api/v1"))["resources"]
        version = next(kind["version"] for kind in kinds if kind["name"] == "pods/eviction")
        eviction = {
            "apiVersion": f"policy/{version}",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": NAMESPACE},
        }
        try:
            kubectl(
                "create",
                "--raw",
                f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction",
                "--filename=-",
                stdin=json.dumps(eviction),
            )
        except RequestFailed as error:
            if "budget" in str(error):
                raise RequestFailed(
                    "Not now",
                    f"A PodDisruptionBudget forbids to evict {name} until another pod is ready.",
                    429,
                ) from error
            raise
        return name

    def _running(self) -> tuple[Kubectl, dict[str, dict]]:
        kubectl = self.supervisor.kubectl
        deployments = View.of(kubectl).deployments
        if set(deployments) != {MODEL, API}:
            raise NotRunning(f"{self.method} does not run. Start it: `hostlab up {self.method}`.")
        return kubectl, deployments


def _provide(chosen: cluster.Cluster, names: list[str], version: str, progress: Progress) -> None:
    """Build the images that Compose builds, as they are now, and bring them into the cluster; others are the cluster's to find."""
    if chosen.local and set(names) == {f"{image}:{version}" for image in compose.IMAGES}:
        compose.build(progress, version)
        cluster.load(chosen, names, progress)

"""The method `kubernetes`: the two programs of separate-process as Deployments and Services of a
local cluster.
"""

import json
import re
from contextlib import AbstractContextManager

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, NotRunning, StartFailed
from hostlab.methods.docker import compose
from hostlab.methods.docker import tools as docker_tools
from hostlab.methods.kubernetes import (
    autoscaler,
    autoscaling,
    cluster,
    image_loading,
    maintenance,
    metrics,
    nodes,
    rollout,
)
from hostlab.methods.kubernetes.kubectl import NAMESPACE, Kubectl, KubernetesObject
from hostlab.methods.kubernetes.manifests import images, rendered, version_patch
from hostlab.methods.kubernetes.namespace import Namespace
from hostlab.methods.kubernetes.nodes import Node
from hostlab.methods.kubernetes.objects import API, MODEL
from hostlab.methods.kubernetes.supervisor import PodSupervisor
from hostlab.methods.locked import locked
from hostlab.methods.version import require_version
from hostlab.runtime import state
from hostlab.runtime.engines import IN_IMAGES
from hostlab.runtime.progress import Progress, Sentence, silent
from hostlab.types import CPU_PERCENT, MAX_REPLICAS, MIN_REPLICAS, Capability, Tool

# What both an image's tag and a label may hold.
_VERSION = re.compile(r"[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?")


class Kubernetes(Deployment):
    """The pods of two Kubernetes Deployments."""

    method = "kubernetes"
    capabilities = frozenset(Capability)
    by_hand = ("kubectl apply -k deployments/kubernetes",)
    restarts_hung = True  # the liveness probe
    engines = IN_IMAGES
    supervisor: PodSupervisor

    def __init__(self) -> None:
        self.supervisor = PodSupervisor(self.method)

    def tools(self) -> list[Tool]:
        """Return kubectl, a cluster, and what builds and loads the images."""
        kubectl_advice = "Install it: https://kubernetes.io/docs/tasks/tools/"
        loader_advice = "Install it, or see deployments/kubernetes/README.md."
        return [
            Tool("kubectl", "talks to the cluster", kubectl_advice, cluster.no_kubectl),
            Tool("a local cluster", "runs the pods", "", cluster.none_to_use),
            *(docker_tools.tools() if cluster.builds_here() else []),
            Tool(
                "the images' loader",
                "loads them into the cluster",
                loader_advice,
                cluster.no_loader,
            ),
        ]

    def launch(self, record: state.Record, progress: Progress) -> None:
        """Build and load the images, apply the manifests, and find the way to the API."""
        chosen = cluster.choose_or_create(record, progress)
        kubectl, record.context = chosen.kubectl, chosen.context
        state.write(record)
        objects = rendered(kubectl, record.run_id)
        _provide_images(chosen, images(objects), compose.VERSION, progress)
        progress(Sentence("cluster.applying", context=chosen.context, namespace=NAMESPACE))
        Namespace(kubectl).apply(objects)
        rollout.wait(kubectl, (MODEL, API), progress)
        self.supervisor.connection.open(kubectl, record, progress)

    @locked
    def scale(self, replicas: int) -> None:
        """Run `replicas` model pods and return when all of them are ready.

        Raises StartFailed where they do not become ready; the number of pods is then what it was.
        Raises BadInput while an autoscaler sets the number.
        """
        kubectl, deployments = self._running()
        autoscaler.require_off(self.supervisor.objects().autoscaler)
        before = deployments[MODEL]["spec"]["replicas"]
        kubectl("scale", f"deployment/{MODEL}", f"--replicas={replicas}")
        try:
            rollout.wait(kubectl, (MODEL,), silent)
        except StartFailed as error:
            kubectl("scale", f"deployment/{MODEL}", f"--replicas={before}")
            rollout.wait(kubectl, (MODEL,), silent)
            raise StartFailed(
                f"This cluster cannot run {replicas} model pods. There are {before} again. {error}"
            ) from error

    @locked
    def autoscale(
        self,
        *,
        minimum: int = MIN_REPLICAS,
        maximum: int = MAX_REPLICAS,
        cpu_percent: int = CPU_PERCENT,
        install_metrics: bool = False,
        progress: Progress = silent,
    ) -> None:
        """Let a HorizontalPodAutoscaler keep `minimum` to `maximum` model pods.

        It aims at a mean CPU usage of `cpu_percent` percent of what a pod requests. In the first
        40 s or so it knows of no usage, and changes nothing. Until it is turned off, the pods have
        a lower CPU limit, so they are replaced one by one before it begins. Raises NoMetrics where
        the cluster has no metrics server, unless `install_metrics` is true: then the project's own
        is installed, and removed with the run.
        """
        autoscaler.check(minimum, maximum, cpu_percent)
        kubectl, _ = self._running()
        if install_metrics:
            metrics.provide(kubectl, cluster.choose().is_local, progress)
        metrics.require(kubectl)
        bounds = {"minReplicas": minimum, "maxReplicas": maximum}
        autoscaling.turn_on(kubectl, self.supervisor.objects(), bounds, cpu_percent, progress)

    @locked
    def autoscale_off(self, progress: Progress = silent) -> None:
        """Remove the autoscaler, and give the model pods their CPU limit back, one by one.

        Their number stays. Does nothing if it is off. A metrics server that was installed for it
        stays until the run ends.
        """
        kubectl, _ = self._running()
        autoscaling.turn_off(kubectl, progress)

    @locked
    def update(self, version: str, progress: Progress = silent) -> None:
        """Roll out the images of another version to the model and the API, pod by pod, and return
        when it is complete.

        Images of that version are built from the current code where there are none. Raises
        StartFailed with the reason where new pods do not start; the old version then keeps running.
        """
        require_version(version, _VERSION)
        kubectl, deployments = self._running()
        patches = {name: version_patch(deployments[name], version) for name in (MODEL, API)}
        tags = [
            container["image"]
            for patch in patches.values()
            for container in patch["spec"]["template"]["spec"]["containers"]
        ]
        if set(tags) == set(images(list(deployments.values()))):
            raise BadInput(f"{self.method} runs version {version} already.")
        _provide_images(cluster.choose(), tags, version, progress)
        patched: list[str] = []
        try:
            for name, patch in patches.items():
                patched.append(name)
                kubectl("patch", f"deployment/{name}", "--patch", json.dumps(patch))
                rollout.wait(kubectl, (name,), progress)
        except StartFailed as error:
            tail = self.logs(20)
            for name in patched:
                kubectl("rollout", "undo", f"deployment/{name}")
            rollout.wait(kubectl, tuple(patched), progress)
            raise StartFailed(
                f"The update to {version} failed and was rolled back. The version before it never "
                f"stopped serving. {error}",
                tail,
            ) from error

    @locked
    def rollback(self, progress: Progress = silent) -> None:
        """Roll the model and the API back to the version before this one.

        Raises BadInput where there was none.
        """
        kubectl, deployments = self._running()
        for name in (MODEL, API):
            revision = rollout.earlier_revision(kubectl, deployments[name])
            if revision is None:
                raise BadInput(
                    f"{name} has no earlier version to go back to. To create one, run "
                    f"`hostlab rollout update {self.method} 1.1`."
                )
            kubectl("rollout", "undo", f"deployment/{name}", f"--to-revision={revision}")
            rollout.wait(kubectl, (name,), progress)

    def evict(self, name: str | None = None) -> str:
        """Evict one pod, as the cluster does when a node is drained, and return its name; without a
        name, a model pod.

        Unlike a deletion, an eviction can be rejected: raises RequestFailed with status 429 where a
        PodDisruptionBudget forbids it now.
        """
        kubectl, _ = self._running()
        name = self.supervisor.pod(name)
        maintenance.evict(kubectl, name)
        return name

    def nodes(self) -> list[Node]:
        """Return the nodes of the cluster; none where this user may not list them.

        Raises Unavailable.
        """
        return nodes.find(self.supervisor.kubectl)

    def closed(self, node: str) -> AbstractContextManager[None]:
        """Close a node for new pods for as long as the context lasts. Raises RequestFailed."""
        return maintenance.closed(self.method, self.supervisor.kubectl, node)

    def drain(self, node: str) -> None:
        """Evict this project's pods from a node, and wait until they are gone.

        Raises RequestFailed.
        """
        maintenance.drain(self.supervisor.kubectl, node)

    def _running(self) -> tuple[Kubectl, dict[str, KubernetesObject]]:
        kubectl = self.supervisor.kubectl
        deployments = self.supervisor.objects().deployments
        if set(deployments) != {MODEL, API}:
            raise NotRunning(f"{self.method} does not run. Start it: `hostlab up {self.method}`.")
        return kubectl, deployments


def _provide_images(
    chosen: cluster.Cluster, names: list[str], version: str, progress: Progress
) -> None:
    """Build the images that Compose builds, and load them into the cluster.

    The cluster has to find any others. Raises StartFailed where they cannot be loaded.
    """
    if set(names) != {f"{image}:{version}" for image in compose.IMAGES}:
        return
    if chosen.builds_here:
        compose.build(progress, version)
        image_loading.load(chosen.kubectl, names, progress)
    else:
        image_loading.require(chosen.kubectl, names)

"""Which cluster: a plainly local one, or the one that the user names on purpose. Nothing else is ever written to.

The context in use may well lead to a company's cluster, and a lesson about killing pods has no place there. So a context
counts as local when its name is one that a local cluster's tool gives *and* its server's address is on this machine or in
a private network; HOSTLAB_KUBE_CONTEXT names any other.
"""

import ipaddress
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from urllib.parse import urlsplit

from hostlab.errors import StartFailed, Unavailable
from hostlab.methods.kubernetes.kubectl import Kubectl, servers
from hostlab.runtime import state
from hostlab.runtime.paths import COURSE
from hostlab.types import Progress

_LOCAL = re.compile(r"kind-.+|minikube|k3d-.+|docker-desktop|rancher-desktop|orbstack|lab")
_LOCAL_HOSTS = ("localhost", "kubernetes.docker.internal", "host.docker.internal", "k8s.orb.local")
OWN_KIND = "hostlab"  # the name of the kind cluster that is made here, and removed again
KIND_CONFIG = COURSE / "kubernetes" / "kind.yaml"


@dataclass(frozen=True)
class Cluster:
    """A cluster that may be written to, by its context's name."""

    context: str

    @property
    def kubectl(self) -> Kubectl:
        return Kubectl(self.context)

    def loading(self, image: str) -> list[str] | None:
        """Return the command that brings an image of the Docker engine into this cluster; None where both share their images."""
        tool, _, name = self.context.partition("-")
        if tool == "kind":
            return ["kind", "load", "docker-image", image, "--name", name]
        if tool == "k3d":
            return ["k3d", "image", "import", image, "--cluster", name]
        if self.context == "minikube":
            return ["minikube", "--profile", "minikube", "image", "load", image]
        return None

    @property
    def local(self) -> bool:
        """Whether it runs on this machine by its name, so that images built here can be brought there."""
        return bool(_LOCAL.fullmatch(self.context))

    @property
    def ours(self) -> bool:
        """Whether it was made here, so that it ends with the run."""
        return self.context == f"kind-{OWN_KIND}"


def choose() -> Cluster:
    """Return the cluster to use. Raises Unavailable, and says which variable to set, where none is plainly local.

    It is the one in which a run of ours is on record, else the one that HOSTLAB_KUBE_CONTEXT names, else one that was made
    here, else the context in use if that is local.
    """
    known, current = servers()
    record = state.read("kubernetes")
    if record and record.context in known:
        return Cluster(record.context)
    if named := os.environ.get("HOSTLAB_KUBE_CONTEXT"):
        if named not in known:
            raise Unavailable(
                f"HOSTLAB_KUBE_CONTEXT is {named!r}, and kubectl knows no such context. It knows: {', '.join(known) or 'none'}."
            )
        return Cluster(named)
    if f"kind-{OWN_KIND}" in known:
        return Cluster(f"kind-{OWN_KIND}")
    if current not in known:
        raise Unavailable(
            "kubectl has no cluster to speak to. Start a local one: switch Kubernetes on in Docker Desktop, or install minikube or kind; "
            "with kind installed, HOSTLAB_KIND=create makes one for the time of the run."
        )
    if reason := _not_local(current, known[current]):
        local = [name for name, server in known.items() if not _not_local(name, server)]
        raise Unavailable(
            f"The context in use, {current!r}, {reason}, so nothing is written there. "
            + (f"Local ones are there: `kubectl config use-context {local[0]}`. " if local else "")
            + f"If you are sure that it is yours to break, name it: HOSTLAB_KUBE_CONTEXT={current}"
        )
    return Cluster(current)


def may_create() -> bool:
    """Whether the user has said that a kind cluster may be made, and kind is there to make it."""
    return (
        os.environ.get("HOSTLAB_KIND") == "create"
        and not os.environ.get("HOSTLAB_KUBE_CONTEXT")
        and shutil.which("kind") is not None
    )


def choose_or_create(progress: Progress) -> Cluster:
    """Return the cluster to use; where there is none and the user said so, make one with kind. Raises Unavailable, StartFailed."""
    try:
        return choose()
    except Unavailable:
        if not may_create():
            raise
    before = servers()[1]
    progress("Making a cluster with kind: it fetches a node image of about 1 GB the first time.")
    try:
        _call(
            "kind",
            "create",
            "cluster",
            "--name",
            OWN_KIND,
            "--config",
            str(KIND_CONFIG),
            "--wait",
            "180s",
        )
    except StartFailed:
        remove()
        raise
    if before:  # the user's own choice of a context stays what it was
        _call("kubectl", "config", "use-context", before)
    return Cluster(f"kind-{OWN_KIND}")


def remove() -> None:
    """Remove the kind cluster that `choose_or_create` made."""
    _call("kind", "delete", "cluster", "--name", OWN_KIND)


def load(cluster: Cluster, images: list[str], progress: Progress) -> None:
    """Bring the images to where the cluster's pods find them. Raises StartFailed."""
    for image in images:
        if command := cluster.loading(image):
            progress(f"Loading {image} into the cluster: {' '.join(command)}")
            _call(*command)


def no_kubectl() -> str | None:
    """Return what is wrong with kubectl, or None."""
    return None if shutil.which("kubectl") else "there is no program `kubectl`."


def none_to_use() -> str | None:
    """Return why no cluster may be used, or None; without kubectl that is said already."""
    return None if no_kubectl() or may_create() else _chosen()[1]


def builds_here() -> bool:
    """Whether the images are built on this machine: where the cluster is, or will be, on it."""
    chosen, _ = _chosen()
    return chosen.local if chosen else may_create()


def no_loader() -> str | None:
    """Return which program is missing that loads images into the cluster, or None."""
    chosen, _ = _chosen()
    command = chosen.loading("image") if chosen else None
    return (
        f"there is no program `{command[0]}`." if command and not shutil.which(command[0]) else None
    )


def _chosen() -> tuple[Cluster | None, str | None]:
    try:
        return choose(), None
    except Unavailable as error:
        return None, str(error)


def _not_local(context: str, server: str) -> str | None:
    """Return why a context is not plainly local, or None."""
    if not _LOCAL.fullmatch(context):
        return "is not one that a local cluster's tool names (kind-…, minikube, k3d-…, docker-desktop, rancher-desktop, orbstack)"
    host = urlsplit(server).hostname or ""
    if host in _LOCAL_HOSTS:
        return None
    try:
        private = ipaddress.ip_address(
            host
        ).is_private  # this machine (127.0.0.1, 0.0.0.0) and private networks
    except ValueError:
        private = False
    return (
        None
        if private
        else f"has the name of a local cluster, but its server {server or '(none)'} is not on this machine"
    )


def _call(*command: str) -> None:
    answer = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if answer.returncode:
        last = "\n".join((answer.stderr or answer.stdout).splitlines()[-10:])
        raise StartFailed(
            f"`{' '.join(command)}` failed with exit status {answer.returncode}. Try it by hand to see more.",
            last,
        )

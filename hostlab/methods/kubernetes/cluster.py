"""Chooses the cluster: a clearly local one, or one that the user names explicitly.

Nothing else is ever written to.

The current context may lead to a company's cluster, where a lesson about killing pods must not run.
So a context counts as local when its name is one that a local cluster's tool gives *and* its
server's address is on this machine or in a private network. HOSTLAB_KUBE_CONTEXT names any other.
"""

import ipaddress
import os
import re
import shutil
from dataclasses import dataclass
from urllib.parse import urlsplit

from hostlab.errors import StartFailed, Unavailable
from hostlab.methods.kubernetes import image_loading
from hostlab.methods.kubernetes.kubectl import Kubectl, servers
from hostlab.runtime import state
from hostlab.runtime.commands import run
from hostlab.runtime.paths import COURSE
from hostlab.runtime.progress import Progress, Sentence, silent, verbatim

_LOCAL = re.compile(r"kind-.+|minikube|k3d-.+|docker-desktop|rancher-desktop|orbstack")
_LOCAL_HOSTS = ("localhost", "kubernetes.docker.internal", "host.docker.internal", "k8s.orb.local")
_OWN_KIND = "hostlab"  # begins the name of a kind cluster that is created for a run
KIND_CONFIG = COURSE / "kubernetes" / "kind.yaml"


@dataclass(frozen=True)
class Cluster:
    """A cluster that may be written to, by its context's name."""

    context: str

    @property
    def kubectl(self) -> Kubectl:
        """kubectl for this cluster."""
        return Kubectl(self.context)

    @property
    def is_local(self) -> bool:
        """Whether its name is one that a tool for clusters on this machine gives."""
        return bool(_LOCAL.fullmatch(self.context))

    @property
    def builds_here(self) -> bool:
        """Whether its images are built on this machine: its name says that it runs here, or the
        user names a command that loads them.
        """
        return self.is_local or image_loading.is_configured()


def choose() -> Cluster:
    """Return the cluster to use.

    Raises Unavailable, and says which variable to set, where none is clearly local.

    It is the cluster of a recorded run, or else the one that HOSTLAB_KUBE_CONTEXT names, or else
    that of the current context if it is local.
    """
    known, current = servers()
    record = state.read("kubernetes")
    if record and record.context in known:
        return Cluster(record.context)
    if named := os.environ.get("HOSTLAB_KUBE_CONTEXT"):
        if named not in known:
            raise Unavailable(
                f"HOSTLAB_KUBE_CONTEXT is {named!r}, and kubectl knows no such context. It knows: "
                f"{', '.join(known) or 'none'}."
            )
        return Cluster(named)
    if current is None or current not in known:
        raise Unavailable(
            "kubectl has no cluster to talk to. Start a local one: turn on Kubernetes in Docker "
            "Desktop, or install minikube or kind. With kind installed, HOSTLAB_KIND=create "
            "creates a cluster for the duration of the run."
        )
    if reason := _not_local(current, known[current]):
        local = [name for name, server in known.items() if not _not_local(name, server)]
        raise Unavailable(
            f"The current context, {current!r}, {reason}, so nothing is written there. "
            + (f"A local one exists: `kubectl config use-context {local[0]}`. " if local else "")
            + "If you are sure that you may break that cluster, name it explicitly: "
            + f"HOSTLAB_KUBE_CONTEXT={current}"
        )
    return Cluster(current)


def may_create() -> bool:
    """Return whether the user allows the creation of a kind cluster, and kind is installed."""
    return (
        os.environ.get("HOSTLAB_KIND") == "create"
        and not os.environ.get("HOSTLAB_KUBE_CONTEXT")
        and shutil.which("kind") is not None
    )


def choose_or_create(record: state.Record, progress: Progress) -> Cluster:
    """Return the cluster to use; where there is none and the user allows it, create one with kind.

    The run's record names what was created, and `remove` deletes nothing else. Raises Unavailable,
    StartFailed.
    """
    try:
        return choose()
    except Unavailable:
        if not may_create():
            raise
    before = servers()[1]
    progress(Sentence("cluster.creating"))
    record.own_cluster = f"{_OWN_KIND}-{record.run_id}"  # nobody else's has that name
    state.write(record)  # first, so that half a cluster is removed with the run, too
    options = ("--name", record.own_cluster, "--config", str(KIND_CONFIG), "--wait", "180s")
    _call("kind", "create", "cluster", *options)
    if before:  # kind has changed the current context, which is the user's choice
        _call("kubectl", "config", "use-context", before)
    return Cluster(f"kind-{record.own_cluster}")


def remove(own_cluster: str) -> None:
    """Delete the kind cluster that `choose_or_create` created for a run. Raises StartFailed."""
    _call("kind", "delete", "cluster", "--name", own_cluster)


def no_kubectl() -> str | None:
    """Return what is wrong with kubectl, or None."""
    return None if shutil.which("kubectl") else "there is no program `kubectl`."


def none_to_use() -> str | None:
    """Return why no cluster may be used, or None; without kubectl, which is reported already."""
    return None if no_kubectl() or may_create() else _chosen()[1]


def builds_here() -> bool:
    """Return whether the images are built on this machine."""
    chosen, _ = _chosen()
    return chosen.builds_here if chosen else may_create()


def no_loader() -> str | None:
    """Return which program for loading images into the cluster is missing, or None."""
    chosen, _ = _chosen()
    return image_loading.missing_program(chosen.context) if chosen else None


def _chosen() -> tuple[Cluster | None, str | None]:
    try:
        return choose(), None
    except Unavailable as error:
        return None, str(error)


def _not_local(context: str, server: str) -> str | None:
    """Return why a context is not clearly local, or None."""
    if not _LOCAL.fullmatch(context):
        return (
            "does not have the name of a local cluster (kind-…, minikube, k3d-…, docker-desktop, "
            "rancher-desktop, orbstack)"
        )
    host = urlsplit(server).hostname or ""
    if host in _LOCAL_HOSTS:
        return None
    try:
        private = ipaddress.ip_address(host).is_private  # includes this machine
    except ValueError:
        private = False
    if private:
        return None
    return (
        f"has the name of a local cluster, but its server {server or '(none)'} is not on this "
        "machine"
    )


def _call(*command: str) -> None:
    text = " ".join(command)
    result = run(command, verbatim(text), silent)
    if result.exit_status:
        raise StartFailed(
            f"`{text}` failed with exit status {result.exit_status}. Run it by hand to see more.",
            result.tail(10),
        )

"""The nodes of a cluster: where they are reached, whether they are ready, and which images they
have.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from hostlab.errors import RequestFailed
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.pods import condition, unix_time

_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"  # a label
# What a node's container runtime puts in front of a name without a registry
_DEFAULT_REGISTRIES = ("docker.io/", "localhost/")


@dataclass(frozen=True)
class Node:
    """One node, as it was at one moment.

    `addresses` are IP addresses, IPv4 first. `takes_pods` is whether it is ready and open for new
    pods. `joined` is when it joined the cluster, in Unix seconds. `images` has the names of each
    image in its store.
    """

    name: str
    addresses: tuple[str, ...]
    ready: bool
    takes_pods: bool
    is_control_plane: bool
    joined: float
    images: tuple[frozenset[str], ...]

    def has(self, names: Sequence[str]) -> bool:
        """Return whether the node lists an image with all of these names."""
        return any(set(names) <= image for image in self.images)


def find(kubectl: Kubectl) -> list[Node]:
    """Return the nodes; none where this user may not list them. Raises Unavailable."""
    try:
        items = kubectl.json("get", "nodes")["items"]
    except RequestFailed as error:
        if error.status == 403:
            return []
        raise
    return [_node(item) for item in items]


def _node(item: KubernetesObject) -> Node:
    status = item["status"]
    addresses = [
        ipaddress.ip_address(one["address"])
        for one in status.get("addresses", [])
        if one["type"] in ("InternalIP", "ExternalIP")
    ]
    metadata, condition_ready = item["metadata"], condition(item, "Ready")
    ready = bool(condition_ready and condition_ready["status"] == "True")
    return Node(
        name=metadata["name"],
        addresses=tuple(str(one) for one in sorted(addresses, key=lambda one: one.version)),
        ready=ready,
        takes_pods=ready and not item["spec"].get("unschedulable"),
        is_control_plane=_CONTROL_PLANE in metadata.get("labels", {}),
        joined=unix_time(metadata["creationTimestamp"]),
        images=tuple(frozenset(map(_short, one["names"])) for one in status.get("images") or []),
    )


def _short(name: str) -> str:
    prefixes = (prefix for prefix in _DEFAULT_REGISTRIES if name.startswith(prefix))
    return name.removeprefix(next(prefixes, ""))

"""Whether a Docker engine is on this machine, where the ports of its containers answer."""

import socket
from urllib.parse import urlsplit

import psutil

from hostlab.http import is_loopback

_SOCKETS = ("unix", "npipe", "fd", "http+docker")


def elsewhere_reason(address: str) -> str | None:
    """Return why an engine cannot be used that answers at `address`, on another machine, or None.

    A name that cannot be resolved is no reason: that no engine answers there says more.
    """
    parts = urlsplit(address if "//" in address else f"//{address}")
    if parts.scheme in _SOCKETS or (parts.scheme != "ssh" and _is_here(parts.hostname or "")):
        return None
    return (
        f"The Docker engine at {address} is on another machine, and the ports of its containers do "
        "not answer on this one. To use this machine's own engine, unset DOCKER_HOST (after "
        "minikube: `eval $(minikube docker-env --unset)`), or run `docker context use default`."
    )


def _is_here(host: str) -> bool:
    if not host or is_loopback(host):
        return True
    try:
        found = {one[4][0] for one in socket.getaddrinfo(host, None)}
    except OSError:
        return True
    own = {one.address for several in psutil.net_if_addrs().values() for one in several}
    return any(one in own or is_loopback(one) for one in map(str, found))

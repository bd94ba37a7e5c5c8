"""Ports of this machine."""

import random
import socket

# Below the ports that the systems give to outgoing connections (on Linux from 32768, elsewhere from
# 49152). One of those could be taken between this choice and the start of the program. Also below
# Kubernetes' node ports (from 30000).
_PORTS = range(20_000, 30_000)
_random = random.SystemRandom()  # programs that start at the same moment must not choose the same


def free_port() -> int:
    """Return a free port of 127.0.0.1.

    Raises OSError if a hundred ports in a row are in use.
    """
    for port in _random.sample(_PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("No free port was found from 20000 to 29999. Stop programs that listen on them.")

"""Notice that a peer has died without closing its connections, as a machine does in a power cut.

Its operating system is gone, so it neither answers nor refuses: without a limit, a request on an
open connection waits until its own deadline. A machine that runs acknowledges each packet within
milliseconds, even if its program hangs. So a connection whose packets are not acknowledged in time
counts as broken (TCP_USER_TIMEOUT in tcp(7), RFC 5482), and the gateway tries another replica. Only
Linux has this setting.
"""

import socket

from aiohttp import AddrInfoType

# A lost packet is sent again after 0.2 s, or after 1 s where it opens the connection. A client that
# waits for 2 s still gets its response from another replica.
UNACKNOWLEDGED_S = 1.5


def open_socket(address: AddrInfoType) -> socket.socket:
    """Return a socket for aiohttp to connect, which notices a dead peer."""
    family, kind, protocol, _, _ = address
    opened = socket.socket(family, kind, protocol)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        limit_ms = int(UNACKNOWLEDGED_S * 1000)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limit_ms)
    return opened

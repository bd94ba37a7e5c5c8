"""The replicas of the model service: find their addresses, and choose the one to ask.

A name may stand for several addresses: Docker's DNS returns one for each replica, and so does a
headless Service of Kubernetes. An ordinary client takes the first address and keeps its connection,
so all of its requests go to one replica. Here, the name is resolved again every second, and a
request goes to the address with the fewest requests in flight.
"""

import asyncio
import itertools
import socket
import time
from dataclasses import dataclass

RESOLVE_EVERY_S = 1.0
SKIP_AFTER_FAILURE_S = 1.0  # how long a failed address is not asked, if there is another


@dataclass(eq=False)
class Replica:
    """One address of the model service."""

    address: str
    in_flight: int = 0
    last_used: int = 0
    failed_at: float = -SKIP_AFTER_FAILURE_S

    def mark_failed(self) -> None:
        """Skip this replica for a while."""
        self.failed_at = time.monotonic()


class Replicas:
    """All addresses of one host name."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._by_address: dict[str, Replica] = {}
        self._resolved_at = -RESOLVE_EVERY_S
        self._resolving = asyncio.Lock()
        self._counter = itertools.count(1)

    @property
    def in_flight(self) -> int:
        """The number of requests in flight to all replicas."""
        return sum(replica.in_flight for replica in self._by_address.values())

    def others(self, tried: list[Replica]) -> bool:
        """Return whether there is a replica that is not in `tried`."""
        return not set(self._by_address.values()) <= set(tried)

    def begin(self, replica: Replica) -> None:
        """Count a request to `replica` as in flight."""
        replica.in_flight += 1
        replica.last_used = next(self._counter)

    async def choose(self, tried: list[Replica]) -> Replica:
        """Return the replica to ask next. Raises OSError if the name cannot be resolved.

        Replicas that this request has not tried come first, then those that have not just failed,
        then IPv4 addresses, because `localhost` has an address of each kind, and servers often
        listen on IPv4 only, then those with the fewest requests in flight, then those that were
        used longest ago.
        """
        await self._resolve()
        now = time.monotonic()

        def preference(replica: Replica) -> tuple[int, bool, bool, int, int]:
            just_failed = now - replica.failed_at < SKIP_AFTER_FAILURE_S
            return (
                tried.count(replica),
                just_failed,
                ":" in replica.address,
                replica.in_flight,
                replica.last_used,
            )

        return min(self._by_address.values(), key=preference)

    async def _resolve(self) -> None:
        async with self._resolving:
            if time.monotonic() - self._resolved_at < RESOLVE_EVERY_S:
                return
            loop = asyncio.get_running_loop()
            try:
                found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            except OSError:
                if self._by_address:  # the name server may be away for a moment
                    return
                raise
            addresses = dict.fromkeys(str(info[4][0]) for info in found)
            self._by_address = {
                address: self._by_address.get(address) or Replica(address) for address in addresses
            }
            self._resolved_at = time.monotonic()

"""Where a guest may be: on this machine or in a private network, and nowhere else.

Whoever adds a guest makes this machine send requests to an address of their choice. Without rules,
they could reach what only this machine can: the metadata service of a cloud, for example, which
gives away passwords. So a name is resolved once, every address that it has is checked, and the
result is a URL with the address in place of the name. Nothing resolves the name again.
"""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

import psutil

from hostlab.errors import BadInput
from hostlab.guests.texts import sentence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_CHARACTERS = 200
CONNECT_TIMEOUT_S = 2.0
MAX_TRIED = 4  # of the addresses of one name

_PRIVATE = [
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")  # RFC 1918, 4193
]
# Link-local addresses are often a cloud's metadata service. Two clouds have theirs in fc00::/7.
_NEVER = [
    ipaddress.ip_network(network)
    for network in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128")
]
_PATHS = ("", "/", "/predict", "/predict/")  # the lecture's form names the endpoint


class AddressRejected(BadInput):
    """A guest's address cannot be used. `name` and `values` are of the sentence in the texts."""

    def __init__(self, name: str, **values: object) -> None:
        super().__init__(sentence("en", f"address.{name}", **values))
        self.name, self.values = name, values


def locate(typed: str) -> str:
    """Return the base URL of a guest, with a numeric address, as in http://192.168.1.5:5000.

    Of several addresses, it is the first that accepts connections. Takes as long as the name takes
    to resolve. Raises AddressRejected.
    """
    url = _parse(typed)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    addresses = _resolve(url.hostname or "", port)
    for address in addresses:
        if not is_permitted(address):
            if str(address) == url.hostname:
                raise AddressRejected("not_private", address=address)
            raise AddressRejected("name_not_private", host=url.hostname, address=address)
    tried = addresses[:MAX_TRIED]
    chosen = next((one for one in tried if _accepts(one, port)), addresses[0])
    host = f"[{chosen}]" if chosen.version == 6 else chosen
    return f"{url.scheme}://{host}:{port}"


def is_permitted(address: Address) -> bool:
    """Return whether an address is of this machine or of a private network."""
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in _NEVER):
        return False
    if address.is_loopback or any(address in network for network in _PRIVATE):
        return True
    return address in _own_addresses()


def _parse(typed: str) -> SplitResult:
    typed = typed.strip()
    if not typed:
        raise AddressRejected("empty")
    if len(typed) > MAX_CHARACTERS or not typed.isprintable() or " " in typed:
        raise AddressRejected("not_an_address")
    try:
        url = urlsplit(typed if "://" in typed else f"http://{typed}")
        port = url.port
    except ValueError as error:
        raise AddressRejected("not_an_address") from error
    if url.scheme not in ("http", "https"):
        raise AddressRejected("scheme", scheme=url.scheme)
    if not url.hostname or port == 0:
        raise AddressRejected("not_an_address")
    if url.username is not None or url.query or url.fragment or url.path not in _PATHS:
        raise AddressRejected("more_than_an_address")
    return url


def _resolve(host: str, port: int) -> list[Address]:
    """Return all addresses of a host, which may also be written as one, in any form."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRejected("unknown_name", host=host) from error
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if any(address.is_unspecified for address in addresses):  # as servers print it
        raise AddressRejected("unspecified", address=host)
    return list(dict.fromkeys(addresses))


def _own_addresses() -> set[Address]:
    """Return the addresses of this machine's network interfaces."""
    return {
        ipaddress.ip_address(one.address.partition("%")[0])
        for interface in psutil.net_if_addrs().values()
        for one in interface
        if one.family in (socket.AF_INET, socket.AF_INET6)
    }


def _accepts(address: Address, port: int) -> bool:
    try:
        with socket.create_connection((str(address), port), CONNECT_TIMEOUT_S):
            return True
    except OSError:
        return False

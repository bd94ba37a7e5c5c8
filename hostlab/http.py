"""HTTP to services of this machine and this network."""

import ipaddress

import requests


def local_session() -> requests.Session:
    """Return a session that ignores proxy settings, which are meant for the internet."""
    session = requests.Session()
    session.trust_env = False
    return session


def is_loopback(host: str) -> bool:
    """Return whether a host, as in an address, is this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return False

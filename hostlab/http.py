"""HTTP to services of this machine and this network."""

import requests


def local_session() -> requests.Session:
    """Return a session that ignores proxy settings, which are meant for the internet."""
    session = requests.Session()
    session.trust_env = False
    return session

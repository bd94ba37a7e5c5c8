"""Whose a run is, as a label of containers, networks, and objects of a cluster.

An engine or a cluster may be shared: by the users of a machine, by machines of a class, or by two
folders of state (HOSTLAB_HOME) of one user. What one of them started is neither used nor stopped by
the others. A label of Kubernetes has at most 63 letters, digits, dots, and dashes, so the user's
name is cut to that, and everything else is a digest.
"""

import getpass
import hashlib
import platform
import re

from hostlab.runtime import state

_MAX_NAME = 40
_DIGEST = 12


def label() -> str:
    """Return the label of this user's runs: the user's name, a dot, and a digest.

    Raises StateUnusable.
    """
    identity = "\0".join([_user(), platform.node(), str(state.home().resolve())])
    digest = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGEST]
    return f"{_name()}.{digest}"


def is_mine(owner: str | None) -> bool:
    """Return whether a run with that label is this user's; None, by hand, is everybody's."""
    return owner is None or owner == label()


def phrase(owner: str) -> str:
    """Return whose a run of somebody else is, for a sentence."""
    name = owner.rpartition(".")[0] or owner
    if name == _name():
        return f"{name}, with another HOSTLAB_HOME or on another machine,"
    return name


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an ID without a name, as in some containers
        return "user"


def _name() -> str:
    cleaned = re.sub(r"[^A-Za-z0-9_.-]", "-", _user())[:_MAX_NAME].strip("-_.")
    return cleaned or "user"

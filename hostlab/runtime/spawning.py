"""How to start a process that outlives the one that starts it."""

import subprocess
import sys
from typing import TypedDict


class Detached(TypedDict, total=False):
    """Arguments of subprocess.Popen."""

    creationflags: int
    start_new_session: bool


def detached() -> Detached:
    """Return the arguments of Popen for a process that outlives this one.

    It does not receive this one's Ctrl-C, either.
    """
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}

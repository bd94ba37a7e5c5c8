"""End what a Python started when that Python ends, also after kill -9, when no code of its own can run any more.

`guard` starts this file as a process of its own. It looks twice a second whether the owner still lives; once it does not,
it stops the method and ends. It also ends when the run is over, or was released to stay. Polling is the one way that works
alike on Linux, macOS and Windows.
"""

import os
import subprocess
import sys
import time

from . import state
from .processes import detached, python_path

POLL_S = 0.5


def guard(method: str, run_id: str, owner: state.ProcessId) -> None:
    """Watch over one run for `owner`."""
    command = [sys.executable, "-m", "deployments.watchdog", method, run_id, str(owner.pid), repr(owner.created)]
    environment = os.environ | {"PYTHONPATH": python_path()}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.Popen(command, env=environment, **quiet, **detached())


def _watch(method: str, run_id: str, owner: state.ProcessId) -> None:
    while record := _owned(method, run_id, owner):
        if not owner.process() and _owned(method, run_id, owner):  # read again: releasing the run may have been the last thing the owner did
            from .registry import get  # slow to import

            get(method).end_run(run_id)  # again and again, where an engine or a cluster cannot be asked now
        elif record.state == "running":  # nobody waits for a start any more: it is imported now, and at hand when the owner dies
            from . import registry  # noqa: F401
        time.sleep(POLL_S)


def _owned(method: str, run_id: str, owner: state.ProcessId) -> state.Record | None:
    """Return what the state file says, if it is still about this run and this owner."""
    record = state.read(method)
    return record if record and record.run_id == run_id and record.owner == owner else None


if __name__ == "__main__":
    _watch(sys.argv[1], sys.argv[2], state.ProcessId(int(sys.argv[3]), float(sys.argv[4])))

"""Stop what a Python process started when that process ends, even after kill -9.

`hostlab.runtime.watching` starts this program as a process of its own. Twice a second, it checks
whether the owner is alive. Once the owner is gone, the watchdog stops the method and exits. It also
exits when the run is over, or was released to keep running. Polling is the one way that works the
same on Linux, macOS, and Windows.
"""

import contextlib
import sys
import time

from hostlab.registry import get
from hostlab.runtime import state
from hostlab.runtime.process_id import ProcessId

POLL_S = 0.5


def watch(method: str, run_id: str, owner: ProcessId) -> None:
    """Return once the run is over, was released, or was stopped here because `owner` is gone."""
    deployment = get(method)  # here, because an orphaned run must not wait for the import
    while _is_owned(method, run_id, owner):
        # The state is read again once the owner is gone, because the last thing that the owner did
        # may have been to release the run.
        if not owner.process() and _is_owned(method, run_id, owner):
            # Repeated with each poll for as long as the engine or the cluster does not answer,
            # or answers something unknown.
            with contextlib.suppress(Exception):
                deployment.end_run(run_id)
        time.sleep(POLL_S)


def _is_owned(method: str, run_id: str, owner: ProcessId) -> bool:
    record = state.read(method)
    return record is not None and record.run_id == run_id and record.owner == owner


if __name__ == "__main__":
    watch(sys.argv[1], sys.argv[2], ProcessId(int(sys.argv[3]), sys.argv[4]))

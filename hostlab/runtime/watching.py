"""Start the watchdog of a run, hostlab/watchdog.py.

It is a process that outlives this one, and stops the run once its owner is gone.
"""

import os
import subprocess

from hostlab.runtime.paths import python_module, python_path
from hostlab.runtime.process_id import ProcessId
from hostlab.runtime.spawning import detached


def start_watchdog(method: str, run_id: str, owner: ProcessId) -> None:
    """Stop the run `run_id` of `method` when the process `owner` ends, even after kill -9."""
    subprocess.Popen(
        python_module("hostlab.watchdog", method, run_id, str(owner.pid), owner.started),
        env=os.environ | {"PYTHONPATH": python_path()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **detached(),
    )

"""A port-forward that is watched and renewed, for clusters whose NodePorts do not answer on this
machine.

`kubectl port-forward` is pinned to one pod: when that pod goes, so does the tunnel, sometimes
silently. This program runs beside a run. It sends a request through the tunnel every two seconds,
reopens the tunnel when that fails, and exits when the run ends. In between, clients find the port
closed for a moment, so figures of rollouts are not taken through it.
"""

import subprocess
import sys
import time

import requests

from hostlab.http import local_session
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import API
from hostlab.runtime import state
from hostlab.runtime.paths import python_module

POLL_S = 0.5
CHECK_EVERY_S = 2.0


def program(context: str, run_id: str, port: int) -> list[str]:
    """Return the command that runs this module."""
    return python_module("hostlab.methods.kubernetes.port_forward", context, run_id, str(port))


def keep_open(context: str, run_id: str, port: int) -> None:
    """Forward 127.0.0.1:`port` to the API until the run's record is gone."""
    arguments = ("--address=127.0.0.1", f"service/{API}", f"{port}:5000")
    command = Kubectl(context).command("port-forward", *arguments)
    while _is_current(run_id):
        tunnel = subprocess.Popen(command)
        try:
            _watch(tunnel, run_id, port)
        finally:
            tunnel.terminate()
            tunnel.wait()
        time.sleep(POLL_S)


def _watch(tunnel: subprocess.Popen[bytes], run_id: str, port: int) -> None:
    """Return when the tunnel has ended, has failed twice in a row, or is no longer needed."""
    failures, checked_at = 0, time.monotonic()
    while tunnel.poll() is None and failures < 2 and _is_current(run_id):
        time.sleep(POLL_S)
        if time.monotonic() - checked_at >= CHECK_EVERY_S:
            failures = 0 if _answers(port) else failures + 1
            checked_at = time.monotonic()


def _answers(port: int) -> bool:
    try:
        with local_session() as session:
            return session.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
    except requests.RequestException:
        return False


def _is_current(run_id: str) -> bool:
    record = state.read("kubernetes")
    return record is not None and record.run_id == run_id


if __name__ == "__main__":
    keep_open(sys.argv[1], sys.argv[2], int(sys.argv[3]))

"""A port-forward that is watched and renewed, for clusters whose NodePorts do not answer on this machine.

`kubectl port-forward` is pinned to one pod: when that pod goes, so does the tunnel, sometimes without a word. This file runs
as a process of its own beside a run: it asks through the tunnel every two seconds, opens it anew when it fails, and ends
when the run ends. In between, clients find the port closed for a moment: figures of rollouts are not taken through it.
"""

import subprocess
import sys
import time

import requests

from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import API
from hostlab.runtime import state

POLL_S = 0.5
ASK_EVERY_S = 2.0


def program(context: str, run_id: str, port: int) -> list[str]:
    """Return the command that runs this file."""
    return [
        sys.executable,
        "-m",
        "hostlab.methods.kubernetes.port_forward",
        context,
        run_id,
        str(port),
    ]


def keep_open(context: str, run_id: str, port: int) -> None:
    """Keep 127.0.0.1:`port` leading to the API until the run's record is gone."""
    while _lasts(run_id):
        tunnel = subprocess.Popen(
            Kubectl(context).command(
                "port-forward", "--address=127.0.0.1", f"service/{API}", f"{port}:5000"
            )
        )
        try:
            _watch(tunnel, run_id, port)
        finally:
            tunnel.terminate()
            tunnel.wait()
        time.sleep(POLL_S)


def _watch(tunnel: subprocess.Popen, run_id: str, port: int) -> None:
    """Return when the tunnel has ended, failed twice in a row, or is not needed any more."""
    failed, asked_at = 0, time.monotonic()
    while tunnel.poll() is None and failed < 2 and _lasts(run_id):
        time.sleep(POLL_S)
        if time.monotonic() - asked_at >= ASK_EVERY_S:
            failed = 0 if _answers(port) else failed + 1
            asked_at = time.monotonic()


def _answers(port: int) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
    except requests.RequestException:
        return False


def _lasts(run_id: str) -> bool:
    record = state.read("kubernetes")
    return record is not None and record.run_id == run_id


if __name__ == "__main__":
    keep_open(sys.argv[1], sys.argv[2], int(sys.argv[3]))

"""What the two commands share: their options, their progress, and a home of their own for the
services that they start.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.environments import default_folder
from benchmarks.report import RESULTS
from benchmarks.rounds import Progress
from deployments.model import default_threads

_FOREIGN = (
    "MODEL_ID",
    "MODEL_URL",
    "QUEUE_LIMIT",
    "PORT",
    "HOST",
    "HOSTLAB_RUN_ID",
    "HOSTLAB_METHOD",
    "OMP_NUM_THREADS",
    "OMP_WAIT_POLICY",
)


def options(description: str, seconds: float) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--seconds", type=float, default=seconds, help=f"of one measurement (default: {seconds:g})"
    )
    parser.add_argument(
        "--peers",
        nargs="*",
        metavar="NAME",
        help="only these of peers.toml; none at all: only the project's own",
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=default_threads(),
        help="cores that a model uses, for all alike (default: as the services choose it)",
    )
    parser.add_argument(
        "--environments",
        type=Path,
        default=default_folder(),
        help="where the peers' environments are kept (default: the user's cache)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=RESULTS,
        help="the folder for the result (default: results/ beside this file)",
    )
    return parser


def progress_printer() -> Progress:
    """Return a function that prints a sentence with the minutes since now."""
    began = time.monotonic()

    def progress(sentence: str) -> None:
        passed_s = time.monotonic() - began
        print(f"{passed_s // 60:3.0f}:{passed_s % 60:02.0f}  {sentence}", flush=True)

    return progress


@contextlib.contextmanager
def own_home(threads: int) -> Iterator[Path]:
    """Give a folder for logs, and let services that are started here be other ones than those that
    run already, with this many threads.
    """
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # as with Ctrl-C: what was started is stopped
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ["MODEL_THREADS"] = str(threads)
    with tempfile.TemporaryDirectory(
        prefix="hosting-lab-benchmark-", ignore_cleanup_errors=True
    ) as folder:
        os.environ["HOSTLAB_HOME"] = folder
        yield Path(folder)


def busy_remark() -> list[str]:
    """Return a remark where somebody else is at work on this machine."""
    load, cores = psutil.getloadavg()[0], psutil.cpu_count() or 1
    if load < 0.3 * cores:
        return []
    return [
        f"Others were at work when this began (a load average of {load:.1f} on {cores} cores): "
        "not to be quoted."
    ]

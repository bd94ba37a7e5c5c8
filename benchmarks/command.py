"""What the two commands share: options, progress, and an isolated home for the services."""

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
from deployments.model.loading import default_threads

# Settings of the user's environment that would change what is measured.
_FOREIGN = (
    "MODEL_ID",
    "MODEL_ENGINE",
    "MODEL_DEVICE",
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
    """Return a parser with the options of both commands. `seconds`: the default of --seconds."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--seconds",
        type=float,
        default=seconds,
        help=f"the length of one measurement (default: {seconds:g})",
    )
    parser.add_argument(
        "--peers",
        nargs="*",
        metavar="NAME",
        help="only these of peers.toml; without a name, only the project's own services",
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=default_threads(),
        help="how many cores each model uses (default: what the services choose)",
    )
    parser.add_argument(
        "--environments",
        type=Path,
        default=default_folder(),
        help="where to keep the peers' environments (default: your cache)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=RESULTS,
        help="the folder for the result (default: benchmarks/results)",
    )
    return parser


def progress_printer() -> Progress:
    """Return a function that prints a sentence with the time since now."""
    began = time.monotonic()

    def progress(sentence: str) -> None:
        passed_s = time.monotonic() - began
        print(f"{passed_s // 60:3.0f}:{passed_s % 60:02.0f}  {sentence}", flush=True)

    return progress


@contextlib.contextmanager
def own_home(threads: int) -> Iterator[Path]:
    """Yield a folder for logs, which is also the home of the services that are started here.

    So they are not the ones that already run. Each has this many threads.
    """
    # As with Ctrl-C, what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ["MODEL_THREADS"] = str(threads)
    prefix = "hosting-lab-benchmark-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        os.environ["HOSTLAB_HOME"] = folder
        yield Path(folder)


def busy_remark() -> list[str]:
    """Return a remark if other programs use this machine."""
    load, cores = psutil.getloadavg()[0], psutil.cpu_count() or 1
    if load < 0.3 * cores:
        return []
    return [
        f"Other programs were running when this began (a load average of {load:.1f} on {cores} "
        "cores). Do not quote these figures."
    ]

"""Execute a solved lesson, as a teacher would: from top to bottom, in a home of its own."""

import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from hostlab.measure import machine
from hostlab.registry import METHODS, get
from hostlab.runtime.paths import python_path

CELL_TIMEOUT_S = 600  # the longest cells build images or wait for the autoscaler


def execute(path: Path) -> nbformat.NotebookNode:
    """Return the executed notebook, with when and where it ran in its metadata.

    Raises nbclient's CellExecutionError if a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="hostlab-site-") as home:
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT_S,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
        )
        client.execute(env=os.environ | {"HOSTLAB_HOME": home, "PYTHONPATH": python_path()})
    notebook.metadata["executed"] = {
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": machine.processor(),
        "threads": psutil.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "missing": [method for method in METHODS if get(method).missing_tools()],
    }
    return notebook

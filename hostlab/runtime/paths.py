"""Where the project is, and how a new process finds it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "deployments"  # what a student reads and copies


def python_path() -> str:
    """Return a PYTHONPATH that lets a new process import this project."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

"""Where the project is, and how a new process finds it."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "deployments"  # what a student reads and copies


def python_path() -> str:
    """Return a PYTHONPATH that lets a new process import this project."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def python_module(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module in a new process of this Python.

    -P keeps the current folder off its path: a student's folder may hold a random.py or a json.py,
    which Python would import instead of its own. A module of this project then needs python_path().
    """
    return [sys.executable, "-P", "-m", module, *arguments]

"""Where the project lies, and how a new process finds it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = (
    ROOT / "deployments"
)  # what a student reads and copies: the programs, manifests and the compose file


def python_path() -> str:
    """Return a PYTHONPATH with which a new process finds this project, however this
    one found it.
    """
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

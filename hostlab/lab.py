"""`hostlab lab`: JupyterLab on the lessons, and before it the Docker images, so that afterwards the
network is not needed.
"""

import os
import subprocess
import sys

from hostlab.bundle import IMAGES
from hostlab.errors import HostingLabError
from hostlab.registry import get
from hostlab.runtime.paths import ROOT
from hostlab.types import Progress


def prepare(progress: Progress) -> str | None:
    """Load or build the Docker images where there is an engine and they are not there; never
    raises. Return what to tell, or None.

    Whoever cannot wait presses Ctrl-C: then the lessons build them when they need them.
    """
    from hostlab.methods.docker import (
        images,
    )  # only here: the lessons about processes need none of it

    try:
        if get("docker").missing_tools() or not images.missing():
            return None
        images.provide(progress, saved=ROOT / IMAGES)
    except KeyboardInterrupt:
        return "The Docker images are left for later: lessons 03 and 04 build them, which needs the network."
    except HostingLabError as error:
        return f"The Docker images could not be made, so lessons 03 and 04 may not work yet; all others do. {error}"
    return "The Docker images are ready: the lessons need no network any more."


def open_lab(arguments: list[str]) -> int:
    """Run JupyterLab with these arguments until it ends, and return its exit status."""
    # our settings turn off the news of JupyterLab and the question about it: nothing is asked of
    # the internet
    ours = os.pathsep.join(
        filter(
            None, [str(ROOT / "notebooks/lessons/jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")]
        )
    )
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        str(ROOT / "notebooks"),
        "--LabApp.extension_manager=readonly",
        *arguments,
    ]
    return subprocess.call(command, env=os.environ | {"JUPYTER_CONFIG_PATH": ours})

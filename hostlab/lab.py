"""`hostlab lab`: JupyterLab with the lessons.

Before that, the Docker images, which need the network.
"""

import os
import subprocess

from hostlab.bundle import IMAGES
from hostlab.errors import explain
from hostlab.registry import get
from hostlab.runtime.paths import ROOT, python_module
from hostlab.types import Progress


def prepare(progress: Progress) -> str | None:
    """Load or build missing Docker images if there is an engine.

    Returns a note for the user, or None. Never raises. On Ctrl-C it stops, and the lessons build
    the images when they need them.
    """
    # Imported here because docker-py takes a moment to import, and some lessons need no Docker.
    from hostlab.methods.docker import images

    try:
        if get("docker").missing_tools() or not images.missing():
            return None
        images.provide(progress, saved=ROOT / IMAGES)
    except KeyboardInterrupt:
        return (
            "The Docker images are not built yet. Lessons 03 and 04 build them, which needs the "
            "network."
        )
    except Exception as error:  # the lessons open, whatever the engine does
        return (
            "The Docker images could not be built, so lessons 03 and 04 may not work yet. All "
            f"other lessons do. {explain(error)}"
        )
    return "The Docker images are ready. The lessons no longer need the network."


def open_lab(arguments: list[str]) -> int:
    """Run JupyterLab with these arguments until it ends, and return its exit status."""
    # These settings turn off JupyterLab's news, and the question about them, so that nothing is
    # requested from the internet.
    settings = str(ROOT / "notebooks/lessons/jupyter")
    path = os.pathsep.join(filter(None, [settings, os.environ.get("JUPYTER_CONFIG_PATH")]))
    options = (str(ROOT / "notebooks"), "--LabApp.extension_manager=readonly", *arguments)
    command = python_module("jupyterlab", *options)
    return subprocess.call(command, env=os.environ | {"JUPYTER_CONFIG_PATH": path})

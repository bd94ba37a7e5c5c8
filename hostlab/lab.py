"""`hostlab lab`: JupyterLab with the lessons.

Before that, the Docker images, which need the network.
"""

import locale
import os
import sys
from pathlib import Path

from hostlab.bundle import IMAGES
from hostlab.errors import explain
from hostlab.registry import get
from hostlab.runtime.paths import ROOT, python_module, python_path
from hostlab.runtime.progress import Progress
from hostlab.types import Language

# notebooks/lessons/jupyter: settings that turn off JupyterLab's news, and the question about them,
# so that nothing is requested from the internet; that hide solutions and the tests' files from the
# file browser; and that show Markdown files, such as the start page, as pages.
SETTINGS = ROOT / "notebooks" / "lessons" / "jupyter"
# A workspace of its own, so that tabs of the reader's other projects do not open.
_WORKSPACE = "/lab/workspaces/hosting-lab/tree"
# Where JupyterLab opens, by the reader's language
START = {
    Language.EN: f"{_WORKSPACE}/notebooks/start.md",
    Language.RU: f"{_WORKSPACE}/notebooks/ru/start.md",
}


def reader_language() -> Language:
    """Return the lessons' language for the locale that the environment or the system names."""
    variables = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    named = [os.environ.get(name) for name in variables]
    # Windows sets none of them. Its name for the locale may be ru_RU or Russian_Russia.
    name = next(filter(None, named), None) or locale.getlocale()[0] or ""
    return Language.RU if name.lower().startswith("ru") else Language.EN


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


def command(arguments: list[str], language: Language) -> list[str]:
    """Return the command of JupyterLab with these arguments; it needs `environment`.

    It opens the start page in `language`. Its root is the project, so that every file that a lesson
    mentions can be opened.
    """
    options = [
        f"--ServerApp.root_dir={ROOT}",
        f"--LabApp.default_url={START[language]}",
        "--LabApp.extension_manager=readonly",
    ]
    if os.name != "nt":
        options.append(f"--ServerApp.terminado_settings={ {'shell_command': _shell()}!r}")
    return python_module("jupyterlab", *options, *arguments)


def environment() -> dict[str, str]:
    """Return what makes a lesson's commands work in JupyterLab's terminals as they are printed.

    `python` and `hostlab` are the project's, and a program in any folder finds the project's
    packages.
    """
    commands = str(Path(sys.executable).parent)
    return {
        "JUPYTER_CONFIG_PATH": _joined(str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH")),
        "PATH": _joined(commands, os.environ.get("PATH")),
        "PYTHONPATH": python_path(),
        "HOSTLAB_BIN": commands,
        "HOSTLAB_ROOT": str(ROOT),
    }


def _shell() -> list[str]:
    """Return the command of a terminal.

    It is never a login shell, which JupyterLab may start by default, and which sets PATH anew.
    """
    shell = os.environ.get("SHELL") or "/bin/sh"
    return [shell, "--rcfile", str(SETTINGS / "bashrc")] if Path(shell).name == "bash" else [shell]


def _joined(*paths: str | None) -> str:
    return os.pathsep.join(filter(None, paths))

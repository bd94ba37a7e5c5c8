"""What the method docker needs on the machine, and what is wrong with it."""

import functools
import re
import shutil
import subprocess

from hostlab.errors import Unavailable
from hostlab.methods.docker import engine
from hostlab.types import Tool

_INSTALL = "Install Docker Desktop, or your system's packages (docs.docker.com/get-docker)."
_PLUGIN = "Docker Desktop has it. Debian and Ubuntu with Docker's own packages: apt install"


def tools() -> list[Tool]:
    return [
        Tool("Docker", "runs the containers", _INSTALL, _client),
        Tool("the Docker engine", "runs the containers", "", _engine),
        Tool(
            "Docker Compose v2",
            "starts both containers together",
            f"{_PLUGIN} docker-compose-plugin",
            lambda: _plugin("compose", 2),
        ),
        Tool(
            "Docker Buildx",
            "builds the images",
            f"{_PLUGIN} docker-buildx-plugin",
            lambda: _plugin("buildx", 0),
        ),
    ]


def _client() -> str | None:
    return None if shutil.which("docker") else "there is no program `docker`."


def _engine() -> str | None:
    if _client():
        return None  # said already
    try:
        engine.api()
    except Unavailable as error:
        return str(error)
    return None


def _plugin(name: str, at_least: int) -> str | None:
    if _client():
        return None
    said = _version(name, shutil.which("docker"))
    version = re.search(r"(\d+)\.\d+", said or "")
    if version and int(version[1]) >= at_least:
        return None
    return (
        f"`docker {name} version` finds none."
        if version is None
        else f"there is only {version[0]}."
    )


@functools.cache
def _version(plugin: str, client: str) -> str | None:
    """Return what the plugin says of its version; asked once, for each question is a process."""
    done = subprocess.run([client, plugin, "version"], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None

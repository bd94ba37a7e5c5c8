"""What the method docker needs on the machine, and what is wrong with it."""

import functools
import re
import shutil
import subprocess

from hostlab.errors import HostingLabError
from hostlab.methods.docker import engine
from hostlab.types import Tool

TIMEOUT_S = 15
_INSTALL = "Install Docker Desktop, or your system's packages (docs.docker.com/get-docker)."
_PLUGIN = "Docker Desktop includes it. On Debian and Ubuntu with Docker's own packages: apt install"


def tools() -> list[Tool]:
    """Return the client, the engine, Compose, and Buildx."""
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
        return None  # the missing client is reported already
    try:
        engine.api()
    except HostingLabError as error:
        return str(error)
    return None


def _plugin(name: str, minimum: int) -> str | None:
    client = shutil.which("docker")
    if client is None:
        return None  # reported already
    version = re.search(r"(\d+)\.\d+", _version(name, client) or "")
    if version is None:
        return f"`docker {name} version` finds none."
    return None if int(version[1]) >= minimum else f"there is only {version[0]}."


@functools.cache
def _version(plugin: str, client: str) -> str | None:
    """Return what the plugin prints as its version. Cached, because each call starts a process."""
    try:
        done = subprocess.run(
            [client, plugin, "version"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None

"""The tools that some tests need and only some machines have."""

import functools
import os
import shutil
import subprocess

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")  # by its name on PATH
_NAMES = {
    "docker": "running Docker engine",
    "kubernetes": "running local Kubernetes cluster",
    "browser": "Chromium",
}
_COMMANDS = {
    "docker": ["docker", "info"],
    "kubernetes": ["kubectl", "get", "nodes", "--request-timeout=5s"],
}


@functools.cache
def _available(tool: str) -> bool:
    if tool == "browser":
        return any(map(shutil.which, CHROMIUM))
    command = _COMMANDS[tool]
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    )


def require(tool: str) -> None:
    """Skip the test where `tool` (docker, kubernetes, browser) is missing.

    Fails it instead where HOSTLAB_REQUIRE names the tool.
    """
    if _available(tool):
        return
    if tool in os.environ.get("HOSTLAB_REQUIRE", "").split(","):
        pytest.fail(
            f"HOSTLAB_REQUIRE names {tool}, but there is no {_NAMES[tool]} here.", pytrace=False
        )
    pytest.skip(f"needs {_NAMES[tool]}")


@pytest.fixture(autouse=True)
def _tools(request: pytest.FixtureRequest) -> None:
    for tool in ("docker", "kubernetes", "browser"):
        if request.node.get_closest_marker(tool):
            require(tool)

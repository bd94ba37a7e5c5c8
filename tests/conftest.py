"""The tools that some tests need and only some machines have."""

import functools
import os
import shutil
import subprocess

import pytest

from hostlab import get
from hostlab.doctor.tools import CHROMIUM

_NAMES = {
    "docker": "running Docker engine",
    "kubernetes": "running local Kubernetes cluster",
    "browser": "Chromium",
    "nginx": "nginx",
    "prometheus": "Prometheus (`prometheus` and `promtool`)",
    "vmagent": "vmagent (Debian's package victoria-metrics)",
    "litellm": "LiteLLM's proxy (`litellm`; CONTRIBUTING.md says how to install it)",
}
_COMMANDS = {
    "docker": ["docker", "info"],
    "kubernetes": ["kubectl", "get", "nodes", "--request-timeout=5s"],
}


@functools.cache
def nginx() -> str | None:
    """Return the path of nginx, which Debian keeps out of a user's PATH, or None."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@functools.cache
def _available(tool: str) -> bool:
    if tool == "browser":
        return any(map(shutil.which, CHROMIUM))
    if tool == "nginx":
        return nginx() is not None
    if tool == "prometheus":
        return all(map(shutil.which, ("prometheus", "promtool")))
    if tool in ("vmagent", "litellm"):
        return shutil.which(tool) is not None
    command = _COMMANDS[tool]
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    )


def require(tool: str, named: str | None = None) -> None:
    """Skip the test where `tool` (a key of _NAMES) is missing.

    Fails it instead where HOSTLAB_REQUIRE names the tool, or `named` in its place.
    """
    if _available(tool):
        return
    named = named or tool
    if named in os.environ.get("HOSTLAB_REQUIRE", "").split(","):
        pytest.fail(
            f"HOSTLAB_REQUIRE names {named}, but there is no {_NAMES[tool]} here.", pytrace=False
        )
    pytest.skip(f"needs {_NAMES[tool]}")


def fail_if_running(method: str) -> None:
    """Fail where a method runs already.

    What runs on the engine is found from everywhere, so a test would attach to it, break it and
    stop it.
    """
    status = get(method).status()
    if status.state not in ("stopped", "unavailable"):
        pytest.fail(
            f"The method {method} is {status.state} already (run {status.run_id}). End it first: "
            f"`hostlab down {method}`.",
            pytrace=False,
        )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tool is missing before any fixture starts something for it."""
    for tool in ("docker", "kubernetes", "browser", "prometheus", "litellm"):
        if item.get_closest_marker(tool):
            require(tool)

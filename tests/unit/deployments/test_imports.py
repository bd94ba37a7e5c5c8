"""What keeps the API's image small: the gateway imports no torch, docker-py, or model library."""

import subprocess
import sys

import pytest

from hostlab.runtime.paths import ROOT

HEAVY = (
    "torch",
    "transformers",
    "docker",
    "gradio",
    "pandas",
    "matplotlib",
    "openai",
    "psutil",
    "typer",
)


@pytest.mark.parametrize(
    "module",
    [
        "deployments",
        "deployments.services.application",
        "deployments.services.batching",
        "deployments.services.gateway",
        "deployments.services.server",
    ],
)
def test_services_import_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split() == []

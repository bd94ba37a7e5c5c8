"""What keeps images small and starts quick: services import no torch, docker-py, and so on."""

import subprocess
import sys

import pytest

from hostlab.runtime.paths import ROOT
from tests.programs import imported

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
        "deployments.model.engines.onnx",
        "deployments.model.engines.openvino",
        "deployments.model.export",
        "deployments.model.loading",
        "deployments.services.application",
        "deployments.services.batching",
        "deployments.services.gateway",
        "deployments.services.server",
    ],
)
def test_services_import_nothing_heavy(module: str) -> None:
    assert imported(module, HEAVY) == []


def test_onnx_runtime_sends_no_usage_data() -> None:
    code = "import deployments.model.engines.onnx, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "1\n"

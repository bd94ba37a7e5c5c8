"""What keeps images small and starts quick: services import no torch, docker-py, and so on."""

import pytest

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

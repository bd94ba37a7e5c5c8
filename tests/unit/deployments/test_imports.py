"""What keeps the API's image small: the gateway imports no torch, docker-py, or model library."""

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
        "deployments.services.application",
        "deployments.services.batching",
        "deployments.services.gateway",
        "deployments.services.server",
    ],
)
def test_services_import_nothing_heavy(module: str) -> None:
    assert imported(module, HEAVY) == []

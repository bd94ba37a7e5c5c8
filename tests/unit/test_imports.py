"""What the API's container is spared: neither torch nor docker-py nor a model library is imported by the gateway."""

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
        "deployments.services.upstream",
        "deployments.services.server",
    ],
)
def test_services_import_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split() == []


def test_the_public_face_is_lazy_and_complete() -> None:
    import deployments

    for name in deployments.__all__:
        assert getattr(deployments, name)
    with pytest.raises(AttributeError):
        _ = deployments.no_such_name

"""What each module of the method imports: no model library, and the tool not even openai."""

import subprocess
import sys

import pytest

from hostlab.runtime.paths import ROOT


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("deployments.api.hosted_model", ("torch", "transformers", "docker", "gradio", "pandas")),
        ("hostlab.methods.api.deployment", ("torch", "transformers", "openai", "fastapi")),
        ("hostlab.methods.api.spending", ("torch", "transformers", "openai", "fastapi")),
    ],
)
def test_nothing_heavy(module: str, spared: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*[name for name in {spared!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split() == []

"""What keeps the tool quick to start: it imports heavy packages only where it uses them."""

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
    "fastapi",
    "numpy",
    "demo",
)


@pytest.mark.parametrize(
    "module", ["hostlab", "hostlab.watchdog", "hostlab.cli.app", "hostlab.doctor.checks"]
)
def test_the_tool_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split() == []


def test_the_public_names_exist_and_no_others() -> None:
    import hostlab

    for name in hostlab.__all__:
        assert getattr(hostlab, name)
    with pytest.raises(AttributeError):
        _ = hostlab.no_such_name

"""What keeps the tool quick to start: it imports heavy packages only where it uses them."""

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
    "fastapi",
    "numpy",
    "demo",
)


@pytest.mark.parametrize(
    "module", ["hostlab", "hostlab.watchdog", "hostlab.cli.app", "hostlab.doctor.checks"]
)
def test_the_tool_imports_nothing_heavy(module: str) -> None:
    assert imported(module, HEAVY) == []


@pytest.mark.parametrize(
    "module", ["hostlab.methods.api.deployment", "hostlab.methods.api.spending"]
)
def test_the_method_api_imports_no_library_of_the_service(module: str) -> None:
    assert imported(module, ("torch", "transformers", "openai", "fastapi")) == []


def test_the_public_names_exist_and_no_others() -> None:
    import hostlab

    for name in hostlab.__all__:
        assert getattr(hostlab, name)
    with pytest.raises(AttributeError):
        _ = hostlab.no_such_name

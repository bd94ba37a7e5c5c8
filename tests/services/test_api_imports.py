"""What keeps a client of a provider small: it imports no model library."""

from tests.programs import imported

HEAVY = ("torch", "transformers", "docker", "gradio", "pandas")


def test_the_client_imports_nothing_heavy() -> None:
    assert imported("deployments.api.hosted_model", HEAVY) == []

"""What the tests of all checks share."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.model import load_classifier
from deployments.model.classifier import Classifier


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return load_classifier()


@pytest.fixture
def verdict(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a check and return what it printed."""

    def run(check: Callable[..., None], *arguments: Any) -> str:
        check(*arguments)
        return capsys.readouterr().out

    return run

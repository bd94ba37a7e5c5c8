"""What the tests of all checks share."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deployments.model.classifier import Classifier
from deployments.model.loading import load_classifier
from hostlab import get
from hostlab.deployment import Deployment
from hostlab.score import record
from hostlab.score.variant import draw
from notebooks.lessons.variant import Variants
from tests.conftest import require


def unsolved(*_: Any) -> None:
    """Return None, as a student's function does before it has a body."""


def raising(*_: Any) -> None:
    raise ZeroDivisionError("division by zero")


def named_for(exercise: Variants, number: int) -> None:
    """Set a name in this home's record that gets this variant of the exercise, counted from 1."""
    of, key = len(exercise.values), (exercise.lesson, exercise.check)
    names = (f"Student {one}" for one in range(1000))
    record.set_name(next(name for name in names if draw(name, of, *key).number == number))


@pytest.fixture(scope="module")
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Run the method that a file names as METHOD, in a home of its own, for all its tests."""
    method = request.module.METHOD
    if method in ("docker", "kubernetes"):
        require(method)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOSTLAB_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("QUEUE_LIMIT", "64")  # the smallest one, which is full, and empty, soonest
        with get(method).start() as started:
            yield started


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return load_classifier()


@pytest.fixture
def verdict(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a check and return its verdict, without what the function printed before it."""

    def run(check: Callable[..., None], *arguments: Any) -> str:
        check(*arguments)
        output = capsys.readouterr().out
        return output[re.search(r"^\[(OK|--|FAIL)\]", output, re.MULTILINE).start() :]

    return run

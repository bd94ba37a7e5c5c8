"""The check of lesson 01's exercise on int8, given solutions that are right, missing, and wrong."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from deployments.model.classifier import Classifier
from notebooks.lessons.check_engines import check_speed_and_agreement
from tests.notebooks.conftest import raising, unsolved


def measured(first: Any, second: Any, texts: list[str]) -> tuple[float, int]:
    """Return how many times as fast the second model is, and how many labels are the same."""
    start = time.perf_counter()
    ours = first.predict(texts)
    middle = time.perf_counter()
    others = second.predict(texts)
    end = time.perf_counter()
    same = sum(one[0] == other[0] for one, other in zip(ours, others, strict=True))
    return (middle - start) / (end - middle), same


def right(first: Any, second: Any, texts: list[str]) -> tuple[float, float]:
    times, same = measured(first, second, texts)
    return times, same / len(texts)


def upside_down(first: Any, second: Any, texts: list[str]) -> tuple[float, float]:
    return right(second, first, texts)


@pytest.mark.parametrize(
    ("solution", "expected", "hint"),
    [
        (right, "[OK]", "texts per second as fp32"),
        (unsolved, "[--]", "returns nothing yet"),
        (raising, "[FAIL]", "ZeroDivisionError"),
        (lambda *models: 1.4, "[FAIL]", "two numbers"),
        (lambda *models: (1.4, 1.0), "[FAIL]", "3 times as fast"),
        (upside_down, "[FAIL]", "above the line"),
        (lambda *models: (measured(*models)[0], 80.0), "[FAIL]", "from 0 to 1"),
        (lambda *models: (measured(*models)[0], 1.0), "[FAIL]", "32 of 40 labels"),
        (lambda *models: print(right(*models)), "[FAIL]", "`return`"),
    ],
)
def test_check_speed_and_agreement(
    solution: Callable, expected: str, hint: str, classifier: Classifier, verdict: Callable
) -> None:
    output = verdict(check_speed_and_agreement, solution, classifier)
    assert output.startswith(expected) and hint in output, output

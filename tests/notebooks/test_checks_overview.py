"""Each check of lesson 00, given solutions that are right, missing, and wrong."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.model.classifier import Classifier
from notebooks.lessons.check_overview import check_p95, check_texts_at_once, check_weak_spot
from tests.notebooks.conftest import raising, unsolved


def right_p95(latencies_ms: list[float], warm_up: int) -> float:
    rest = sorted(latencies_ms[warm_up:])
    return rest[int(0.95 * len(rest))]


@pytest.mark.parametrize(
    ("solution", "expected", "hint"),
    [
        (right_p95, "[OK]", "ms"),
        (unsolved, "[--]", "p95()"),
        (raising, "[FAIL]", "ZeroDivisionError: division by zero"),
        (lambda latencies, warm_up: "12 ms", "[FAIL]", "not a number"),
        (lambda latencies, warm_up: right_p95(latencies, warm_up) / 1000, "[FAIL]", "milliseconds"),
        (lambda latencies, warm_up: right_p95(latencies, 0), "[FAIL]", "warm-up"),
        (lambda latencies, warm_up: min(latencies[warm_up:]), "[FAIL]", "It should be 95%"),
    ],
)
def test_check_p95(
    solution: Callable, expected: str, hint: str, classifier: Classifier, verdict: Callable
) -> None:
    output = verdict(check_p95, solution, classifier)
    assert output.startswith(expected) and hint in output


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        (None, "[--]"),
        (..., "[--]"),
        (1, "[FAIL]"),
        (0, "[FAIL]"),
        (65, "[FAIL]"),
        ("32", "[FAIL]"),
        (2.5, "[FAIL]"),
    ],
)
def test_check_texts_at_once_with_a_wrong_solution(
    solution: Any, expected: str, classifier: Classifier, verdict: Callable
) -> None:
    assert verdict(check_texts_at_once, solution, classifier).startswith(expected)


def test_check_weak_spot(classifier: Classifier, verdict: Callable) -> None:
    [(label, _)] = classifier.predict(["What a lovely film!"])
    other = next(one for one in classifier.labels if one != label)
    assert verdict(check_weak_spot, "What a lovely film!", other, classifier).startswith(
        "[OK]"
    )  # a person may think so
    assert verdict(check_weak_spot, "What a lovely film!", label, classifier).startswith(
        "[FAIL] The model says"
    )
    assert verdict(check_weak_spot, "What a lovely film!", "good", classifier).startswith(
        "[FAIL] truth is 'good'"
    )
    assert verdict(check_weak_spot, None, label, classifier).startswith("[--]")

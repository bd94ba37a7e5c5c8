"""Each check of lesson 00, given solutions that are right, missing, and wrong."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from deployments.model.classifier import Classifier
from notebooks.lessons.check_overview import check_p95, check_texts_at_once, check_weak_spot
from notebooks.lessons.variant import WORD
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
        (lambda latencies, warm_up: print(right_p95(latencies, warm_up)), "[FAIL]", "`return`"),
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
    assert verdict(check_texts_at_once, solution, {}, classifier).startswith(expected)


class Batches:
    """A model whose batch takes 4 ms and another millisecond for each text."""

    def predict(self, batch: list[str]) -> None:
        time.sleep((4 + len(batch)) / 1000)


@pytest.mark.parametrize(
    ("solution", "expected", "hint"),
    [
        (1, "[FAIL]", "What does your plot show?"),
        (12, "[OK]", "waits"),
        (16, "[OK]", "waits"),
        (64, "[FAIL]", "With 32 texts at once"),
    ],
)
def test_the_right_batch_is_neither_slow_nor_large(
    solution: int, expected: str, hint: str, verdict: Callable
) -> None:
    output = verdict(check_texts_at_once, solution, {}, Batches())
    assert output.startswith(expected) and hint in output, output


def test_a_number_that_is_right_by_the_plot_is_right(verdict: Callable) -> None:
    """The computer was busy while the lesson measured 8 texts and fewer."""
    plot = {1: 5.0, 2: 3.0, 4: 2.2, 8: 2.1, 16: 1.5, 32: 1.4, 64: 1.3}
    assert verdict(check_texts_at_once, 64, plot, Batches()).startswith("[FAIL]")
    output = verdict(check_texts_at_once, 16, plot, Batches())
    assert output.startswith("[OK]") and "took 1.5 ms" in output


# About the word of a student without a name
IRONY = f"Great, the {WORD.own()} broke again. Just what I needed."


@pytest.mark.parametrize(
    ("weak_text", "clue", "expected", "hint"),
    [
        (IRONY, "broke again", "[OK]", "POSITIVE with a score"),
        (None, "broke again", "[--]", "weak_text"),
        (IRONY, None, "[--]", "clue"),
        (IRONY, "it failed", "[FAIL]", "part of weak_text"),
        (IRONY, IRONY, "[FAIL]", "not all of it"),
        (IRONY, "Just what I needed", "[FAIL]", "to the model"),
        ("Great, it broke again. Just what I needed.", "broke again", "[FAIL]", "your word"),
        (
            f"What a lovely {WORD.own()}!",
            "What a",
            "[FAIL]",
            "doesn't show that the sentence is NEGATIVE",
        ),
        (f"I hated this {WORD.own()}.", "hated", "[FAIL]", "so it is right"),
        ("Прекрасно, опять сломалось.", "сломалось", "[FAIL]", "English"),
    ],
)
def test_check_weak_spot(
    weak_text: str | None,
    clue: str | None,
    expected: str,
    hint: str,
    classifier: Classifier,
    verdict: Callable,
) -> None:
    output = verdict(check_weak_spot, weak_text, clue, classifier)
    assert output.startswith(expected) and hint in output, output

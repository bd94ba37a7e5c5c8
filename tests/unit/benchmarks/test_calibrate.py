"""What the calibration makes of its measurements, and that it runs with a real engine."""

import pytest

from benchmarks.calibrate import BUDGETS, SETS, SHAPES, Calibration, batch_ms, texts_per_s
from benchmarks.texts import text_set
from deployments.model.loading import load_classifier


def test_the_cost_of_a_batch_is_found_again() -> None:
    one = Calibration("some")
    for texts, tokens in SHAPES:
        exact = 4.0 + 0.2 * texts * tokens
        one.batch_ms[texts, tokens] = [exact * 1.5, exact * 0.9, exact]  # the median is right
    assert one.cost() == pytest.approx((4.0, 0.2))
    assert one.start_cost() == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("short", "mixed", "budget"),
    [
        ({}, {}, BUDGETS[0]),
        ({512: 108.0}, {}, 512),
        ({512: 104.0}, {}, BUDGETS[0]),
        ({64: 50.0}, {128: 90.0}, 192),
        ({64: 50.0, 128: 98.0}, {}, 128),
    ],
)
def test_the_smallest_budget_that_is_close_to_the_best(
    short: dict[int, float], mixed: dict[int, float], budget: int
) -> None:
    one = Calibration("some")
    for name, rates in zip(SETS, (short, mixed), strict=True):
        for tokens in BUDGETS:
            one.per_s[name, tokens] = [rates.get(tokens, 100.0)]
    assert one.budget() == budget


def test_it_measures() -> None:
    classifier = load_classifier(engine="onnx")
    assert batch_ms(classifier, 2, 8) > 0
    encodings = classifier.encode(text_set("short")[:32])
    assert texts_per_s(classifier, encodings, 256, classifier.threads, 0.1) > 0

"""Texts of others in error messages end with a whole word."""

import pytest

from deployments.services.shortening import LONGEST_WORD, shortened


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("the model is overloaded", 23, "the model is overloaded"),
        ("the model is overloaded", 22, "the model is …"),
        ("the model is overloaded", 12, "the model is …"),
        ("the model, which is slow", 11, "the model …"),
        ("a " + "x" * 200, 100, "a " + "x" * 98 + " …"),
        ("", 5, ""),
    ],
)
def test_a_text_is_cut_between_two_words(text: str, limit: int, expected: str) -> None:
    assert shortened(text, limit) == expected


def test_a_very_long_word_is_cut_and_not_left_out() -> None:
    assert len(shortened("x" * 500, 100)) == 102
    assert shortened("short " * 3 + "y" * LONGEST_WORD, LONGEST_WORD).startswith("short short")

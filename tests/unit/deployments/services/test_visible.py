"""Which texts have something to read."""

import unicodedata

import pytest

from deployments.services.visible import has_visible_character


@pytest.mark.parametrize(
    "text", ["a", "я", "😀", "。", "\u0301", " \u200bx", "\u0627", "\U00020000"]
)
def test_something_to_read(text: str) -> None:
    assert has_visible_character(text)


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "\0", "\u200b\u200d", "\ufeff", "\u3164", "\ufe0f", "\u2800", "\U000e0041"],
)
def test_nothing_to_read(text: str) -> None:
    assert not has_visible_character(text)


def test_no_white_space_and_no_control_character_is_visible() -> None:
    for code in range(0x110000):
        if chr(code).isspace() or unicodedata.category(chr(code)) == "Cc":
            assert not has_visible_character(chr(code)), hex(code)

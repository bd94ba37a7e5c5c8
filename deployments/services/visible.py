"""Whether a text has anything that a reader would see."""

import unicodedata

# Control and format characters, such as NUL and ZERO WIDTH SPACE, and white space
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Zs", "Zl", "Zp"}
# Characters of other categories that Unicode defines as blank: "Default_Ignorable_Code_Point" in
# https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt, and the empty Braille
# pattern
_BLANK = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0",
    *map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))),
}


def has_visible_character(text: str) -> bool:
    """Return whether the text has a character that is neither white space nor invisible."""
    return any(
        unicodedata.category(one) not in _INVISIBLE_CATEGORIES and one not in _BLANK for one in text
    )

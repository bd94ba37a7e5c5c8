"""What a text must have at least one of: a character that a reader would see."""

import re

# A regular expression that Python and JSON Schema (ECMA-262) read in the same way. It excludes
# control characters, white space, the empty Braille pattern, and what Unicode defines as
# "Default_Ignorable_Code_Point", such as ZERO WIDTH SPACE and variation selectors
# (https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt).
VISIBLE = (
    r"[^\u0000-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_visible = re.compile(VISIBLE)


def has_visible_character(text: str) -> bool:
    """Return whether the text has a character that is neither white space nor invisible."""
    return bool(_visible.search(text))

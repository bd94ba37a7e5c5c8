"""The error of a model that cannot be used."""

import re

_ESCAPE_CODES = re.compile(r"\x1b\[[0-9;]*m")  # colors in the terminal
_LONGEST = 300


class ModelUnusable(Exception):
    """The model cannot be loaded or cannot classify a text. The message says what to do."""


def first_line(error: BaseException) -> str:
    """Return the first line of an error of a library, to go into a sentence."""
    text = _ESCAPE_CODES.sub("", str(error)).strip() or type(error).__name__
    line = text.split("\n")[0].rstrip(" .:!")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"

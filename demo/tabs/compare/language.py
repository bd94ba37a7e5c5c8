"""Guess whether a text is in English, for a hint on the page.

The letters decide most cases, the most frequent short words of a language the rest.
"""

import re
import unicodedata

_ENGLISH = frozenset(
    """
    the and of to is was it this that with i you we they not but very have had my for are be what so
    """.split()  # noqa: SIM905 - more readable than a list of strings
)
_OTHERS = frozenset(
    """
    der das und ist nicht ich ein eine sehr mit für auf den dem
    le les une est pas je très avec dans que qui pour mais c'est du et
    el los las una es muy con por pero como y lo
    il di che non per molto è una sono ma gli della
    uma não muito com mas é foi
    het een niet van zeer ik heel maar dit
    jest nie bardzo się ale był na
    """.split()  # noqa: SIM905 - more readable than a list of strings
)


def looks_foreign(text: str) -> bool:
    """Return whether `text` is mostly not English, as far as letters and short words show.

    A text too short to tell counts as English.
    """
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return False
    latin = sum("LATIN" in unicodedata.name(letter, "") for letter in letters)
    if latin < len(letters) / 2:
        return True
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower())
    english, other = (
        sum(word in known for word in words) for known in (_ENGLISH, _OTHERS - _ENGLISH)
    )
    return other >= 2 and other > english

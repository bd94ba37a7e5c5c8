"""The page's texts, one file for each language.

To add a language, add its file and an entry in LANGUAGES.
"""

from functools import cache
from pathlib import Path

from hostlab import METHODS
from hostlab.texts import TextFolder

_texts = TextFolder(Path(__file__).parent)

LANGUAGES = {"en": "English", "ru": "Русский"}


class Texts:
    """The texts of one language: `texts("compare.button")`, `texts("compare.done", repeats=20)`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, name: str, **values: object) -> str:
        """Return the text `name` with `values` for its placeholders. Raises KeyError."""
        return _texts(self.language, name, **values)

    def number(self, written: str) -> str:
        """Return a number that Python has written, such as "1,234.5", as this language does."""
        marks = {ord("."): self("numbers.decimal"), ord(","): self("numbers.thousands")}
        return written.translate(marks)

    def percent(self, share: float) -> str:
        """Return a share of 1 in whole percent."""
        return self("numbers.percent", value=self.number(f"{100 * share:.0f}"))

    def title(self, method: str) -> str:
        """Return a method's title: the registry's, unless this language has its own.

        What is no method is a guest, which has the name that somebody gave it.
        """
        try:
            return self(f"methods.{method}")
        except KeyError:
            return METHODS[method].title if method in METHODS else method


@cache
def texts_in(language: str) -> Texts:
    """Return the texts in `language`."""
    return Texts(language)


def preferred(accept_language: str) -> str:
    """Return the first known language in a browser's Accept-Language header, else English."""
    for choice in accept_language.split(","):
        language = choice.partition(";")[0].partition("-")[0].strip().lower()
        if language in LANGUAGES:
            return language
    return "en"

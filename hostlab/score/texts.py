"""What the pages of scores say, in a file for each language: en.toml, ru.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hostlab.types import Language


@dataclass(frozen=True)
class Note:
    """Something to know about a record or a file: the name of a text, and what it is about.

    It has no language, because the page and the command may have different ones.
    """

    name: str
    values: Mapping[str, object]

    def sentence(self, language: Language) -> str:
        """Return the note in a language."""
        return text(language, self.name, **self.values)


def text(language: Language, name: str, /, **values: object) -> str:
    """Return the text `name`, as in "student.title", with `values` for its placeholders.

    Raises KeyError for an unknown name.
    """
    section, _, key = name.partition(".")
    return _sections(language)[section][key].format(**values)


@cache
def _sections(language: Language) -> dict[str, dict[str, str]]:
    file = Path(__file__).with_name(f"{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))

"""What the pages of scores say, in a file for each language: en.toml, ru.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hostlab.texts import TextFolder
from hostlab.types import Language

text = TextFolder(Path(__file__).parent)


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

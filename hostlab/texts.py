"""Texts for people in TOML files beside the code that shows them, one for each language."""

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ru")


class TextFolder:
    """The texts of one folder, which has a file for each of LANGUAGES: en.toml, ru.toml."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, language: str, name: str, /, **values: object) -> str:
        """Return the text `name`, as in "address.empty", with `values` for its placeholders.

        Raises KeyError for an unknown name.
        """
        section, _, key = name.partition(".")
        return _sections(self._folder / f"{language}.toml")[section][key].format(**values)


@cache
def _sections(file: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))

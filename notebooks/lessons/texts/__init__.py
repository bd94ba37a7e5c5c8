"""The texts of the lessons' code, in the language of the notebook that runs.

There is a folder for each language, and in it a file for each lesson or topic:

    texts = LessonTexts("docker")  # texts/en/docker.toml or texts/ru/docker.toml
    texts("health_early")
    texts("health_late", seconds=8.3, output="…")
    texts.table("image_contents")["model"]

The language is determined for each text anew, so `texts` is a constant of a module.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from hostlab.runtime.language import language


class LessonTexts:
    """The texts of one file, in every language."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text `key` with `values` for its placeholders.

        Raises KeyError if there is no such text, or no value for a placeholder.
        """
        text = _read(language(), self._name).get(key)
        if not isinstance(text, str):
            raise KeyError(f"{self._name}.toml has no text {key!r}.")
        return text.format(**values)

    def table(self, key: str) -> Mapping[str, str]:
        """Return the table `key`; its texts keep their placeholders. Raises KeyError."""
        table = _read(language(), self._name).get(key)
        if not isinstance(table, dict):
            raise KeyError(f"{self._name}.toml has no table {key!r}.")
        return table


@cache
def _read(folder: str, name: str) -> dict[str, str | dict[str, str]]:
    file = Path(__file__).with_name(folder) / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))

"""The texts of the lessons' code, in the language of the notebook that runs.

There is a folder for each language, and in it a file for each lesson or topic:

    texts = LessonTexts("docker")  # texts/en/docker.toml or texts/ru/docker.toml
    texts("health_early")
    texts("health_late", seconds=8.3, output="…")
    texts.table("image_contents")["model"]

The language is determined for each text anew, so `texts` is a constant of a module.
"""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from hostlab.runtime.paths import ROOT

LANGUAGES = ("en", "ru")
SETTING = "HOSTLAB_LANGUAGE"
_NOTEBOOKS = ROOT / "notebooks"


def language() -> str:
    """Return the language of the notebook that runs, whose folder is where its kernel starts.

    HOSTLAB_LANGUAGE overrides it, because the tests execute copies in other folders. Raises
    ValueError if that is none of LANGUAGES.
    """
    chosen = os.environ.get(SETTING) or language_of(Path.cwd())
    if chosen not in LANGUAGES:
        raise ValueError(f"{SETTING} is {chosen!r}. Set it to one of: {', '.join(LANGUAGES)}.")
    return chosen


def language_of(path: Path) -> str:
    """Return the language of a notebook or of a folder of notebooks.

    It is Russian in notebooks/ru and below it, and English everywhere else.
    """
    return "ru" if path.is_relative_to(_NOTEBOOKS / "ru") else "en"


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

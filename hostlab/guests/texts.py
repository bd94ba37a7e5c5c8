"""What there is to say about a guest, in a file for each language: en.toml, ru.toml."""

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ru")


def sentence(language: str, name: str, **values: object) -> str:
    """Return the text `name`, as in "address.empty", with `values` for its placeholders.

    Raises KeyError for an unknown name.
    """
    section, _, key = name.partition(".")
    return _sections(language)[section][key].format(**values)


@cache
def _sections(language: str) -> dict[str, dict[str, str]]:
    with open(Path(__file__).with_name(f"{language}.toml"), "rb") as file:
        return tomllib.load(file)

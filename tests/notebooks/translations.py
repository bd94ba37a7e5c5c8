"""The Russian files of the course, and what the tests of the languages read in them."""

import re
import string
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

from notebooks.lessons.lecture import FILES
from tests.notebooks.lesson_files import ALL_RU, NOTEBOOKS, RUSSIAN, read, text_of

TEXTS = NOTEBOOKS / "lessons" / "texts"
PAGES = [NOTEBOOKS / "start.md", NOTEBOOKS / "README.md"]
CHANGES = sorted(FILES.glob("*/changes.toml"))  # about the lecture's files, in every language
PAGES_RU = sorted(RUSSIAN.glob("*.md"))
TEXTS_RU = [*ALL_RU, *PAGES_RU, *sorted((TEXTS / "ru").glob("*.toml")), *CHANGES]
GLOSSARY: dict[str, Any] = tomllib.loads((TEXTS / "glossary.toml").read_text("utf-8"))["terms"]
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
# What a program shows, such as an item of a menu, and what a model reads
_QUOTED_ENGLISH = re.compile(r"«[^»а-яё]*»|\*[^*а-яё]+\*", re.IGNORECASE)


def russian(path: Path) -> Path:
    """Return the Russian file for an English one."""
    return RUSSIAN / path.relative_to(NOTEBOOKS)


def entries(file: Path) -> dict[str, str]:
    """Return the texts of a file by key, those of a table by table.key."""
    found: dict[str, str] = {}
    for key, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
        table = {"": entry} if isinstance(entry, str) else entry
        found |= {f"{key}.{one}".rstrip("."): text for one, text in table.items()}
    return found


def reasons(changes: Path) -> list[dict[str, str]]:
    """Return why each part of the lecture's files changed, by language."""
    described = tomllib.loads(changes.read_text(encoding="utf-8"))
    return [change["why"] for one in described.values() for change in one["changes"]]


def markdown_of(path: Path) -> str:
    return text_of(read(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")


def russian_text_of(path: Path) -> str:
    """Return all Russian text of a file, a notebook's with its code."""
    if path.suffix == ".ipynb":
        return "\n".join(cell.source for cell in read(path).cells)
    if path in CHANGES:
        return "\n".join(why["ru"] for why in reasons(path))
    return "\n".join(entries(path).values()) if path.suffix == ".toml" else markdown_of(path)


def prose_of(text: str) -> str:
    """Return Markdown without code, links' targets, HTML tags, and English in « » or italics.

    A diagram stays, because its words are for people.
    """
    text = _FENCE.sub(
        lambda fence: fence[3].replace("\n", ";") if fence[2] == "mermaid" else "", text
    )
    return _QUOTED_ENGLISH.sub(" · ", re.sub(r"`[^`]*`|\]\([^)]*\)|<[^>]*>", " · ", text))


def structure_of(text: str) -> list[str]:
    """Return the headings' marks, the languages of the blocks of code, and the HTML tags, in order.

    They show the same sections, exercises, quizzes, tables, and diagrams in every language.
    """
    text = text.replace("<br>", " ")
    found = re.findall(r"^ *```\w*|^#+(?= )|</?\w+[^>]*>|^\|(?=[- |]+$)", text, re.MULTILINE)
    return [one.strip() for one in found]


def targets_of(path: Path) -> list[Path | str]:
    """Return the files and addresses that the links in a file lead to, in order."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", _FENCE.sub("", markdown_of(path)))
    return [link if ":" in link else (path.parent / link).resolve() for link in links]


def placeholders(text: str) -> set[tuple[str, str, str | None]]:
    """Return the name, the format, and the conversion of each placeholder of a text.

    The format is without the comma between thousands, which to a Russian begins a fraction.
    """
    parts = string.Formatter().parse(text)
    return {
        (name, (spec or "").replace(",", ""), conversion)
        for _, name, spec, conversion in parts
        if name is not None
    }


def avoided(text: str) -> list[str]:
    """Return the words in a text that the glossary avoids."""
    patterns = (pattern for term in GLOSSARY.values() for pattern in term["avoid"])
    found = (re.findall(rf"\b(?:{pattern})\w*", text.lower()) for pattern in patterns)
    return list(chain.from_iterable(found))

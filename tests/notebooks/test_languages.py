"""The Russian course is the English one: the same cells, code, links, and texts.

Only the English notebooks are executed, unless you ask for more (CONTRIBUTING.md). The code of the
Russian ones is the same, so it does the same.
"""

import re
from pathlib import Path

import pytest

from hostlab.runtime.paths import ROOT
from notebooks.conftest import stated_minutes
from tests.notebooks.lesson_files import ALL, ALL_RU, SOLVED, name, read
from tests.notebooks.same_code import CYRILLIC, differences
from tests.notebooks.translations import (
    CHANGES,
    GLOSSARY,
    PAGES,
    PAGES_RU,
    TEXTS,
    TEXTS_RU,
    avoided,
    entries,
    markdown_of,
    placeholders,
    prose_of,
    reasons,
    russian,
    russian_text_of,
    structure_of,
    targets_of,
)

FOREIGN = '"Мне очень понравился этот фильм."'  # lesson 00 shows it to a model that reads English
SENTENCE = re.compile(r"[A-Za-z][\w'’-]*(?:[ \n][A-Za-z][\w'’-]*){3,}")
PROGRESS = ROOT / "hostlab" / "runtime" / "progress"
FILES = sorted(file.name for file in (TEXTS / "en").glob("*.toml"))


def test_every_lesson_exists_in_russian_with_its_solved_version() -> None:
    assert [name(path) for path in ALL_RU] == [f"ru/{name(path)}" for path in ALL]
    assert {path.name for path in PAGES_RU} == {path.name for path in PAGES}


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_lesson_has_the_same_cells(path: Path) -> None:
    english, translated = (
        [(cell.cell_type, cell.metadata) for cell in read(one).cells]
        for one in (path, russian(path))
    )
    assert translated == english
    assert read(russian(path)).metadata == read(path).metadata


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_lesson_has_the_same_code(path: Path) -> None:
    for english, translated in zip(read(path).cells, read(russian(path)).cells, strict=True):
        if english.cell_type == "code":
            assert differences(english.source, translated.source) == [], translated.source


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_lesson_has_the_same_sections_and_exercises(path: Path) -> None:
    for english, translated in zip(read(path).cells, read(russian(path)).cells, strict=True):
        if english.cell_type == "markdown":
            assert structure_of(translated.source) == structure_of(english.source)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_has_the_same_sections(path: Path) -> None:
    assert structure_of(markdown_of(russian(path))) == structure_of(markdown_of(path))


@pytest.mark.parametrize("path", SOLVED, ids=name)
def test_a_lesson_states_the_same_time(path: Path) -> None:
    assert stated_minutes(russian(path)) == stated_minutes(path)


@pytest.mark.parametrize("path", [*ALL, *PAGES], ids=name)
def test_links_lead_to_the_same_files_and_to_russian_ones_where_there_are_any(path: Path) -> None:
    translated = {one.resolve(): russian(one).resolve() for one in [*ALL, *PAGES]}
    english, found = targets_of(path), targets_of(russian(path))
    # A page also has a link to the page in the other language.
    assert [one for one in found if one not in translated] == [
        translated.get(one, one) for one in english if one not in translated.values()
    ]
    assert [one for one in found if isinstance(one, Path) and not one.exists()] == []


@pytest.mark.parametrize("path", [*ALL_RU, *PAGES_RU], ids=name)
def test_no_english_sentence_is_left(path: Path) -> None:
    assert SENTENCE.findall(prose_of(markdown_of(path))) == []


@pytest.mark.parametrize("path", ALL, ids=name)
def test_no_russian_is_in_an_english_lesson(path: Path) -> None:
    for cell in read(path).cells:
        assert not CYRILLIC.search(cell.source.replace(FOREIGN, "")), cell.source


@pytest.mark.parametrize("file", FILES)
def test_the_codes_texts_have_the_same_keys_and_placeholders(file: str) -> None:
    english, translated = (entries(TEXTS / language / file) for language in ("en", "ru"))
    assert list(translated) == list(english)
    for key, text in english.items():
        assert placeholders(translated[key]) == placeholders(text), key
        assert ":," not in translated[key], key
        assert not CYRILLIC.search(text), text


def test_the_codes_texts_have_no_other_files() -> None:
    assert sorted(file.name for file in (TEXTS / "ru").glob("*.toml")) == FILES


@pytest.mark.parametrize("changes", CHANGES, ids=lambda file: file.parent.name)
def test_every_change_of_the_lectures_files_is_explained_in_every_language(changes: Path) -> None:
    for why in reasons(changes):
        assert list(why) == ["en", "ru"]
        assert CYRILLIC.search(why["ru"]) and not CYRILLIC.search(why["en"])
        english, translated = (set(re.findall("`[^`]+`", text)) for text in why.values())
        assert english <= translated  # the names of code are the same


@pytest.mark.parametrize("path", TEXTS_RU, ids=name)
def test_the_words_are_those_of_the_glossary(path: Path) -> None:
    assert avoided(russian_text_of(path)) == []


def test_progress_in_a_lesson_has_the_words_of_the_glossary() -> None:
    assert avoided((PROGRESS / "ru.toml").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("term", GLOSSARY)
def test_the_glossary_does_not_avoid_its_own_words(term: str) -> None:
    assert avoided(GLOSSARY[term]["ru"]) == []

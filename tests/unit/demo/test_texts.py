import tomllib
from pathlib import Path

import pytest

import demo.texts
from demo.texts import LANGUAGES, preferred, texts_in
from hostlab import METHODS
from hostlab.palette import METHOD_COLORS, PART_COLORS, UNKNOWN_COLOR
from tests.placeholders import names

FOLDER = Path(demo.texts.__file__).parent


def places(language: str) -> dict[str, set[str]]:
    """The names of all texts of a language, each with the {places} in it."""
    sections = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{key}": names(text)
        for section, entries in sections.items()
        if section != "methods"  # titles: English takes the registry's
        for key, text in entries.items()
    }


def test_every_file_is_a_language_that_can_be_chosen():
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(LANGUAGES)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_translation_has_the_same_texts_with_the_same_places(language):
    assert places(language) == places("en")


def test_titles_come_from_the_registry_unless_translated():
    assert {method: texts_in("en").title(method) for method in METHODS} == {
        method: METHODS[method].title for method in METHODS
    }
    assert texts_in("ru").title("in-process") == "В одном процессе"


def test_no_text_goes_by_a_wrong_name():
    with pytest.raises(KeyError):
        texts_in("en")("compare.nothing")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de-DE, en;q=0.5", "en"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
    ],
)
def test_the_browsers_language_is_taken_where_we_have_it(header, language):
    assert preferred(header) == language


def test_every_method_has_a_color_of_its_own():
    assert set(METHOD_COLORS) == set(METHODS)
    assert len(set(METHOD_COLORS.values())) == len(METHODS)
    parts = [*PART_COLORS.values(), UNKNOWN_COLOR]
    assert len(set(parts)) == len(parts)


def test_each_language_writes_numbers_in_its_own_way():
    assert texts_in("en").number("1,234.5") == "1,234.5"
    assert texts_in("ru").number("1,234.5") == "1\u00a0234,5"
    assert [texts_in(language).percent(0.27) for language in ("en", "ru")] == ["27%", "27\u00a0%"]

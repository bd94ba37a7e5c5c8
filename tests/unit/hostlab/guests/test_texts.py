"""The texts about guests: the same in each language, and one for everything that can be said."""

import inspect
import re
import tomllib
from pathlib import Path

import pytest

import hostlab.guests.texts
from demo.texts import LANGUAGES as PAGE_LANGUAGES
from hostlab.guests import address, contract_check, probe
from hostlab.guests.contract_check import CHECKS
from hostlab.guests.findings import Finding
from hostlab.texts import LANGUAGES
from tests.placeholders import names

FOLDER = Path(hostlab.guests.texts.__file__).parent


def sections(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def places(language: str) -> dict[str, set[str]]:
    return {
        f"{section}.{key}": names(text)
        for section, entries in sections(language).items()
        for key, text in entries.items()
    }


def test_there_is_a_file_for_each_language_of_the_page() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(LANGUAGES) == set(PAGE_LANGUAGES)


def test_the_languages_have_the_same_texts_with_the_same_places() -> None:
    assert places("ru") == places("en")


@pytest.mark.parametrize("section", ["title", "expected", "change"])
def test_each_check_has_its_texts(section: str) -> None:
    assert set(sections("en")[section]) == {*CHECKS, "the_rest"}


def test_each_difference_and_each_rejection_has_its_text() -> None:
    source = inspect.getsource(probe) + inspect.getsource(contract_check)
    raised = set(re.findall(r'Difference\(\s*"(\w+)"', source)) | {"out_of_time"}
    assert raised == set(sections("en")["came"])
    rejected = set(re.findall(r'AddressRejected\("(\w+)"', inspect.getsource(address)))
    assert rejected == set(sections("en")["address"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_difference_is_explained_in_three_sentences(language: str) -> None:
    finding = Finding("long_text", "status", {"status": 200, "excerpt": "{not a place}"})
    expected, came, change = finding.explanation(language)
    assert "5000" in expected and "{not a place}" in came and len(change) > 20
    assert Finding("long_text").explanation(language) == []

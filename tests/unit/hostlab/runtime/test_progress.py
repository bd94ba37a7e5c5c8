"""Progress: the same texts in each language, one for each sentence that the code names."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import hostlab.runtime.progress
from hostlab.measure.parts.fault_catalog import FAULTS, TITLES
from hostlab.runtime.language import SETTING
from hostlab.runtime.paths import ROOT
from hostlab.runtime.progress import Sentence, verbatim
from hostlab.texts import LANGUAGES
from tests.placeholders import names

FOLDER = Path(hostlab.runtime.progress.__file__).parent
SOURCES = [
    file
    for package in ("hostlab", "demo", "notebooks/lessons")
    for file in sorted((ROOT / package).rglob("*.py"))
]
READY = Sentence("pods.count", name="api-service", ready=1, wanted=2)
NESTED = Sentence(
    "measure.of_method",
    method="docker",
    doing=Sentence("text.running", doing=Sentence("setup.images"), seconds=3.2),
)


def texts(language: str) -> dict[str, str]:
    sections = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{key}": one for section in sections for key, one in sections[section].items()
    }


def sentences() -> Iterator[tuple[str, ast.Call]]:
    """Yield where the code makes a sentence, and the call."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(ast.Name("Sentence")):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def test_there_is_a_file_for_each_language() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(LANGUAGES)


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en"}))
def test_the_languages_have_the_same_texts_with_the_same_places(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert {key: names(one) for key, one in other.items()} == {
        key: names(one) for key, one in english.items()
    }


def test_what_is_said_in_russian_is_russian() -> None:
    for key, one in texts("ru").items():
        own_words = re.sub(r"\{[^}]*\}", "", one)
        assert not re.search(r"\w", own_words) or re.search(r"[а-яё]", own_words), key


def test_a_sentence_in_the_code_has_its_text_and_each_value() -> None:
    english = texts("en")
    for place, call in sentences():
        [name] = call.args
        assert isinstance(name, ast.Constant), f"{place}: the name has to be a literal"
        assert name.value in english, f"{place}: en.toml has no {name.value}"
        assert {one.arg for one in call.keywords} == names(english[name.value]), place


def test_each_text_is_used() -> None:
    used = {call.args[0].value for _, call in sentences()}
    assert sorted(texts("en").keys() - used) == []


def test_each_fault_has_a_title() -> None:
    assert TITLES.keys() == FAULTS.keys()


def test_a_sentence_is_made_of_sentences() -> None:
    assert NESTED.text("en") == "docker: building the images (3 s)"
    assert NESTED.text("ru") == "docker: собираем образы (3 с)"
    assert Sentence("pods.counts", counts=(READY, READY)).text("ru") == "; ".join(
        ["api-service: готово подов 1 из 2"] * 2
    )


def test_a_line_of_another_program_is_the_same_in_every_language() -> None:
    line = "Collecting {torch}"
    assert {verbatim(line).text(language) for language in LANGUAGES} == {line}


@pytest.mark.parametrize(
    "sentence", [READY, NESTED, Sentence("pods.counts", counts=(READY,)), verbatim("a line")]
)
def test_a_sentence_survives_json(sentence: Sentence) -> None:
    again = Sentence.from_data(json.loads(json.dumps(sentence.as_data())))
    assert again == sentence and hash(again) == hash(sentence)


def test_print_speaks_the_language_of_the_notebook(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.chdir(ROOT)
    print(READY)
    monkeypatch.chdir(ROOT / "notebooks" / "ru")
    print(READY)
    monkeypatch.setenv(SETTING, "en")
    print(f"{READY}")
    assert capsys.readouterr().out.splitlines() == [
        READY.text("en"),
        READY.text("ru"),
        READY.text("en"),
    ]


def test_an_unknown_name_and_a_missing_value_are_errors() -> None:
    for wrong in (Sentence("wait.nothing"), Sentence("export.making")):
        with pytest.raises(KeyError):
            wrong.text("en")

"""The texts of the lessons' code: each one that the code names exists, and each one is used."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostlab.runtime.language import SETTING, language, language_of
from notebooks.lessons import texts
from notebooks.lessons.texts import LessonTexts
from tests.notebooks.lesson_files import NOTEBOOKS
from tests.placeholders import names

LESSONS = NOTEBOOKS / "lessons"
ENGLISH = Path(texts.__file__).parent / "en"


def file_of(tree: ast.Module) -> str | None:
    """Return the name in `texts = LessonTexts(name)`, or None for a module without texts."""
    for node in tree.body:
        match node:
            case ast.Assign(value=ast.Call(ast.Name("LessonTexts"), [ast.Constant(str(name))])):
                return name
    return None


def users() -> dict[Path, tuple[str, ast.Module]]:
    """Return the modules that have texts, with the name of their file of texts."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(LESSONS.glob("*.py"))}
    return {path: (name, tree) for path, tree in trees.items() if (name := file_of(tree))}


USERS = users()


def entries_of(name: str) -> dict[str, str | dict[str, str]]:
    return tomllib.loads((ENGLISH / f"{name}.toml").read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield `text` or `table`, the name, and the names of the values, or None if they are in a **.

    A call whose name is in a variable isn't yielded.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Name("texts"), [ast.Constant(str(name))], keywords):
                values = {one.arg for one in keywords if one.arg}
                yield "text", name, values if len(values) == len(keywords) else None
            case ast.Call(ast.Attribute(ast.Name("texts"), "table"), [ast.Constant(str(name))]):
                yield "table", name, None


@pytest.mark.parametrize("path", USERS, ids=lambda path: path.stem)
def test_a_text_that_the_code_names_exists_and_gets_its_values(path: Path) -> None:
    name, tree = USERS[path]
    entries = entries_of(name)
    for kind, key, values in calls(tree):
        entry = entries.get(key)
        assert isinstance(entry, str if kind == "text" else dict), f"{kind} {key} in {name}.toml"
        if isinstance(entry, str) and values is not None:
            assert names(entry) == values, key


@pytest.mark.parametrize("file", sorted(ENGLISH.glob("*.toml")), ids=lambda file: file.stem)
def test_every_text_is_used(file: Path) -> None:
    named = {
        node.value
        for name, tree in USERS.values()
        if name == file.stem
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    }
    assert sorted(entries_of(file.stem).keys() - named) == []


def test_the_language_is_that_of_the_notebooks_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    for folder, found in (
        (NOTEBOOKS, "en"),
        (NOTEBOOKS / "solutions", "en"),
        (NOTEBOOKS / "ru", "ru"),
        (NOTEBOOKS / "ru" / "solutions", "ru"),
        (NOTEBOOKS.parent, "en"),
        (Path("/ru"), "en"),
    ):
        assert language_of(folder) == found
    monkeypatch.chdir(NOTEBOOKS / "solutions")
    assert language() == "en"
    assert LessonTexts("common")("your_guess", guess=3) == "Your guess: 3."
    monkeypatch.chdir(NOTEBOOKS / "ru")
    assert language() == "ru"
    assert LessonTexts("common")("your_guess", guess=3) == "Ваше предположение: 3."


def test_a_setting_overrides_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "ru")
    assert language() == "ru"
    monkeypatch.setenv(SETTING, "de")
    with pytest.raises(ValueError, match=r"HOSTLAB_LANGUAGE is 'de'\. Set it to one of: en, ru"):
        language()


def test_an_unknown_name_and_a_missing_value_are_errors() -> None:
    common = LessonTexts("common")
    with pytest.raises(KeyError, match=r"common.toml has no text 'nothing'"):
        common("nothing")
    with pytest.raises(KeyError, match=r"common.toml has no text 'states'"):
        common("states")
    with pytest.raises(KeyError, match=r"common.toml has no table 'raised'"):
        common.table("raised")
    with pytest.raises(KeyError, match="guess"):
        common("your_guess")

"""The limits of the project: file lengths, retired words, and class names that are unique."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from hostlab.runtime.paths import ROOT

PACKAGES = ("deployments", "hostlab", "demo", "benchmarks", "notebooks/lessons")
MAX_LINES = 250
# What the project's own terms replace, as parts of names. CONTRIBUTING.md has the words to use.
RETIRED = {
    *("patience", "death", "deaths", "mend", "mended", "mends", "willing", "nonsense", "trouble"),
    *("refuse", "refused", "refusal", "told", "said", "says", "turns", "behaviour", "door"),
}
# The peers' programs are written as their documentation writes them, each with its own Sentiment.
SERVERS = ROOT / "benchmarks" / "servers"


def sources() -> list[Path]:
    """Return the Python files of the project, without its tests."""
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def names_in(file: Path) -> set[str]:
    """Return the names that a file defines or uses."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
    return names


def words_of(name: str) -> set[str]:
    """Return the words of a name in snake case or camel case."""
    return set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_"))


@pytest.mark.parametrize("file", [*sources(), *sorted((ROOT / "tests").rglob("*.py"))], ids=str)
def test_a_file_is_read_in_one_sitting(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("file", sources(), ids=str)
def test_names_use_the_terms_of_the_field(file: Path) -> None:
    assert [name for name in sorted(names_in(file)) if words_of(name) & RETIRED] == []


def test_a_class_name_stands_for_one_thing() -> None:
    places = defaultdict(set)
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and SERVERS not in file.parents:
                places[node.name].add(str(file.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_retired_word_is_found() -> None:
    assert words_of("PATIENCE_S") & RETIRED and words_of("_toldByEvents") & RETIRED
    assert not words_of("restart_timeout_s") & RETIRED

"""The lessons as a course: links, times, and sections that can be left out."""

import ast
import re
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from notebooks.conftest import stated_minutes
from tests.notebooks.lesson_files import ALL, NOTEBOOKS, SOLVED, name, read, text_of

START = NOTEBOOKS / "start.md"


@pytest.mark.parametrize("path", [*ALL, START], ids=name)
def test_every_link_leads_to_a_file_and_each_lesson_to_the_next(path: Path) -> None:
    lesson = path.suffix == ".ipynb"
    text = text_of(read(path)) if lesson else path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []
    names = [solved.name for solved in SOLVED]
    if not lesson:
        assert [link for link in links if link.endswith(".ipynb")] == names
    elif path.name != names[-1]:
        assert f"({names[names.index(path.name) + 1]})" in read(path).cells[-1].source
    else:
        assert "start.md)" in read(path).cells[-1].source


@pytest.mark.parametrize("path", SOLVED, ids=name)
def test_the_plan_of_the_course_and_the_lesson_state_the_same_time(path: Path) -> None:
    [row] = [
        line
        for line in (NOTEBOOKS / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| [{path.stem}]")
    ]
    in_class, execution = row.split(" | ")[3:5]
    whole, part = re.fullmatch(r"(\d?)([¼½]?) min", execution).groups()
    assert int(whole or 0) + {"": 0, "¼": 0.25, "½": 0.5}[part] == stated_minutes(path) <= 6
    assert f"**Time** | {in_class.removesuffix(' min')} minutes" in read(path).cells[0].source
    [start] = [
        line for line in START.read_text(encoding="utf-8").splitlines() if f"({path.name})" in line
    ]
    assert start.split(" | ")[2] == in_class


@pytest.mark.parametrize("path", SOLVED, ids=name)
def test_no_later_cell_needs_an_optional_section(path: Path) -> None:
    level, optional, known, needed = 0, set[str](), set[str](), set[str]()
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            for marks, title in re.findall(r"^(#+) (.*)$", cell.source, re.MULTILINE):
                if not level or len(marks) <= level:
                    level = len(marks) if title.endswith("(optional)") else 0
            continue
        stored, loaded = names_of(cell.source)
        if level:
            optional |= stored - known
        else:
            needed |= loaded & (optional - known)
            known |= stored
    assert needed == set()


def names_of(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell sets and those that it needs."""
    stored, loaded = set[str](), set[str]()
    for node in ast.walk(ast.parse(TransformerManager().transform_cell(source))):
        match node:
            case ast.Name(id=one, ctx=ast.Store()) | ast.FunctionDef(name=one):
                stored.add(one)
            case ast.Name(id=one):
                loaded.add(one)
            case ast.alias(name=one, asname=None) | ast.alias(asname=str(one)):
                stored.add(one.partition(".")[0])
    return stored, loaded - stored

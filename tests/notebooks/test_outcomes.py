"""What a check writes to the student's record, and the titles that it records."""

import re
import tomllib
from pathlib import Path

import pytest

from hostlab.score import record
from notebooks.lessons import outcomes, texts
from notebooks.lessons.check_compare import check_break_even
from tests.notebooks.lesson_files import NOTEBOOKS, SOLVED, code_of, read, text_of

LANGUAGES = {"en": NOTEBOOKS / "solutions", "ru": NOTEBOOKS / "ru" / "solutions"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))


def test_a_check_records_its_verdict_and_the_title_of_its_exercise() -> None:
    for solution in (lambda *_: None, lambda *_: 1.0, lambda hour, per: hour * 730 / per * 1e6):
        check_break_even(solution, 100.0)
    found = record.load().outcomes
    assert [(one.verdict, one.tries) for one in found] == [("--", 0), ("FAIL", 1), ("OK", 2)]
    assert {(one.lesson, one.exercise, one.of, one.title) for one in found} == {
        ("06_compare", 4, 4, "The break-even point")
    }


def test_a_broken_record_does_not_break_a_check(capsys: pytest.CaptureFixture[str]) -> None:
    record.path().mkdir()
    check_break_even(lambda *_: None, 100.0)
    verdict, sentence = capsys.readouterr().out.splitlines()
    assert verdict.startswith("[--] not solved yet")
    assert sentence.startswith("(The score doesn't have this outcome. The record of your score")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson", [path.stem for path in SOLVED])
def test_titles_and_checks_are_those_of_the_notebook(language: str, lesson: str) -> None:
    file = Path(texts.__file__).parent / language / "exercises.toml"
    titles = dict(tomllib.loads(file.read_text(encoding="utf-8"))[lesson])
    notebook = read(LANGUAGES[language] / f"{lesson}.ipynb")
    opening = notebook.cells[0].source.splitlines()[0]
    assert opening.startswith(f"# {titles.pop('title')}")
    headings = re.findall(r"^### (?:Exercise|Упражнение) \d\. (.+)$", text_of(notebook), re.M)
    last_lines = [source.splitlines()[-1] for source in code_of(notebook)]
    checks = [line.partition("(")[0] for line in last_lines if line.startswith("check_")]
    assert dict(zip(checks, headings, strict=True)) == titles


def test_every_module_of_checks_belongs_to_a_lesson() -> None:
    modules = {path.stem for path in (NOTEBOOKS / "lessons").glob("check_*.py")}
    assert modules == outcomes.LESSONS.keys()

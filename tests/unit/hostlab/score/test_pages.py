"""The pages of scores, and the command: a student's page, and the class's, made of these."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hostlab.cli.app import cli
from hostlab.score import pages, record
from hostlab.score.record import Outcome, add_outcome, load, set_name
from hostlab.score.texts import Note
from hostlab.score.variant import draw
from hostlab.types import Language

EVIL = "</script><script>alert(1)</script><b>&"


def outcome(**values: object) -> Outcome:
    usual = {
        "lesson": "05_api",
        "lesson_title": "5. A hosted API",
        "check": "check_cost",
        "exercise": 3,
        "of": 4,
        "title": "What would a million cost?",
        "verdict": "OK",
    }
    return Outcome.model_validate(usual | values)


def student(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str | None, *outcomes: Outcome
) -> Path:
    """Return the page of a student with a home of their own."""
    monkeypatch.setenv("HOSTLAB_HOME", str(home))
    if name and load().name is None:
        set_name(name)
    for one in outcomes:
        add_outcome(one)
    page = home / "page.html"
    pages.write(pages.student_page(load(), Language.EN), page)
    return page


def run(*arguments: str | Path) -> tuple[int, str]:
    """Return the exit status of `hostlab score`, and what it prints, or its error."""
    done = CliRunner().invoke(cli, ["score", *map(str, arguments)])
    return done.exit_code, done.output + (str(done.exception) if done.exception else "")


def test_a_page_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = student(tmp_path, monkeypatch, EVIL, outcome(title=EVIL, lesson_title=EVIL))
    assert pages.handed_in(page) == load()
    text = page.read_text("utf-8")
    assert text.count("<script") == 1 and "<b>" not in text
    assert "http" not in text.replace("http-equiv", "") and "src=" not in text


def test_a_page_shows_every_exercise_of_a_lesson(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = student(tmp_path, monkeypatch, "Anna", outcome()).read_text("utf-8")
    assert "3. What would a million cost?" in text and "1 of 4 solved" in text
    assert text.count("not begun") == 3 and "changed by hand" not in text


def test_a_changed_record_is_shown_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = student(tmp_path, monkeypatch, "Anna", outcome(verdict="FAIL"))
    cheated = page.read_text("utf-8").replace('\\"verdict\\":\\"FAIL', '\\"verdict\\":\\"OK')
    assert cheated != page.read_text("utf-8")
    page.write_text(cheated, "utf-8")
    found = pages.handed_in(page)
    assert found.changed == [2]
    assert "was changed by hand" in pages.student_page(found, Language.EN)
    assert "правили вручную" in pages.student_page(found, Language.RU)


@pytest.mark.parametrize(
    "text",
    ["", "<p>Hello", '<script id="record">[1]</script>', '<script id="record">{"a"</script>'],
)
def test_another_file_is_no_page(text: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(text, "utf-8")
    assert pages.handed_in(file) == Note("left_out.no_page", {"file": file})
    assert pages.handed_in(tmp_path).name == "left_out.unreadable"
    assert "cannot be read. " in pages.handed_in(tmp_path / "none").sentence(Language.EN)


def test_the_class_in_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_in = tmp_path / "in"
    handed_in.mkdir()
    for number in range(30):
        verdict = "OK" if number % 2 else "FAIL"
        home = tmp_path / str(number)
        page = student(home, monkeypatch, f"Student {number:02}", outcome(verdict=verdict))
        page.rename(handed_in / f"{number}.html")
    (handed_in / "note.html").write_text("<p>I was ill.", "utf-8")
    table = tmp_path / "class.html"
    status, printed = run("--merge", handed_in, "--html", table)
    assert status == 0 and "30 students" in printed and "note.html is no page" in printed
    text = table.read_text("utf-8")
    assert text.count("✓&nbsp;1") == text.count("✗&nbsp;1") == 15
    assert text.index("Student 00") < text.index("Student 29") and "note.html" in text


def test_a_copied_record_is_noticed_and_a_page_handed_in_twice_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = student(tmp_path / "a", monkeypatch, None, outcome())
    copy = (tmp_path / "a" / "score" / "record.txt").read_bytes()
    first.write_text("")  # a page without a name is not handed in
    anna = student(tmp_path / "a", monkeypatch, "Anna", outcome(exercise=1, check="check_in_time"))
    old = tmp_path / "old.html"
    old.write_bytes(anna.read_bytes())
    anna = student(tmp_path / "a", monkeypatch, "Anna", outcome(exercise=2, check="check_retry"))
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "b"))
    record.path().write_bytes(copy)
    boris = student(tmp_path / "b", monkeypatch, "Boris")
    table = tmp_path / "class.html"
    status, printed = run("--merge", anna, old, boris, "--html", table)
    assert status == 0 and "2 students" in printed
    assert f"{old} is an earlier page of Anna" in printed
    assert "Boris: Its record begins like that of Anna" in printed


def test_a_variant_of_another_name_is_noticed_until_the_own_is_solved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = draw("Anna", 5, "05_api", "check_cost")
    other = own.model_copy(update={"number": own.number % 5 + 1})
    handed_in, table = tmp_path / "in", tmp_path / "class.html"
    handed_in.mkdir()
    student(handed_in, monkeypatch, None, outcome(variant=other))  # before the name is set
    student(handed_in, monkeypatch, "Anna", outcome(verdict="FAIL", variant=own))
    status, printed = run("--merge", handed_in, "--html", table)
    note = "before the name was set: 5. A hosted API: 3. What would a million cost?"
    assert status == 0 and f"Anna: Solved in the variant of another name, or {note}" in printed
    assert note in table.read_text("utf-8")
    assert "another variant than that of your name" in run()[1]
    student(handed_in, monkeypatch, "Anna", outcome(variant=own))
    run("--merge", handed_in, "--html", table)
    assert note not in table.read_text("utf-8")
    assert "another variant" not in run()[1]


def test_the_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    assert "No exercise has been checked yet" in run()[1]
    assert "needs your name" in run("--html", tmp_path / "score.html")[1]
    assert "add --merge" in run(tmp_path)[1]
    assert "hostlab score --merge anna.html" in run("--merge", tmp_path)[1]
    assert "None of the files" in run("--merge", tmp_path, "--html", tmp_path / "class.html")[1]
    assert "cannot be written" in run("--name", "Anna", "--html", tmp_path)[1]
    page = tmp_path / "score.html"
    assert run("--html", page)[0] == 0 and pages.handed_in(page).name == "Anna"


def test_the_command_prints_a_table_and_says_what_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    add_outcome(outcome())
    status, printed = run()
    assert status == 0 and "3. What would a million cost?" in printed and "solved" in printed
    file = record.path()
    file.write_text(file.read_text("utf-8").replace('"tries":1', '"tries":0'), "utf-8")
    assert "was changed by hand. These of its lines are not counted: 1." in run()[1]

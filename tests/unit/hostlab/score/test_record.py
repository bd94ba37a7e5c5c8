"""The record of the exercises: tries, the chain, and writers at the same time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hostlab.errors import BadInput, StateUnusable
from hostlab.runtime.paths import ROOT
from hostlab.score import record
from hostlab.score.record import Outcome, Verdict, add_outcome, load, parse, set_name
from hostlab.score.summary import lessons


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    return tmp_path


def outcome(verdict: Verdict, exercise: int = 1) -> Outcome:
    return Outcome(
        lesson="05_api",
        lesson_title="5. A hosted API",
        check=f"check_{exercise}",
        exercise=exercise,
        of=4,
        title=f"Exercise {exercise}",
        verdict=verdict,
    )


def test_tries_are_judged_solutions_until_the_first_right_one() -> None:
    for verdict in ("--", "not here", "FAIL", "no service", "FAIL", "--", "OK", "FAIL", "OK"):
        add_outcome(outcome(verdict))
    assert [one.tries for one in load().outcomes] == [0, 0, 1, 1, 2, 2, 3, 3, 3]
    [lesson] = lessons(load().outcomes)
    assert lesson.exercises[1].solved and lesson.exercises[1].tries == 3
    assert lesson.exercises[1].at == load().outcomes[6].at  # when it was solved
    assert (lesson.solved, lesson.of) == (1, 4)


def test_an_exercise_is_not_begun_not_solved_or_solved() -> None:
    for number, verdict in enumerate(("--", "FAIL", "OK"), start=1):
        add_outcome(outcome(verdict, number))
    [lesson] = lessons(load().outcomes)
    assert [one.state for one in lesson.exercises.values()] == ["not_begun", "not_solved", "solved"]


def test_the_name_is_set_once() -> None:
    assert load().name is None
    assert set_name("  Anna   Петрова ") == "Anna Петрова"
    assert set_name("Anna Петрова") == load().name == "Anna Петрова"
    with pytest.raises(BadInput, match="already that of Anna Петрова"):
        set_name("Boris")
    with pytest.raises(BadInput, match="1 to 80"):
        set_name(" ")


def three_lines() -> list[str]:
    set_name("Anna")
    for verdict in ("FAIL", "OK"):
        add_outcome(outcome(verdict))
    assert load().changed == []
    return list(load().lines)


def test_a_line_that_was_changed_is_noticed_and_not_counted() -> None:
    lines = three_lines()
    lines[1] = lines[1].replace('"FAIL"', '"OK"')
    assert parse(lines).changed == [2]
    assert [one.verdict for one in parse(lines).outcomes] == ["OK"]


def test_a_line_that_was_removed_moved_or_made_up_is_noticed() -> None:
    one, two, three = three_lines()
    assert parse([one, three]).changed == [2]
    assert parse([two, three]).changed == [1]
    assert parse([one, three, two]).changed == [2, 3]
    assert parse([one, two, "0" * 64 + two[64:], three]).changed == [3, 4]
    assert parse([one, "", two, three, "what is this?"]).changed == [2, 3, 5]


def test_what_was_changed_stays_noticed_when_checks_go_on(home: Path) -> None:
    lines = three_lines()
    record.path().write_text("\n".join([lines[0], "garbage \x00", *lines[1:]]), encoding="utf-8")
    add_outcome(outcome("OK", 2))
    assert load().changed == [2, 3]
    assert [one.exercise for one in load().outcomes] == [1, 2]


def test_bytes_that_are_no_text_are_noticed_too() -> None:
    three_lines()
    record.path().write_bytes(record.path().read_bytes() + b"\xff\xfe\x00\n")
    add_outcome(outcome("OK", 2))
    assert load().changed == [4] and len(load().outcomes) == 3


def test_a_record_that_cannot_be_written_is_a_sentence() -> None:
    record.path().mkdir()
    with pytest.raises(StateUnusable, match="The record of your score cannot be used"):
        add_outcome(outcome("OK"))


WRITER = """
from tests.unit.hostlab.score.test_record import outcome
from hostlab.score.record import add_outcome
for number in range(15):
    add_outcome(outcome("FAIL"))
"""


def test_programs_that_write_at_the_same_time_lose_nothing() -> None:
    def write(_: int) -> int:
        return subprocess.run([sys.executable, "-c", WRITER], cwd=ROOT, timeout=120).returncode

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(write, range(3))) == [0, 0, 0]
    found = load()
    assert found.changed == [] and len(found.outcomes) == 45
    assert found.outcomes[-1].tries == 45

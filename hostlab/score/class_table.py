"""The teacher's table: the records of many students, one row for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hostlab.score.record import ScoreRecord
from hostlab.score.summary import LessonScore, lessons, other_variants


@dataclass
class StudentRow:
    """One student. `notes` are what the teacher should know about the record."""

    name: str
    file: Path
    record: ScoreRecord
    lessons: dict[str, LessonScore]
    notes: list[str] = field(default_factory=list)

    @property
    def solved(self) -> int:
        """Return how many exercises are solved."""
        return sum(one.solved for one in self.lessons.values())


@dataclass(frozen=True)
class LessonColumns:
    """The columns of one lesson: its name, its title, and the titles of its exercises in order.

    The title of an exercise that no student tried is its number.
    """

    lesson: str
    title: str
    exercises: list[str]


@dataclass(frozen=True)
class ClassTable:
    """The rows by name, the columns by lesson, and why files are left out."""

    rows: list[StudentRow]
    columns: list[LessonColumns]
    left_out: list[str]


def class_table(records: Mapping[Path, ScoreRecord], left_out: list[str]) -> ClassTable:
    """Return the table of the records, which are given by the file that was handed in.

    Of two pages of the same record, the longer one counts. Two names for one record are noted.
    """
    rows: list[StudentRow] = []
    left_out = list(left_out)
    longest_first = sorted(records.items(), key=lambda item: -len(item[1].lines))
    for file, record in longest_first:
        row = _row(file, record)
        same = [one for one in rows if record.lines[:1] and one.record.lines[0] == record.lines[0]]
        if any(one.name == row.name for one in same):
            left_out.append(f"{file} is an earlier page of {row.name}.")
            continue
        for one in same:
            one.notes.append(f"Its record begins like that of {row.name} ({file}).")
            row.notes.append(f"Its record begins like that of {one.name} ({one.file}).")
        rows.append(row)
    rows.sort(key=lambda row: row.name.casefold())
    return ClassTable(rows, _columns(rows), left_out)


def _row(file: Path, record: ScoreRecord) -> StudentRow:
    found = {one.lesson: one for one in lessons(record.outcomes)}
    row = StudentRow(record.name or f"(no name: {file.name})", file, record, found)
    if record.changed:
        numbers = ", ".join(map(str, record.changed))
        row.notes.append(f"Changed by hand, and not counted: line {numbers} of the record.")
    if others := other_variants(record):
        exercises = ", ".join(f"{one.lesson_title}: {one.exercise}. {one.title}" for one in others)
        row.notes.append(
            f"Solved in the variant of another name, or before the name was set: {exercises}."
        )
    return row


def _columns(rows: list[StudentRow]) -> list[LessonColumns]:
    titles: dict[str, LessonColumns] = {}
    for row in rows:
        for name, lesson in row.lessons.items():
            columns = titles.setdefault(name, LessonColumns(name, lesson.title, []))
            missing = range(len(columns.exercises) + 1, lesson.of + 1)
            columns.exercises.extend(str(number) for number in missing)
            for number, exercise in lesson.exercises.items():
                if number <= len(columns.exercises):
                    columns.exercises[number - 1] = f"{number}. {exercise.title}"
    return [titles[name] for name in sorted(titles)]

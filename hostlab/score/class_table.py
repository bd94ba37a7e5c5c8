"""The teacher's table: the records of many students, one row for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hostlab.score.record import ScoreRecord
from hostlab.score.summary import LessonScore, lessons, other_variants
from hostlab.score.texts import Note


@dataclass
class StudentRow:
    """One student. `notes` are what the teacher should know about the record."""

    name: str | None
    file: Path
    record: ScoreRecord
    lessons: dict[str, LessonScore]
    notes: list[Note] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Return the name, or that of the file if there is none."""
        return self.name or f"({self.file.name})"

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
    left_out: list[Note]


def class_table(records: Mapping[Path, ScoreRecord], left_out: list[Note]) -> ClassTable:
    """Return the table of the records, which are given by the file that was handed in.

    Of two pages of the same record, the longer one counts. Two names for one record are noted.
    """
    rows: list[StudentRow] = []
    left_out = list(left_out)
    longest_first = sorted(records.items(), key=lambda item: -len(item[1].lines))
    for file, record in longest_first:
        row = _row(file, record)
        same = [one for one in rows if record.lines[:1] and one.record.lines[0] == record.lines[0]]
        if any(one.label == row.label for one in same):
            left_out.append(Note("left_out.earlier", {"file": file, "name": row.label}))
            continue
        for one in same:
            one.notes.append(_same_beginning(row))
            row.notes.append(_same_beginning(one))
        rows.append(row)
    rows.sort(key=lambda row: row.label.casefold())
    return ClassTable(rows, _columns(rows), left_out)


def _same_beginning(other: StudentRow) -> Note:
    return Note("note.same_beginning", {"name": other.label, "file": other.file})


def _row(file: Path, record: ScoreRecord) -> StudentRow:
    found = {one.lesson: one for one in lessons(record.outcomes)}
    row = StudentRow(record.name, file, record, found)
    if record.changed:
        numbers = ", ".join(map(str, record.changed))
        row.notes.append(Note("note.changed", {"lines": numbers}))
    if others := other_variants(record):
        exercises = ", ".join(f"{one.lesson_title}: {one.exercise}. {one.title}" for one in others)
        row.notes.append(Note("note.other_variant", {"exercises": exercises}))
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

"""What a record says about each exercise and each lesson."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hostlab.score.record import Outcome, ScoreRecord
from hostlab.score.variant import draw


@dataclass(frozen=True)
class ExerciseScore:
    """One exercise. `at` is when it was solved, or else when it was last checked."""

    title: str
    solved: bool
    tries: int
    at: datetime

    @property
    def state(self) -> Literal["solved", "not_solved", "not_begun"]:
        """Return the state. The texts have a word or two for each."""
        if self.solved:
            return "solved"
        return "not_solved" if self.tries else "not_begun"


@dataclass
class LessonScore:
    """One lesson of which an exercise was checked. `exercises` are those that were, by number."""

    lesson: str
    title: str
    of: int
    exercises: dict[int, ExerciseScore] = field(default_factory=dict)

    @property
    def solved(self) -> int:
        """Return how many exercises are solved."""
        return sum(one.solved for one in self.exercises.values())


def lessons(outcomes: Iterable[Outcome]) -> list[LessonScore]:
    """Return the lessons in order. Titles are those of the newest outcome."""
    found: dict[str, LessonScore] = {}
    for one in outcomes:
        lesson = found.setdefault(one.lesson, LessonScore(one.lesson, one.lesson_title, one.of))
        lesson.title, lesson.of = one.lesson_title, one.of
        before = lesson.exercises.get(one.exercise)
        solved_before = before is not None and before.solved
        lesson.exercises[one.exercise] = ExerciseScore(
            title=one.title,
            solved=solved_before or one.verdict == "OK",
            tries=one.tries,
            at=before.at if before and solved_before else one.at,
        )
    return [found[name] for name in sorted(found)]


def other_variants(record: ScoreRecord) -> list[Outcome]:
    """Return what was solved only in a variant that does not belong to the record's name."""
    found: dict[tuple[str, str], Outcome] = {}
    own: set[tuple[str, str]] = set()
    for one in record.outcomes:
        if one.verdict == "OK" and one.variant:
            exercise = one.lesson, one.check
            found[exercise] = one
            if one.variant == draw(record.name or "", one.variant.of, *exercise):
                own.add(exercise)
    return [one for exercise, one in sorted(found.items()) if exercise not in own]

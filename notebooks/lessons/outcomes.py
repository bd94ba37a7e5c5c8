"""Writes what a check found to the student's record, which `hostlab score` shows."""

from collections.abc import Callable
from typing import Any

from hostlab.errors import HostingLabError
from hostlab.score import record
from hostlab.score.record import Outcome, Verdict
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.variant import EXERCISES

texts = LessonTexts("exercises")

# The lesson whose exercises a module checks.
LESSONS = {
    "check_overview": "00_overview",
    "check_in_process": "01_in_process",
    "check_engines": "01_in_process",
    "check_separate_process": "02_separate_process",
    "check_docker": "03_docker",
    "check_scaling": "03_docker",
    "check_kubernetes": "04_kubernetes",
    "check_autoscaling": "04_kubernetes",
    "check_api": "05_api",
    "check_compare": "06_compare",
    "check_defense": "06_compare",
    "check_project": "07_project",
}
TITLE = "title"  # of the lesson, in the table of its exercises


def record_outcome(check: Callable[..., Any], verdict: Verdict) -> str | None:
    """Record what a check found, and return None, or else the reason why it is not recorded.

    A function in another module than those of the lessons, such as a test's, is not recorded.
    """
    lesson = LESSONS.get(check.__module__.rpartition(".")[2])
    if lesson is None:
        return None
    try:
        record.add_outcome(_outcome(lesson, check.__name__, verdict))
    except HostingLabError as error:
        return texts("unrecorded", message=error)
    return None


def _outcome(lesson: str, check: str, verdict: Verdict) -> Outcome:
    titles = texts.table(lesson)
    checks = [name for name in titles if name != TITLE]
    variants = EXERCISES.get((lesson, check))
    return Outcome(
        lesson=lesson,
        lesson_title=titles[TITLE],
        check=check,
        exercise=checks.index(check) + 1,
        of=len(checks),
        title=titles[check],
        verdict=verdict,
        variant=variants.drawn() if variants else None,
    )

"""The variants of exercises whose answer a neighbor could hand over: a number, a word, a label.

The variants of an exercise are equally hard. The name in the student's record decides on one, which
is always the same (hostlab/score/variant.py). A student without a name gets that of an empty name.

In the notebook, `SHARE.show()` prints what the student has to use, and returns it. The check asks
`SHARE.own()` itself, so that the right answer to another variant is wrong. The record has the
variant, and the teacher's table notes one that does not belong to the name.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from hostlab.errors import HostingLabError
from hostlab.score import record
from hostlab.score.variant import Variant, draw
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("variant")

Value = TypeVar("Value", int, str)


@dataclass(frozen=True)
class Variants(Generic[Value]):
    """The variants of the exercise that the function `check` of a lesson checks."""

    lesson: str
    check: str
    values: tuple[Value, ...]

    def drawn(self) -> Variant:
        """Return which variant is this student's."""
        return draw(student_name(), len(self.values), self.lesson, self.check)

    def own(self) -> Value:
        """Return what this student has to use."""
        return self.values[self.drawn().number - 1]

    def show(self) -> Value:
        """Return what this student has to use, and print it."""
        if not student_name():
            print(texts("no_name"))
        value = self.own()
        print(texts.table("own")[self.check].format(value=value))
        return value


def student_name() -> str:
    """Return the name in this user's record, or an empty one."""
    try:
        return record.load().name or ""
    except HostingLabError:
        return ""


# Percent of the best throughput
SHARE = Variants("00_overview", "check_texts_at_once", (50, 80))
# What the sentence is about. In English, because the model reads nothing else
WORD = Variants("00_overview", "check_weak_spot", ("phone", "hotel", "train", "soup", "camera"))
# After how many seconds of failures the pod gets no more requests. Even, so that two periods fit
UNREADY_S = Variants("04_kubernetes", "check_probe", (4, 6, 8, 10))
# The limit for p95, as a multiple of the p50 of one user. So far apart that a measurement on a busy
# laptop tells them apart
TIMES_P50 = Variants("06_compare", "check_users", (8, 12, 5))
COMPANY = Variants("06_compare", "check_defense", ("bank", "game", "museum"))

EXERCISES: dict[tuple[str, str], Variants[int] | Variants[str]] = {
    (one.lesson, one.check): one for one in (SHARE, WORD, UNREADY_S, TIMES_P50, COMPANY)
}

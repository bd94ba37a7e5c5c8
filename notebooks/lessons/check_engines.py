"""The check of lesson 01's exercise on int8: speed against agreement.

First, two models whose speed and labels are known tell whether the student's figures are right.
Then the student's function measures the two real ones.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

from deployments.model.classifier import Classifier
from deployments.model.loading import load_classifier
from hostlab.measure.parts.engines import evaluation_texts
from hostlab.runtime import exports
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, run

texts = LessonTexts("in_process")

KNOWN = 40  # texts for the models whose speed is known
MS_PER_TEXT, TIMES = 12.0, 3.0
DIFFERENT_EACH = 5  # every fifth label differs
TOLERANCE = 0.3  # of the ratio of two times: a busy computer makes both of them longer
TEXTS = 200


class TextClassifier(Protocol):
    """What the student's function gets."""

    def predict(self, texts: list[str]) -> list[tuple[str, float]]:
        """Return the label and the score of each text."""


class Paced:
    """A model that takes a known time for each text and changes every n-th label."""

    def __init__(self, known: list[str], ms_per_text: float, different_each: int | None) -> None:
        self._known, self._ms, self._each = known, ms_per_text, different_each

    def predict(self, texts: list[str]) -> list[tuple[str, float]]:
        time.sleep(len(texts) * self._ms / 1000)
        return [(self._label(self._known.index(text)), 0.9) for text in texts]

    def _label(self, number: int) -> str:
        changed = self._each is not None and number % self._each == 0
        return "NEGATIVE" if changed else "POSITIVE"


@check
def check_speed_and_agreement(
    speed_and_agreement: Callable[[TextClassifier, TextClassifier, list[str]], Any],
    classifier: Classifier,
) -> str:
    """Call the student's function with two known models, and then with fp32 and int8."""
    doing(texts("int8_paced"))
    known = [f"text number {number}" for number in range(KNOWN)]
    slow, fast = Paced(known, MS_PER_TEXT, None), Paced(known, MS_PER_TEXT / TIMES, DIFFERENT_EACH)
    times, share = _pair(run(speed_and_agreement, slow, fast, list(known)))
    _judge_times(times)
    _judge_share(share)
    some = evaluation_texts()[:TEXTS]
    doing(texts("int8_real", count=len(some)))
    exports.provide_int8()
    int8 = load_classifier(engine="onnx-int8")
    times, share = _pair(run(speed_and_agreement, classifier, int8, list(some)))
    scores = zip(classifier.predict(some), int8.predict(some), strict=True)
    most = max(abs(one[1] - other[1]) for one, other in scores)
    return texts("int8_ok", times=times, share=share, most=most)


def _pair(found: Any) -> tuple[float, float]:
    if is_missing(found):
        raise NotSolved(texts("int8_unsolved"))
    try:
        times, share = map(float, found)
    except (TypeError, ValueError) as error:
        raise Wrong(texts("int8_no_pair", found=found)) from error
    return times, share


def _judge_times(times: float) -> None:
    if abs(times * TIMES - 1) < TOLERANCE:
        raise Wrong(texts("int8_upside_down", times=TIMES, found=times))
    if abs(times / TIMES - 1) > TOLERANCE:
        raise Wrong(texts("int8_times", times=TIMES, found=times))


def _judge_share(share: float) -> None:
    right = KNOWN - len(range(0, KNOWN, DIFFERENT_EACH))
    if share > 1:
        raise Wrong(texts("int8_percent", found=share))
    if abs(share - right / KNOWN) > 0.001:
        expected = right / KNOWN
        raise Wrong(texts("int8_share", right=right, count=KNOWN, share=expected, found=share))

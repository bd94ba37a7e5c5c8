"""The checks of lesson 00. They measure the model itself, loaded in the notebook."""

import re
import time
from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from deployments.model.classifier import Classifier
from hostlab.measure.load.texts import TEXTS
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.variant import SHARE, WORD
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, run

texts = LessonTexts("overview")

MAX_TEXTS = 64  # in one request, by the services' contract
NOISE = 0.1  # of a laptop, as a share of the best throughput: how far off a size may be
ROUNDS = 8
SURE = 0.8
WEAK_LABEL = "NEGATIVE"  # what a person reads in the sentence of exercise 3
WARM_UP, WARM = 5, 60


@check
def check_p95(p95: Callable[[list[float], int], float], classifier: Classifier) -> str:
    """Call the function with new measurements, whose warm-up is slow on purpose."""
    measured = [_milliseconds(classifier, [TEXTS[0]] * 32) for _ in range(WARM_UP)] + [
        _milliseconds(classifier, [TEXTS[0]]) for _ in range(WARM)
    ]
    found = run(p95, list(measured), WARM_UP)
    if is_missing(found):
        raise NotSolved(texts("p95_unsolved"))
    if not isinstance(found, int | float):
        raise Wrong(texts("p95_no_number", found=found))
    warm = sorted(measured[WARM_UP:])
    if _is_p95(found, warm):
        return texts("p95_ok", found=found, count=WARM)
    if found < warm[0] / 10:
        raise Wrong(texts("p95_unit", found=found))
    if found > warm[-1] or _is_p95(found, sorted(measured)):
        raise Wrong(texts("p95_warm_up", found=found))
    raise Wrong(
        texts("p95_wrong", found=found, count=WARM, share=np.mean([one < found for one in warm]))
    )


def _is_p95(found: float, ordered: list[float]) -> bool:
    """Return whether `found` is the 95th percentile by any usual definition."""
    below = int(0.95 * (len(ordered) - 1))
    return ordered[below] * 0.999 <= found <= ordered[below + 1] * 1.001


@check
def check_texts_at_once(
    texts_at_once: Any, ms_per_text: dict[int, float], classifier: Classifier
) -> str:
    """Read the student's number off their own measurement, or measure again.

    `ms_per_text` is what the lesson measured for its plot: on a busy computer, it may differ from
    what is measured now, and a number that is right by it is right. Measured again, the sizes
    alternate, and the best of at least three rounds counts: other work on this computer can only
    make a size look slow.
    """
    if is_missing(texts_at_once):
        raise NotSolved(texts("batch_unsolved"))
    if not isinstance(texts_at_once, int) or not 1 <= texts_at_once <= MAX_TEXTS:
        raise Wrong(texts("batch_no_number", found=texts_at_once, limit=MAX_TEXTS))
    share = SHARE.own() / 100
    if {1, texts_at_once} <= ms_per_text.keys() and _is_right(texts_at_once, ms_per_text, share):
        return _right(texts_at_once, ms_per_text, share)
    doing(texts("batch_doing"))
    sizes = {1, 2, 4, 8, 16, 32, 64, texts_at_once}
    ms_per_text = dict.fromkeys(sizes, inf)
    for number in range(1, ROUNDS + 1):
        for size in sizes:
            ms_per_text[size] = min(
                ms_per_text[size],
                *(_milliseconds(classifier, [TEXTS[0]] * size) / size for _ in range(2)),
            )
        if number >= 3 and _is_right(texts_at_once, ms_per_text, share):
            return _right(texts_at_once, ms_per_text, share)
    mine, best = ms_per_text[texts_at_once], min(ms_per_text.values())
    smaller = _smaller(texts_at_once, ms_per_text, share + NOISE)
    if best / mine < share - NOISE or smaller is None:
        raise Wrong(texts("batch_slow", found=texts_at_once, share=share, mine=mine, best=best))
    raise Wrong(
        texts(
            "batch_large",
            found=texts_at_once,
            share=share,
            whole=mine * texts_at_once,
            smaller=smaller,
            smaller_ms=ms_per_text[smaller],
            smaller_whole=ms_per_text[smaller] * smaller,
            mine=mine,
        )
    )


def _is_right(size: int, ms_per_text: dict[int, float], share: float) -> bool:
    """Return whether a size reaches the share of the best, and no size of at most half does."""
    is_fast = min(ms_per_text.values()) / ms_per_text[size] >= share - NOISE
    return is_fast and _smaller(size, ms_per_text, share + NOISE) is None


def _right(size: int, ms_per_text: dict[int, float], share: float) -> str:
    mine = ms_per_text[size]
    return texts(
        "batch_ok", found=size, share=share, mine=mine, alone=ms_per_text[1], whole=mine * size
    )


def _smaller(size: int, ms_per_text: dict[int, float], share: float) -> int | None:
    """Return the smallest size of at most half of `size` that reaches this share of the best."""
    best = min(ms_per_text.values())
    halves = (one for one in sorted(ms_per_text) if one <= size / 2)
    return next((one for one in halves if best / ms_per_text[one] >= share), None)


@check
def check_weak_spot(weak_text: Any, clue: Any, classifier: Classifier) -> str:
    """Classify the student's sentence, which the model should get wrong, and the clue in it.

    No program knows what a person would say. But the words that tell a person so are in the
    sentence, and on their own the model understands them.
    """
    if not isinstance(weak_text, str) or not weak_text.strip() or is_missing(clue):
        raise NotSolved(texts("weak_unsolved"))
    if not isinstance(clue, str) or clue not in weak_text or len(clue) == len(weak_text):
        raise Wrong(texts("weak_no_clue", found=clue))
    if any(letter.isalpha() and not letter.isascii() for letter in weak_text):
        raise Wrong(texts("weak_language"))
    if (word := WORD.own()) not in re.findall(r"\w+", weak_text.lower()):
        raise Wrong(texts("weak_word", word=word))
    [(label, score), (clue_label, clue_score)] = classifier.predict([weak_text, clue])
    if label == WEAK_LABEL:
        raise Wrong(texts("weak_agrees", label=label, score=score))
    if clue_label != WEAK_LABEL:
        raise Wrong(texts("weak_clue", clue=clue, label=clue_label, truth=WEAK_LABEL))
    if score <= SURE:
        raise Wrong(texts("weak_unsure", label=label, score=score, bound=SURE))
    return texts(
        "weak_ok", clue=clue, clue_score=clue_score, truth=WEAK_LABEL, label=label, score=score
    )


def _milliseconds(classifier: Classifier, batch: list[str]) -> float:
    start = time.perf_counter()
    classifier.predict(batch)
    return (time.perf_counter() - start) * 1000

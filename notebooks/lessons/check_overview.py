"""The checks of lesson 00. They measure the model itself, loaded in the notebook."""

import time
from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from deployments.model.classifier import Classifier
from hostlab.measure.load.texts import TEXTS
from notebooks.lessons import texts
from notebooks.lessons.verdict import NotSolved, Wrong, check, is_missing, run

MAX_TEXTS = 64  # in one request, by the services' contract
# As a share of the best throughput. The difference of two good numbers is below a laptop's noise.
GOOD_ENOUGH = 0.8
ROUNDS = 12
SURE = 0.8
WARM_UP, WARM = 5, 60


@check
def check_p95(p95: Callable[[list[float], int], float], classifier: Classifier) -> str:
    """Call the function with new measurements, whose warm-up is slow on purpose."""
    measured = [_milliseconds(classifier, [TEXTS[0]] * 32) for _ in range(WARM_UP)] + [
        _milliseconds(classifier, [TEXTS[0]]) for _ in range(WARM)
    ]
    found = run(p95, list(measured), WARM_UP)
    if is_missing(found):
        raise NotSolved(texts.P95_UNSOLVED)
    if not isinstance(found, int | float):
        raise Wrong(texts.P95_NO_NUMBER.format(found=found))
    warm = sorted(measured[WARM_UP:])
    if _is_p95(found, warm):
        return texts.P95_OK.format(found=found, count=WARM)
    if found < warm[0] / 10:
        raise Wrong(texts.P95_UNIT.format(found=found))
    if found > warm[-1] or _is_p95(found, sorted(measured)):
        raise Wrong(texts.P95_WARM_UP.format(found=found))
    raise Wrong(
        texts.P95_WRONG.format(
            found=found, count=WARM, share=np.mean([one < found for one in warm])
        )
    )


def _is_p95(found: float, ordered: list[float]) -> bool:
    """Return whether `found` is the 95th percentile by any usual definition."""
    below = int(0.95 * (len(ordered) - 1))
    return ordered[below] * 0.999 <= found <= ordered[below + 1] * 1.001


@check
def check_texts_at_once(texts_at_once: Any, classifier: Classifier) -> str:
    """Time one text in batches of several sizes, including the student's.

    The sizes alternate, and the best of at least three rounds counts: other work on this computer
    can only make a size look slow.
    """
    if is_missing(texts_at_once):
        raise NotSolved(texts.BATCH_UNSOLVED)
    if not isinstance(texts_at_once, int) or not 1 <= texts_at_once <= MAX_TEXTS:
        raise Wrong(texts.BATCH_NO_NUMBER.format(found=texts_at_once, limit=MAX_TEXTS))
    sizes = {1, 4, 16, 32, 64, texts_at_once}
    ms_per_text: dict[int, float] = dict.fromkeys(sizes, inf)
    for number in range(1, ROUNDS + 1):
        for size in sizes:
            ms_per_text[size] = min(
                ms_per_text[size],
                *(_milliseconds(classifier, [TEXTS[0]] * size) / size for _ in range(2)),
            )
        mine, best = ms_per_text[texts_at_once], min(ms_per_text.values())
        if number >= 3 and best / mine >= GOOD_ENOUGH:
            break
    if best / mine < GOOD_ENOUGH:
        raise Wrong(texts.BATCH_SLOW.format(found=texts_at_once, mine=mine, best=best))
    return texts.BATCH_OK.format(found=texts_at_once, mine=mine, alone=ms_per_text[1])


@check
def check_weak_spot(weak_text: Any, truth: Any, classifier: Classifier) -> str:
    """Classify the student's sentence, which the model should get wrong."""
    if not isinstance(weak_text, str) or not weak_text.strip() or is_missing(truth):
        raise NotSolved(texts.WEAK_UNSOLVED)
    if truth not in classifier.labels:
        raise Wrong(texts.WEAK_NO_LABEL.format(found=truth, labels=", ".join(classifier.labels)))
    [(label, score)] = classifier.predict([weak_text])
    if label == truth:
        raise Wrong(texts.WEAK_AGREES.format(label=label, score=score))
    if score <= SURE:
        raise Wrong(texts.WEAK_UNSURE.format(label=label, score=score, bound=SURE))
    return texts.WEAK_OK.format(truth=truth, label=label, score=score)


def _milliseconds(classifier: Classifier, batch: list[str]) -> float:
    start = time.perf_counter()
    classifier.predict(batch)
    return (time.perf_counter() - start) * 1000

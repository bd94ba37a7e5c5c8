"""Whether the methods of a comparison agree, and which of them failed, in sentences."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from demo.formatting import score
from demo.tabs.compare.comparison import Comparison, MethodRow
from demo.texts import Texts
from hostlab.measure.comparison import MeasuredPrediction

_EQUAL_SCORES = 0.00005  # scores that differ by less are equal to four decimals


@dataclass(frozen=True)
class Agreement:
    """Whether the methods give the same labels, and the sentences that say so."""

    agree: bool
    sentence: str


def agreement(comparison: Comparison, texts: Texts) -> Agreement | None:
    """Return what the methods agree on; None while there is no prediction."""
    labeled = [row for row in comparison.rows if row.labeled]
    if comparison.stage == "asking" or not labeled:
        return None
    found = _on_several if len(comparison.texts) > 1 else _on_one
    failed = ", ".join(texts.title(row.method) for row in _failed(comparison))
    agree, sentences = found(comparison, labeled, texts)
    if failed:
        sentences.insert(1, texts("compare.failed", methods=failed))
    elif len(labeled) == 1:
        sentences.append(texts("compare.start_second"))
    return Agreement(agree, ("" if agree else "≠ ") + " ".join(sentences))


def labels(predictions: Iterable[MeasuredPrediction]) -> str:
    """Return a single label as it is, several with how often each occurs."""
    counted = Counter(prediction.label for prediction in predictions)
    if counted.total() == 1:
        return next(iter(counted)) or ""
    return ", ".join(f"{count} × {label}" for label, count in counted.most_common())


def _failed(comparison: Comparison) -> list[MethodRow]:
    """Return the methods that failed before they had predicted every text."""
    return [
        row for row in comparison.rows if row.error and len(row.labeled) < len(comparison.texts)
    ]


def _on_one(
    comparison: Comparison, labeled: list[MethodRow], texts: Texts
) -> tuple[bool, list[str]]:
    given, count, total = sorted(comparison.labels), len(labeled), len(comparison.rows)
    if len(given) > 1:
        return False, [texts("compare.disagree", labels=", ".join(given))]
    if count == 1:
        return True, [texts("compare.one", method=texts.title(labeled[0].method), label=given[0])]
    name = "compare.agree" if count == total else "compare.agree_some"
    return True, [
        texts(name, label=given[0], count=count, total=total),
        *_spread(comparison, texts),
    ]


def _on_several(
    comparison: Comparison, labeled: list[MethodRow], texts: Texts
) -> tuple[bool, list[str]]:
    agreed, compared = comparison.agreed, comparison.compared
    if not compared:
        title, given = texts.title(labeled[0].method), labels(labeled[0].labeled)
        return True, [texts("compare.one_several", method=title, labels=given)]
    percent = texts.percent(agreed / compared)
    share = texts("compare.share", agreed=agreed, compared=compared, percent=percent)
    return agreed == compared, [share, *_spread(comparison, texts)]


def _spread(comparison: Comparison, texts: Texts) -> list[str]:
    spread = comparison.spread
    if spread is None:
        return []
    name = "compare.spread_none" if spread < _EQUAL_SCORES else "compare.spread"
    return [texts(name, spread=score(spread, texts))]

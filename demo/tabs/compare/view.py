"""What Compare shows: whether the methods agree, predictions, latency, and each text's labels."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from demo.formatting import milliseconds, score
from demo.tabs.compare.comparison import Comparison, MethodRow
from demo.tabs.compare.distribution import LANES, distributions, longest_ms
from demo.tabs.compare.figures import PARTS, LatencySummary
from demo.templating import render
from demo.texts import Texts
from hostlab.measure.comparison import MeasuredPrediction
from hostlab.palette import PART_COLORS, UNKNOWN_COLOR

_COLORS = PART_COLORS | {"unknown": UNKNOWN_COLOR}
_STANDING = {"waiting": "compare.waiting_machine", "stopped": "compare.stopped"}
_EQUAL_SCORES = 0.00005  # scores that differ by less are equal to four decimals


@dataclass(frozen=True)
class Agreement:
    """Whether the methods give the same labels, and the sentence that says so."""

    agree: bool
    sentence: str


@dataclass(frozen=True)
class Segment:
    """One part of a bar. `share` is its length relative to the longest bar."""

    part: str
    value_ms: float
    share: float


@dataclass(frozen=True)
class Bar:
    """One method's mean latency, split into its parts."""

    method: str
    mean_ms: float
    segments: list[Segment]
    description: str


def results(comparison: Comparison, texts: Texts) -> Markup:
    """Return where a comparison stands, and everything that is known so far."""
    rows, done = comparison.rows, comparison.over
    bars = _bars(rows, texts)
    drawn = {segment.part for bar in bars for segment in bar.segments}
    return render(
        "tabs/compare/results.html.j2",
        texts=texts,
        comparison=comparison,
        several=len(comparison.texts) > 1,
        labels=labels,
        part_colors=PART_COLORS,
        progress=_progress(comparison, texts),
        agreement=_agreement(comparison, texts),
        bars=bars,
        legend={part: _COLORS[part] for part in _COLORS if part in PARTS or part in drawn},
        distributions=distributions(rows, texts) if done else [],
        longest_ms=longest_ms(rows),
        lanes=LANES,
    )


def labels(predictions: Iterable[MeasuredPrediction]) -> str:
    """Return a single label as it is, several with how often each occurs."""
    counted = Counter(prediction.label for prediction in predictions)
    if counted.total() == 1:
        return next(iter(counted)) or ""
    return ", ".join(f"{count} × {label}" for label, count in counted.most_common())


def _progress(comparison: Comparison, texts: Texts) -> str:
    rows, total = comparison.rows, len(comparison.texts)
    several = total > 1
    if comparison.stage == "asking" and several:
        done = max((len(row.predictions) for row in rows), default=0)
        return texts("compare.asking_several", count=len(rows), done=done, total=total)
    if comparison.stage == "asking":
        return texts("compare.asking", count=len(rows))
    if comparison.stage in _STANDING:
        return texts(_STANDING[comparison.stage])
    if not any(row.labeled for row in rows):
        return texts("compare.done_failed")
    if comparison.stage == "measuring":
        healthy = [row for row in rows if not row.error]
        done = sum(len(row.measured) for row in healthy)
        return texts("compare.measuring", done=done, total=len(healthy) * comparison.repeats)
    return texts("compare.done_several" if several else "compare.done", repeats=comparison.repeats)


def _agreement(comparison: Comparison, texts: Texts) -> Agreement | None:
    labeled = [row for row in comparison.rows if row.labeled]
    if comparison.stage == "asking" or not labeled:
        return None
    if len(comparison.texts) > 1:
        return _agreement_on_several(comparison, labeled[0], texts)
    given = sorted(comparison.labels)
    if len(given) > 1:
        return Agreement(False, "≠ " + texts("compare.disagree", labels=", ".join(given)))
    label, spread = given[0], comparison.spread
    if len(labeled) == 1:
        title = texts.title(labeled[0].method)
        return Agreement(True, texts("compare.one", method=title, label=label))
    if spread is None:
        sentence = texts("compare.agree", label=label)
    elif spread < _EQUAL_SCORES:
        sentence = texts("compare.agree_same", label=label)
    else:
        sentence = texts("compare.agree_spread", label=label, spread=score(spread, texts))
    return Agreement(True, "= " + sentence)


def _agreement_on_several(comparison: Comparison, first: MethodRow, texts: Texts) -> Agreement:
    agreed, compared, spread = comparison.agreed, comparison.compared, comparison.spread
    if not compared:
        title = texts.title(first.method)
        sentence = texts("compare.one_several", method=title, labels=labels(first.labeled))
        return Agreement(True, sentence)
    percent = texts.percent(agreed / compared)
    sentence = texts("compare.share", agreed=agreed, compared=compared, percent=percent)
    if spread is not None:
        equal = spread < _EQUAL_SCORES
        name = "compare.spread_none" if equal else "compare.spread"
        sentence += " " + texts(name, spread=score(spread, texts))
    return Agreement(agreed == compared, ("= " if agreed == compared else "≠ ") + sentence)


def _bars(rows: Sequence[MethodRow], texts: Texts) -> list[Bar]:
    measured = [(row.method, summary) for row in rows if (summary := row.summary)]
    longest = max((summary.mean_ms for _, summary in measured), default=0.0)
    return [_bar(method, summary, longest, texts) for method, summary in measured]


def _bar(method: str, summary: LatencySummary, longest: float, texts: Texts) -> Bar:
    known = {part: value for part in PARTS if (value := getattr(summary.parts_ms, part))}
    parts = known or {"unknown": summary.mean_ms}
    segments = [Segment(part, value, value / longest) for part, value in parts.items()]
    description = "; ".join(
        f"{texts(f'part.{one.part}')} {milliseconds(one.value_ms, texts)}" for one in segments
    )
    return Bar(method, summary.mean_ms, segments, description)

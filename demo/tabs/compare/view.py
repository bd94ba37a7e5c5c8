"""What Compare shows: whether the methods agree, predictions, latency, and each text's labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from demo.formatting import milliseconds
from demo.tabs.compare.agreement import agreement, labels
from demo.tabs.compare.comparison import Comparison, MethodRow
from demo.tabs.compare.distribution import LANES, distributions, longest_ms
from demo.tabs.compare.figures import PARTS, LatencySummary
from demo.templating import render
from demo.texts import Texts
from hostlab.palette import PART_COLORS, UNKNOWN_COLOR

_COLORS = PART_COLORS | {"unknown": UNKNOWN_COLOR}
_STANDING = {"waiting": "compare.waiting_machine", "stopped": "compare.stopped"}


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
        agreement=agreement(comparison, texts),
        bars=bars,
        legend={part: _COLORS[part] for part in _COLORS if part in PARTS or part in drawn},
        distributions=distributions(rows, texts) if done else [],
        longest_ms=longest_ms(rows),
        lanes=LANES,
    )


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

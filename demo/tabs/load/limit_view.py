"""What a search for a limit shows: its state, its steps in charts, its result.

The report shows the same.
"""

import math
from collections.abc import Callable, Iterator

from markupsafe import Markup

from demo.charts import BoundLine, Cross, Line, chart
from demo.tabs.load import run_state
from demo.tabs.load.limit_run import LimitRun
from demo.templating import render
from demo.texts import Texts
from hostlab.measure.limit.measure import LimitRow
from hostlab.measure.limit.search import RateTrial
from hostlab.measure.report.table import number

_SHOWN_S = 30  # the time axis grows in steps of so many seconds
# Trials far beyond a bound are drawn at this multiple of it. Otherwise, the others would be a line
# at the bottom of the chart.
_CLIPPED_AT = 3


def results(run: LimitRun, texts: Texts) -> Markup:
    """Return the result, the charts, and the steps of a search; empty until there are any."""
    if not any(_trials(row) or row.error for row in run.rows):
        return Markup()
    return render(
        "tabs/load/limit_results.html.j2",
        texts=texts,
        run=run,
        percentile=f"p{run.plan.bound.percent}",
        sentences=[sentence(row, run, texts) for row in run.rows if row.ending or run.over],
        charts=list(_charts(run, texts)),
        rate=lambda value: _rate(value, texts),
        number=lambda value: texts.number(number(value)),
    )


def state(run: LimitRun, texts: Texts, ahead: int, behind: int) -> Markup:
    """Return the bound and state of a search, and how many runs are queued behind it."""
    return run_state.state(run, bound(run, texts), _running(run, texts), texts, ahead, behind)


def bound(run: LimitRun, texts: Texts) -> str:
    """Return the bound of a search in a sentence."""
    asked = run.plan.bound
    return texts(
        "limit.asked",
        percentile=f"p{asked.percent}",
        latency=texts.number(f"{asked.latency_ms:g}"),
        errors=texts.number(f"{asked.errors_percent:g}"),
    )


def sentence(row: LimitRow, run: LimitRun, texts: Texts) -> str:
    """Return what was found for a method, and why the search ended if it is not a full result."""
    held, broke = (_rate(one or 0, texts) for one in (row.held_per_s, row.broke_per_s))
    if row.held_per_s and row.broke_per_s:
        found = texts("limit.found", held=held, broke=broke)
    elif row.held_per_s:
        found = texts("limit.found_held", held=held)
    elif row.broke_per_s:
        found = texts("limit.found_broke", broke=broke)
    else:
        found = texts("limit.found_nothing")
    sentences = [f"{texts.title(row.method)}: {found}"]
    if row.generator_bound:
        sentences.append(texts("limit.generator_bound"))
    if row.ending is None:
        sentences.append(texts("limit.stopped"))
    elif row.ending in ("budget", "highest", "failed"):
        sentences.append(texts(f"limit.ended_{row.ending}", error=row.error or ""))
    return " ".join([*sentences, *_unconfirmed(row, texts)])


def _unconfirmed(row: LimitRow, texts: Texts) -> Iterator[str]:
    """Yield the rates whose result is open, and the ends of the interval that were tried once."""
    tried: dict[float, list[RateTrial]] = {}
    for trial in row.trials:
        tried.setdefault(trial.rate_per_s, []).append(trial)
    low, high = row.held_per_s or 0.0, row.broke_per_s or math.inf
    for rate, trials in sorted(tried.items()):
        rate_text, held = _rate(rate, texts), sum(trial.held for trial in trials)
        if low < rate < high:
            yield texts("limit.open", rate=rate_text, held=held, count=len(trials))
        elif rate in (low, high) and len(trials) == 1:
            yield texts("limit.once", rate=rate_text)


def _rate(rate_per_s: float, texts: Texts) -> str:
    return texts.number(f"{rate_per_s:g}")


def _running(run: LimitRun, texts: Texts) -> str:
    if not run.rows or not (trials := _trials(run.rows[-1])):
        return texts("limit.beginning")
    return texts(
        "limit.running",
        method=texts.title(run.rows[-1].method),
        rate=_rate(trials[-1].rate_per_s, texts),
        left=f"{run.left_s:.0f}",
    )


def _charts(run: LimitRun, texts: Texts) -> Iterator[Markup]:
    """Yield the charts of the rate, the percentile, and the errors."""
    asked = run.plan.bound
    latency = texts("limit.bound_ms", value=texts.number(f"{asked.latency_ms:g}"))
    latency_bound = BoundLine(asked.latency_ms, latency)
    errors = texts("numbers.percent", value=texts.number(f"{asked.errors_percent:g}"))
    error_bound = BoundLine(asked.errors_percent, errors)
    percentile = f"p{asked.percent}"
    yield _chart(run, texts, texts("limit.chart_rate"), lambda trial: trial.rate_per_s, None)
    title = texts("limit.chart_latency", percentile=percentile)
    yield _chart(run, texts, title, lambda trial: trial.latency_ms, latency_bound)
    yield _chart(run, texts, texts("limit.chart_errors"), _errors_percent, error_bound)


def _chart(
    run: LimitRun,
    texts: Texts,
    title: str,
    value_of: Callable[[RateTrial], float | None],
    limit: BoundLine | None,
) -> Markup:
    lines: dict[str, Line] = {}
    crosses: dict[str, list[Cross]] = {}
    for row in run.rows:
        points: list[tuple[float, float | None]] = []
        broken: list[Cross] = []
        for trial in _trials(row):
            measured = value_of(trial)
            value, label = _clipped(measured, limit, texts)
            points += [(trial.from_s, value), (trial.until_s, value), (trial.until_s, None)]
            if value is not None and trial is not row.unfinished and _broke(trial, value, limit):
                broken.append(Cross((trial.from_s + trial.until_s) / 2, value, label))
        lines[row.method], crosses[row.method] = points, broken
    longest_s = max((row.elapsed_s for row in run.rows), default=0.0)
    return chart(
        title,
        lines,
        max(1, math.ceil(longest_s / _SHOWN_S)) * _SHOWN_S,
        texts,
        description="; ".join(sentence(row, run, texts) for row in run.rows),
        bound=limit,
        crosses=crosses,
    )


def _clipped(
    value: float | None, limit: BoundLine | None, texts: Texts
) -> tuple[float | None, str]:
    """Return the value to draw, and the true one as text where that is too far up."""
    if value is None or not limit or not limit.value or value <= _CLIPPED_AT * limit.value:
        return value, ""
    return _CLIPPED_AT * limit.value, texts.number(number(value))


def _broke(trial: RateTrial, value: float | None, limit: BoundLine | None) -> bool:
    """Return whether a trial broke the bound by this value; without a limit, by any."""
    return not trial.held and (limit is None or (value is not None and value > limit.value))


def _trials(row: LimitRow) -> list[RateTrial]:
    """Return the trials that count, and the one that runs or was interrupted."""
    return [*row.trials, row.unfinished] if row.unfinished else list(row.trials)


def _errors_percent(trial: RateTrial) -> float | None:
    return 100 * trial.lost / trial.sent if trial.sent else None

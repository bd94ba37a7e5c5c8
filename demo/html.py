"""What the page shows, as HTML: the methods' cards, the table, the bars. Whatever comes from outside is escaped.

The bars are HTML too: they take the page's colours in light and dark, keep their letters' size on a phone and on a projector,
and need no script. The plotting components that were tried do none of the three.
"""

import re
import time
from collections.abc import Iterable
from html import escape

from . import figures
from .board import Card
from .compare import Comparison, Row
from .figures import PARTS, milliseconds
from .look import PART_COLOURS, method_colour
from .texts import Texts

_SIGNS = {"running": "✓", "starting": "◐", "stopping": "◐", "stopped": "○", "failed": "✕", "unavailable": "–"}


def card(card: Card, texts: Texts) -> str:
    """Return one method's state: what a class room needs to see of it."""
    status, job = card.status, card.job
    first, lines = [f"<code>{card.method}</code>"], []
    if card.state == "running":
        url = escape(status.url or "", quote=True)
        first += [_said(texts("services.since", time=_clock(status.since)))] if status.since else []
        first.append(f'<a href="{url}/docs" target="_blank" rel="noopener">{url}</a>')
        lines += [_said(texts("services.by_hand"))] if status.run_id is None else []
    if job:
        lines += [_said(texts("services.unasked"))] if not job.asked else []
        lines.append(_said(job.saying))
    elif status.reason:
        lines.append(_said(status.reason))
    if card.failure:
        log = f"<details><summary>{_said(texts('services.log'))}</summary><pre>{escape(card.failure.log_tail)}</pre></details>"
        lines.append(f"<b>{_said(texts('services.failure'))}</b> {_said(card.failure.message)}{log if card.failure.log_tail else ''}")
    return (
        f'<div class="hl-card" data-method="{card.method}" data-state="{card.state}">{_name(card.method, texts)} '
        f'<span class="hl-state">{_SIGNS[card.state]} {_said(texts(f"services.{card.state}"))}</span>'
        + "".join(f'<div class="hl-quiet">{line}</div>' for line in (" · ".join(f"<span>{one}</span>" for one in first), *lines) if line)
        + "</div>"
    )


def problem(sentence: str) -> str:
    return f'<p class="hl-problem" role="alert">{_said(sentence)}</p>'


def hint(sentence: str) -> str:
    return f'<p class="hl-hint" role="status">{_said(sentence)}</p>'


def stage(sentence: str) -> str:
    return f'<p class="hl-stage" role="status">{_said(sentence)}</p>'


def empty(texts: Texts) -> str:
    return f'<p class="hl-empty">{escape(texts("compare.empty_results"))}</p>'


def results(comparison: Comparison, texts: Texts) -> str:
    """Return where a comparison stands, whether the answers agree, the table and the bars."""
    return stage(_stage(comparison, texts)) + _agreement(comparison, texts) + _table(comparison.rows, texts) + _bars(comparison.rows, texts)


def _stage(comparison: Comparison, texts: Texts) -> str:
    if comparison.stage == "asking":
        return texts("compare.asking", count=len(comparison.rows))
    if all(row.answer.error for row in comparison.rows):
        return texts("compare.done_failed")
    if comparison.stage == "measuring":
        measured = sum(not row.error for row in comparison.rows)
        return texts("compare.measuring", done=sum(len(row.measured) for row in comparison.rows if not row.error), total=measured * comparison.repeats)
    return texts("compare.done", repeats=comparison.repeats)


def _agreement(comparison: Comparison, texts: Texts) -> str:
    labels = comparison.labels
    answered = [row for row in comparison.rows if row.answer and row.answer.label]
    if comparison.stage == "asking" or not answered:
        return ""
    label = escape(min(labels))
    if len(labels) > 1:
        said = "≠ " + texts("compare.disagree", labels=escape(", ".join(sorted(labels))))
    elif len(answered) == 1:
        said = texts("compare.one", method=escape(texts.title(answered[0].method)), label=label)
    elif comparison.spread is None:
        said = "= " + texts("compare.agree", label=label)
    elif comparison.spread < 0.00005:
        said = "= " + texts("compare.agree_same", label=label)
    else:
        said = "= " + texts("compare.agree_spread", label=label, spread=figures.score(comparison.spread))
    return f'<p class="hl-agreement" data-agree="{str(len(labels) == 1).lower()}">{said}</p>'


def _table(rows: Iterable[Row], texts: Texts) -> str:
    groups = (
        f'<th></th><th colspan="3" scope="colgroup">{escape(texts("table.at_once"))}</th><th colspan="7" scope="colgroup">{escape(texts("table.in_turn"))}</th>'
    )
    names = [texts(f"table.{name}") for name in ("method", "label", "score", "latency", "p50", "p95", "mean")] + [texts(f"part.{part}") for part in PARTS]
    heads = "".join(
        f'<th scope="col"{_mark(PARTS[index - 7], texts) if index >= 7 else ""}>{"= " if index == 7 else "+ " if index > 7 else ""}{escape(name)}</th>'
        for index, name in enumerate(names)
    )
    body = "".join(_row(row, names, texts) for row in rows)
    return (
        f'<table class="hl-table"><caption>{escape(texts("table.caption"))}</caption>'
        f"<thead><tr>{groups}</tr><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _mark(part: str, texts: Texts) -> str:
    return f' class="hl-part" style="--colour:{PART_COLOURS[part]}" title="{escape(texts(f"part.{part}_means"), quote=True)}"'


def _row(row: Row, names: list[str], texts: Texts) -> str:
    summary, answer = row.summary, row.answer
    cells = [f'<th scope="row">{_name(row.method, texts)}</th>']
    if row.error and (answer is None or answer.error):
        cells.append(f'<td class="hl-error" colspan="10">✕ {_said(row.error)}</td>')
    elif answer is None:
        cells.append(f'<td class="hl-quiet" colspan="10">{escape(texts("table.waiting"))}</td>')
    else:
        at_once = (f"<b>{escape(answer.label or '')}</b>", figures.score(answer.score), milliseconds(answer.latency_ms))
        in_turn = [getattr(summary, name, None) for name in ("p50_ms", "p95_ms", "mean_ms")]
        parts = [getattr(summary.parts_ms if summary else None, part, None) for part in PARTS]
        ways = [texts("table.at_once_short")] * 3 + [texts("table.in_turn_short")] * 7
        values = [*at_once, *(milliseconds(value) for value in in_turn + parts)]
        cells += [
            f'<td data-name="{escape(name, quote=True)} ({escape(way, quote=True)})" title="{escape(way, quote=True)}">{value}</td>'
            for name, way, value in zip(names[1:], ways, values, strict=True)
        ]
    html = f'<tr data-method="{row.method}">{"".join(cells)}</tr>'
    if row.error and answer and not answer.error:
        said = texts("table.stopped_measuring", count=summary.count, error=row.error) if summary else texts("table.not_measured", error=row.error)
        html += f'<tr class="hl-after"><td class="hl-error" colspan="11">✕ {_said(said)}</td></tr>'
    return html


def _bars(rows: Iterable[Row], texts: Texts) -> str:
    measured = [(row.method, summary) for row in rows if (summary := row.summary)]
    if not measured:
        return ""
    widest = max(summary.mean_ms for _, summary in measured)
    bars, shown = [], set()
    for method, summary in measured:
        parts = {part: value for part in PARTS if (value := getattr(summary.parts_ms, part))} or {"unknown": summary.mean_ms}
        shown |= parts.keys()
        segments = "".join(_segment(part, value, widest, texts) for part, value in parts.items())
        said = "; ".join(f"{texts(f'part.{part}')} {milliseconds(value)}" for part, value in parts.items())
        bars.append(
            f'<div class="hl-bar-name">{_name(method, texts)}</div><div class="hl-bar" role="img" aria-label="{escape(said, quote=True)}">{segments}'
            f"<b>{milliseconds(summary.mean_ms)}</b></div>"
        )
    legend = "".join(
        f'<li class="hl-part" style="--colour:{colour}"><b>{escape(texts(f"part.{part}"))}</b> {escape(texts(f"part.{part}_means"))}</li>'
        for part, colour in PART_COLOURS.items()
        if part in shown or part in PARTS
    )
    return f'<figure class="hl-bars"><figcaption>{escape(texts("bars.title"))}</figcaption><ul>{legend}</ul><div class="hl-grid">{"".join(bars)}</div></figure>'


def _segment(part: str, value: float, widest: float, texts: Texts) -> str:
    name, written = escape(texts(f"part.{part}")), milliseconds(value)
    return f'<span style="--share:{value / widest:.4f};--colour:{PART_COLOURS[part]}" title="{name} {written}"><b>{written}</b><i>{name}</i></span>'


def _name(method: str, texts: Texts) -> str:
    return f'<span class="hl-name" style="--colour:{method_colour(method)}">{escape(texts.title(method))}</span>'


def _said(sentence: str) -> str:
    """Return a sentence as HTML; what stands between backticks is something to type."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence))


def _clock(since: float) -> str:
    """Return a time of today as a clock shows it, an older one with its date."""
    then = time.localtime(since)
    today = then[:3] == time.localtime()[:3]
    return time.strftime("%H:%M:%S" if today else "%d.%m. %H:%M", then)

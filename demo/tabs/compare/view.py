"""What Compare shows: whether the answers agree, the table of answers, the bars, how the latency varies, and each text's labels."""

from collections import Counter
from collections.abc import Iterable
from html import escape
from statistics import fmean

from demo.html import method_name, said_html, stage
from demo.tabs.compare import figures
from demo.tabs.compare.comparison import Comparison, Row
from demo.tabs.compare.figures import PARTS, milliseconds
from demo.tabs.compare.spread import spread
from demo.texts import Texts
from demo.theme import PART_COLOURS


def results(comparison: Comparison, texts: Texts) -> str:
    """Return where a comparison stands, and all that is known so far."""
    several = len(comparison.texts) > 1
    parts = [
        stage(_stage(comparison, texts)),
        _agreement(comparison, texts),
        _table(comparison, texts),
        _bars(comparison.rows, texts),
    ]
    if comparison.stage == "done":
        parts.append(spread(comparison.rows, texts))
    if several and comparison.stage != "asking":
        parts.append(_each_text(comparison, texts))
    return "".join(parts)


def labels(answers: Iterable) -> str:
    """Return one label as it is, several with how often each was given."""
    counted = Counter(answer.label for answer in answers)
    return (
        next(iter(counted), "")
        if len(counted) == 1 == counted.total()
        else ", ".join(f"{count} × {label}" for label, count in counted.most_common())
    )


def _stage(comparison: Comparison, texts: Texts) -> str:
    several = len(comparison.texts) > 1
    if comparison.stage == "asking":
        done = max((len(row.answers) for row in comparison.rows), default=0)
        return (
            texts(
                "compare.asking_several",
                count=len(comparison.rows),
                done=done,
                total=len(comparison.texts),
            )
            if several
            else texts("compare.asking", count=len(comparison.rows))
        )
    if not any(row.answered for row in comparison.rows):
        return texts("compare.done_failed")
    if comparison.stage == "waiting":
        return texts("compare.waiting_turn")
    if comparison.stage == "measuring":
        measured = sum(not row.error for row in comparison.rows)
        return texts(
            "compare.measuring",
            done=sum(len(row.measured) for row in comparison.rows if not row.error),
            total=measured * comparison.repeats,
        )
    return texts("compare.done_several" if several else "compare.done", repeats=comparison.repeats)


def _agreement(comparison: Comparison, texts: Texts) -> str:
    answered = [row for row in comparison.rows if row.answered]
    if comparison.stage == "asking" or not answered:
        return ""
    if len(comparison.texts) > 1:
        return _agreement_of_several(comparison, answered, texts)
    said_labels = comparison.labels
    label = escape(min(said_labels))
    if len(said_labels) > 1:
        said = "≠ " + texts("compare.disagree", labels=escape(", ".join(sorted(said_labels))))
    elif len(answered) == 1:
        said = texts("compare.one", method=escape(texts.title(answered[0].method)), label=label)
    elif comparison.spread is None:
        said = "= " + texts("compare.agree", label=label)
    elif comparison.spread < 0.00005:
        said = "= " + texts("compare.agree_same", label=label)
    else:
        said = "= " + texts(
            "compare.agree_spread", label=label, spread=figures.score(comparison.spread)
        )
    return _agreed(said, len(said_labels) == 1)


def _agreement_of_several(comparison: Comparison, answered: list[Row], texts: Texts) -> str:
    if not comparison.compared:
        return _agreed(
            texts(
                "compare.one_several",
                method=escape(texts.title(answered[0].method)),
                labels=escape(labels(answered[0].answered)),
            ),
            True,
        )
    agree = comparison.agreed == comparison.compared
    said = texts(
        "compare.share",
        agreed=comparison.agreed,
        compared=comparison.compared,
        percent=f"{comparison.agreed / comparison.compared:.0%}",
    )
    if comparison.spread is not None:
        same = comparison.spread < 0.00005
        said += " " + texts(
            "compare.spread_none" if same else "compare.spread",
            spread=figures.score(comparison.spread),
        )
    return _agreed(("= " if agree else "≠ ") + said, agree)


def _agreed(said: str, agree: bool) -> str:
    return f'<p class="hl-agreement" data-agree="{str(agree).lower()}">{said}</p>'


def _table(comparison: Comparison, texts: Texts) -> str:
    several = len(comparison.texts) > 1
    ways = [texts("table.at_once_short")] * 3 + [texts("table.in_turn_short")] * 5
    names = [
        texts(f"table.{name}")
        for name in (
            "label",
            "answered" if several else "score",
            "latency_mean" if several else "latency",
            "mean",
        )
    ]
    names += [texts(f"part.{part}") for part in PARTS]
    groups = f'<th></th><th colspan="3" scope="colgroup">{texts("table.at_once")}</th><th colspan="5" scope="colgroup">{texts("table.in_turn")}</th>'
    heads = f'<th scope="col">{escape(texts("table.method"))}</th>' + "".join(
        f'<th scope="col">{escape(name)}</th>' for name in names[:4]
    )
    heads += "".join(
        f'<th scope="col" class="hl-part" style="--colour:{PART_COLOURS[part]}" title="{escape(texts(f"part.{part}_means"), quote=True)}">'
        f"{'+' if number else '='} {escape(texts(f'part.{part}'))}</th>"
        for number, part in enumerate(PARTS)
    )
    body = "".join(
        _row(row, several, list(zip(names, ways, strict=True)), texts) for row in comparison.rows
    )
    return (
        f'<table class="hl-table hl-answers"><caption>{escape(texts("table.caption"))}</caption>'
        f"<thead><tr>{groups}</tr><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(row: Row, several: bool, heads: list[tuple[str, str]], texts: Texts) -> str:
    summary, answered = row.summary, row.answered
    cells = [f'<th scope="row">{method_name(row.method, texts)}</th>']
    if row.error and not answered:
        cells.append(f'<td class="hl-error" colspan="8">✕ {said_html(row.error)}</td>')
    elif not answered:
        cells.append(f'<td class="hl-quiet" colspan="8">{escape(texts("table.waiting"))}</td>')
    else:
        score = str(len(answered)) if several else figures.score(answered[0].score)
        at_once = (
            f"<b>{escape(labels(answered))}</b>",
            score,
            milliseconds(fmean(answer.latency_ms for answer in answered)),
        )
        in_turn = [
            summary.mean_ms if summary else None,
            *(getattr(summary.parts_ms if summary else None, part, None) for part in PARTS),
        ]
        cells += [
            f'<td data-name="{escape(name, quote=True)} ({escape(way, quote=True)})" title="{escape(way, quote=True)}">{value}</td>'
            for (name, way), value in zip(
                heads, [*at_once, *map(milliseconds, in_turn)], strict=True
            )
        ]
    html = f'<tr data-method="{row.method}">{"".join(cells)}</tr>'
    if row.error and answered:
        said = (
            texts("table.stopped_measuring", count=summary.count, error=row.error)
            if summary
            else texts("table.not_measured", error=row.error)
        )
        html += (
            f'<tr class="hl-after"><td class="hl-error" colspan="9">✕ {said_html(said)}</td></tr>'
        )
    return html


def _bars(rows: Iterable[Row], texts: Texts) -> str:
    measured = [(row.method, summary) for row in rows if (summary := row.summary)]
    if not measured:
        return ""
    widest = max(summary.mean_ms for _, summary in measured)
    bars, shown = [], set()
    for method, summary in measured:
        parts = {part: value for part in PARTS if (value := getattr(summary.parts_ms, part))} or {
            "unknown": summary.mean_ms
        }
        shown |= parts.keys()
        segments = "".join(_segment(part, value, widest, texts) for part, value in parts.items())
        said = "; ".join(
            f"{texts(f'part.{part}')} {milliseconds(value)}" for part, value in parts.items()
        )
        bars.append(
            f'<div class="hl-bar-name">{method_name(method, texts)}</div><div class="hl-bar" role="img" aria-label="{escape(said, quote=True)}">{segments}'
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


def _each_text(comparison: Comparison, texts: Texts) -> str:
    """Return the table of several texts: a line each, with every method's label and score; a line that is not agreed on is marked."""
    heads = "".join(
        f'<th scope="col">{method_name(row.method, texts)}</th>' for row in comparison.rows
    )
    lines = []
    for number, text in enumerate(comparison.texts):
        given = comparison.labels_of(number)
        agree = len(set(given)) < 2
        cells = "".join(_given(row, number, texts) for row in comparison.rows)
        lines.append(
            f'<tr data-agree="{str(agree).lower()}"><th scope="row">{"" if agree else "≠ "}{escape(text)}</th>{cells}</tr>'
        )
    return (
        f'<details class="hl-texts" open><summary>{escape(texts("table.each_text"))}</summary><div class="hl-scroll"><table class="hl-table">'
        f'<thead><tr><th scope="col">{escape(texts("table.text"))}</th>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table></div></details>'
    )


def _given(row: Row, number: int, texts: Texts) -> str:
    name = escape(texts.title(row.method), quote=True)
    if number >= len(row.answered):
        return f'<td data-name="{name}" class="hl-error">✕</td>'
    answer = row.answers[number]
    return (
        f'<td data-name="{name}"><b>{escape(answer.label)}</b> {figures.score(answer.score)}</td>'
    )

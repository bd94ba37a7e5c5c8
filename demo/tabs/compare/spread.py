"""How a latency varies: cold, first and warm apart, and every warm request as a dot over its box.

The figure is SVG whose places are percentages: it takes whatever width there is, and its dots stay round.
"""

from collections.abc import Iterable, Sequence
from html import escape

from demo.html import method_name
from demo.tabs.compare.comparison import Row
from demo.tabs.compare.figures import milliseconds, percentile
from demo.texts import Texts
from demo.theme import method_colour

_LANES = 5  # dots of nearly the same latency lie in lanes, one below the other
_NAMES = ("cold", "first", "p50", "p95", "p99")


def spread(rows: Iterable[Row], texts: Texts) -> str:
    """Return the table with one line for each method that was measured; nothing where none was."""
    measured = [row for row in rows if row.summary]
    if not measured:
        return ""
    longest = max(answer.latency_ms for row in measured for answer in row.measured)
    names = [texts(f"spread.{name}") for name in _NAMES]
    titles = [escape(texts(f"spread.{name}_means"), quote=True) for name in _NAMES]
    heads = f'<th scope="col">{escape(texts("table.method"))}</th>'
    heads += "".join(
        f'<th scope="col" title="{title}">{escape(name)}</th>'
        for name, title in zip(names, titles, strict=True)
    )
    heads += f'<th scope="col"><span class="hl-axis"><span>0</span><span>{milliseconds(longest / 2)}</span><span>{milliseconds(longest)}</span></span></th>'
    groups = f'<th></th><th colspan="2" scope="colgroup">{escape(texts("spread.start"))}</th><th colspan="4" scope="colgroup">{escape(texts("spread.warm"))}</th>'
    body = "".join(_row(row, names, longest, texts) for row in measured)
    return (
        f'<figure class="hl-bars"><figcaption>{escape(texts("spread.title"))}</figcaption><p class="hl-quiet">{escape(texts("spread.legend"))}</p>'
        f'<table class="hl-table hl-spread"><thead><tr>{groups}</tr><tr>{heads}</tr></thead><tbody>{body}</tbody></table></figure>'
    )


def _row(row: Row, names: list[str], longest: float, texts: Texts) -> str:
    summary, start = row.summary, row.start
    values = [
        start.cold_ms if start else None,
        start.first_ms if start else None,
        summary.p50_ms,
        summary.p95_ms,
        summary.p99_ms,
    ]
    cells = "".join(
        f'<td data-name="{escape(name, quote=True)}">{milliseconds(value)}</td>'
        for name, value in zip(names, values, strict=True)
    )
    latencies = [answer.latency_ms for answer in row.measured]
    told = texts(
        "spread.told",
        count=len(latencies),
        least=milliseconds(min(latencies)),
        p50=milliseconds(summary.p50_ms),
        most=milliseconds(max(latencies)),
    )
    strip = f"<td>{_strip(row.method, latencies, longest, told)}</td>"
    return f'<tr data-method="{row.method}"><th scope="row">{method_name(row.method, texts)}</th>{cells}{strip}</tr>'


def _strip(method: str, latencies: Sequence[float], longest: float, told: str) -> str:
    def at(value: float) -> str:
        return f"{value / longest * 100:.2f}%"

    low, middle, high = (percentile(latencies, percent) for percent in (25, 50, 75))
    dots = "".join(
        f'<circle cx="{at(value)}" cy="{20 + number % _LANES * 15}%" r="3.5"/>'
        for number, value in enumerate(latencies)
    )
    return (
        f'<svg class="hl-strip" role="img" aria-label="{escape(told, quote=True)}" style="--colour:{method_colour(method)}"><title>{escape(told)}</title>'
        f'<rect x="{at(low)}" y="8%" width="{at(high - low)}" height="84%"/>{dots}<line x1="{at(middle)}" x2="{at(middle)}" y1="2%" y2="98%"/></svg>'
    )

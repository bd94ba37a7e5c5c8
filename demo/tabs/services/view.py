"""What Services shows of one method: its state, its address, its parts and what they take, how to start it by hand."""

from html import escape

from demo.board import Card
from demo.html import clock, method_name, said_html
from demo.monitor import Seen
from demo.texts import Texts
from hostlab import get

_SIGNS = {
    "running": "✓",
    "starting": "◐",
    "stopping": "◐",
    "stopped": "○",
    "failed": "✕",
    "unavailable": "–",
}
_COLUMNS = ("part", "state", "since", "cpu", "memory", "restarts")


def card(card: Card, texts: Texts) -> str:
    """Return one method's card: what a class room needs to see of it."""
    status, job = card.status, card.job
    first, lines = [f"<code>{card.method}</code>"], []
    if card.state in ("running", "failed") and status.url:
        url = escape(status.url, quote=True)
        first += (
            [said_html(texts("services.since", time=clock(status.since)))] if status.since else []
        )
        first.append(f'<a href="{url}/docs" target="_blank" rel="noopener">{url}</a>')
        lines += [said_html(texts("services.by_hand"))] if status.run_id is None else []
    if job:
        lines += [said_html(texts("services.unasked"))] if not job.asked else []
        doing = "" if job.doing == card.state else texts(f"services.{job.doing}", count=job.saying)
        lines.append(f"◐ {said_html(doing)}" if doing else said_html(job.saying))
    elif status.reason:
        lines.append(said_html(status.reason))
    if card.failure:
        log = f"<details><summary>{said_html(texts('services.log'))}</summary><pre>{escape(card.failure.log_tail)}</pre></details>"
        lines.append(
            f"<b>{said_html(texts('services.failure'))}</b> {said_html(card.failure.message)}{log if card.failure.log_tail else ''}"
        )
    lines.append(f"{said_html(texts('services.start_by_hand'))} {_commands(card.method)}")
    return (
        f'<div class="hl-card" data-method="{card.method}" data-state="{card.state}">{method_name(card.method, texts)} '
        f'<span class="hl-state">{_SIGNS[card.state]} {said_html(texts(f"services.{card.state}"))}</span>'
        + "".join(
            f'<div class="hl-quiet">{line}</div>'
            for line in (" · ".join(f"<span>{one}</span>" for one in first), *lines)
            if line
        )
        + (_parts(card.parts, texts) if card.parts and card.state != "stopped" else "")
        + (_log(card.log, texts) if card.state == "starting" and card.log else "")
        + "</div>"
    )


def _log(log: str, texts: Texts) -> str:
    return f'<pre class="hl-log" aria-label="{escape(texts("services.log"), quote=True)}">{escape(log)}</pre>'


def _commands(method: str) -> str:
    return " + ".join(
        f"<code>{escape(command)}</code>"
        for command in get(method).by_hand or (f"hostlab up {method}",)
    )


def _parts(parts: tuple[Seen, ...], texts: Texts) -> str:
    heads = "".join(f'<th scope="col">{escape(texts(f"parts.{name}"))}</th>' for name in _COLUMNS)
    return f'<table class="hl-table hl-parts"><thead><tr>{heads}</tr></thead><tbody>{"".join(_part(seen, texts) for seen in parts)}</tbody></table>'


def _part(seen: Seen, texts: Texts) -> str:
    part = seen.part
    values = (
        f"{'✓' if part.state == 'running' else '✕' if part.state == 'dead' else '◐'} {texts(f'parts.{part.state}')}",
        clock(part.since) if part.since else "–",
        "–" if seen.cpu_percent is None else f"{seen.cpu_percent:.0f} %",
        "–" if part.memory_bytes is None else f"{part.memory_bytes / 2**20:.0f} MiB",
        str(part.restarts),
    )
    named = zip(_COLUMNS[1:], values, strict=True)
    cells = "".join(
        f'<td data-name="{escape(texts(f"parts.{name}"), quote=True)}">{escape(value)}</td>'
        for name, value in named
    )
    kind = texts(f"parts.{part.kind}", id=part.id[:12])
    return f'<tr data-part="{escape(part.name, quote=True)}" data-state="{part.state}"><th scope="row">{escape(part.name)} <i>{escape(kind)}</i></th>{cells}</tr>'

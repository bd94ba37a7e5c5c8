"""The states of methods in a line each, on the tabs Compare and Dialogue."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from demo.board import Card
from demo.templating import render
from demo.texts import Texts

ICONS = {
    "running": "✓",
    "starting": "◐",
    "stopping": "◐",
    "stopped": "○",
    "failed": "✕",
    "unavailable": "–",
    "dead": "✕",
}
_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True)
class StateLine:
    """A method's state, and a note on how far it is, or why it does not run."""

    method: str
    state: str
    note: str


def state_line(card: Card, texts: Texts) -> StateLine:
    """Return what there is to say about a method in one line. The Services tab has the details."""
    return StateLine(card.method, card.state, _note(card, texts))


def states(lines: Sequence[StateLine], texts: Texts) -> Markup:
    """Return the lines as a list."""
    return render("tabs/method_states.html.j2", texts=texts, lines=lines, icons=ICONS)


def job_progress(card: Card, texts: Texts) -> str:
    """Return what is being done to a method, or how far that is; empty where neither is known."""
    job = card.job
    if job is None:
        return ""
    if job.kind == card.state:
        return job.progress.text(texts.language) if job.progress else ""
    return texts(f"services.{job.kind}", count=job.replicas)


def _note(card: Card, texts: Texts) -> str:
    """Return the first sentence of what there is to say about the state."""
    if card.job:
        return job_progress(card, texts)
    reason = card.failure.message if card.failure else card.status.reason or ""
    return _END_OF_SENTENCE.split(reason, maxsplit=1)[0]

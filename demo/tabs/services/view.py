"""What Services shows of a method: state, address, components, and how to start it by hand."""

from markupsafe import Markup

from demo.board import Card
from demo.templating import render
from demo.texts import Texts
from hostlab import get

_ICONS = {
    "running": "✓",
    "starting": "◐",
    "stopping": "◐",
    "stopped": "○",
    "failed": "✕",
    "unavailable": "–",
    "dead": "✕",
}


def card(card: Card, texts: Texts, linked: bool = False) -> Markup:
    """Return one method's card. `linked`: its address leads somewhere where the card is read."""
    return render(
        "tabs/services/card.html.j2",
        texts=texts,
        card=card,
        linked=linked,
        icons=_ICONS,
        job_progress=_job_progress(card, texts),
        commands=get(card.method).by_hand or (f"hostlab up {card.method}",),
    )


def _job_progress(card: Card, texts: Texts) -> str:
    """Return what is being done to the method, or how far that is; empty where neither is known."""
    job = card.job
    if job is None:
        return ""
    if job.kind == card.state:
        return job.progress
    return texts(f"services.{job.kind}", count=job.replicas)

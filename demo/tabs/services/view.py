"""What Services shows of a method: state, address, components, and how to start it by hand."""

from markupsafe import Markup

from demo.board import Card
from demo.tabs.method_states import ICONS, job_progress
from demo.templating import render
from demo.texts import Texts
from hostlab import get
from hostlab.types import Autoscaler


def card(card: Card, texts: Texts, linked: bool = False) -> Markup:
    """Return one method's card. `linked`: its address leads somewhere where the card is read."""
    return render(
        "tabs/services/card.html.j2",
        texts=texts,
        card=card,
        linked=linked,
        icons=ICONS,
        job_progress=job_progress(card, texts),
        autoscaler=_autoscaler(card.status.autoscaler, texts) if card.status.autoscaler else "",
        commands=get(card.method).by_hand or (f"hostlab up {card.method}",),
    )


def _autoscaler(scaler: Autoscaler, texts: Texts) -> str:
    """Return what the autoscaler aims at, what it has measured, and how far it is."""
    known, target = scaler.utilization_percent, scaler.target_percent
    return texts(
        "services.autoscaler",
        minimum=scaler.minimum,
        maximum=scaler.maximum,
        usage=texts("services.usage_unknown") if known is None else f"{known} %",
        target="–" if target is None else f"{target} %",
        ready=scaler.ready,
        wanted=scaler.wanted,
    )

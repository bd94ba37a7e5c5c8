"""What Services shows of a method: state, address, components, and how to start it by hand."""

from markupsafe import Markup

from demo.board import Card
from demo.tabs.method_states import ICONS, job_progress
from demo.templating import render
from demo.texts import Texts
from hostlab import get


def card(card: Card, texts: Texts, linked: bool = False) -> Markup:
    """Return one method's card. `linked`: its address leads somewhere where the card is read."""
    return render(
        "tabs/services/card.html.j2",
        texts=texts,
        card=card,
        linked=linked,
        icons=ICONS,
        job_progress=job_progress(card, texts),
        commands=get(card.method).by_hand or (f"hostlab up {card.method}",),
    )

"""Pieces of HTML that all tabs share. Whatever comes from outside is escaped.

What the page shows is HTML and SVG of our own: it takes the page's colours in light and dark, keeps its letters' size on a phone
and on a projector, and needs no script. The plotting components that were tried do none of the three.
"""

import re
import time
from html import escape

from demo.texts import Texts
from demo.theme import method_colour


def problem(sentence: str) -> str:
    return f'<p class="hl-problem" role="alert">{said_html(sentence)}</p>'


def hint(sentence: str) -> str:
    return f'<p class="hl-hint" role="status">{said_html(sentence)}</p>'


def stage(sentence: str) -> str:
    return f'<p class="hl-stage" role="status">{said_html(sentence)}</p>'


def empty(texts: Texts, name: str = "compare.empty_results") -> str:
    return f'<p class="hl-empty">{said_html(texts(name))}</p>'


def method_name(method: str, texts: Texts) -> str:
    """Return a method's title with its colour."""
    return f'<span class="hl-name" style="--colour:{method_colour(method)}">{escape(texts.title(method))}</span>'


def said_html(sentence: str) -> str:
    """Return a sentence as HTML; what stands between backticks is something to type."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence))


def clock(since: float) -> str:
    """Return a time of today as a clock shows it, an older one with its date."""
    then = time.localtime(since)
    today = then[:3] == time.localtime()[:3]
    return time.strftime("%H:%M:%S" if today else "%d.%m. %H:%M", then)

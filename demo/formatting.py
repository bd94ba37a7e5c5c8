"""Times and scores as people read them, in the language of the page."""

import time
from datetime import datetime

from demo.texts import Texts


def clock(at: float) -> str:
    """Return a time in Unix seconds as a clock shows it, with the date unless it is today's."""
    then = time.localtime(at)
    today = then[:3] == time.localtime()[:3]
    return time.strftime("%H:%M:%S" if today else "%d.%m. %H:%M", then)


def moment(at: str, pattern: str) -> str:
    """Return a time in ISO 8601 as a clock here shows it; `pattern` is one of strftime."""
    return datetime.fromisoformat(at).astimezone().strftime(pattern)


def milliseconds(value: float | None, texts: Texts) -> str:
    """Return a latency with about three significant digits; a dash where it is unknown."""
    if value is None:
        return "–"
    if value >= 100 or value == 0:
        return texts.number(f"{value:.0f}")
    return texts.number(f"{value:.1f}" if value >= 1 else f"{value:.2f}")


def score(value: float | None, texts: Texts) -> str:
    """Return a probability with four decimals; a dash where the provider reports none."""
    return "–" if value is None else texts.number(f"{value:.4f}")

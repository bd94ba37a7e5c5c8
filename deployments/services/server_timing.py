"""The Server-Timing header: where the time of a request went.

The header is `queue;dur=0.100, model;dur=12.300`, with durations in milliseconds. Services write
it, and the gateway and the clients read it, so both directions are in this module.

Source: https://www.w3.org/TR/server-timing/
"""

import re
from collections.abc import Mapping

HEADER = "Server-Timing"

QUEUE = "queue"  # the texts waited for the model
MODEL = "model"  # the model computed
UPSTREAM = "upstream"  # an external provider was asked, retries included

# A limit on the digits, because a longer number would be read as infinity
_DURATION = r"(\d{1,9}(?:\.\d{1,9})?)(?![\d.])"
_PART = re.compile(rf"\b({QUEUE}|{MODEL}|{UPSTREAM});dur={_DURATION}", re.ASCII)


def format_timing(timing_ms: Mapping[str, float]) -> str:
    """Return the header's value for durations in milliseconds."""
    return ", ".join(f"{name};dur={duration_ms:.3f}" for name, duration_ms in timing_ms.items())


def parse_timing(header: str | None) -> dict[str, float]:
    """Return the milliseconds of each part that the header names. Other metrics are ignored."""
    return {name: float(duration_ms) for name, duration_ms in _PART.findall(header or "")}

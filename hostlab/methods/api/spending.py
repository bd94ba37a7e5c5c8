"""Prevents accidental spending: code that is about to send many requests calls this first."""

from typing import Any

import requests

from hostlab.bounded_http import bounded_session
from hostlab.errors import BadInput

# Of one short text with its instructions, until the service has figures of its own.
TYPICAL_INPUT_TOKENS, TYPICAL_OUTPUT_TOKENS = 60, 3


def check_spending(url: str, texts: int | None, spend: bool = False) -> None:
    """Raise BadInput, with an estimate, if the service at `url` uses a paid provider.

    Does nothing if `spend` is true. `texts` is how many texts are about to be sent, or None if that
    is not known. A service of another method, or one that does not respond, costs nothing.
    """
    if spend or (provider := _provider(url)) is None or not provider["paid"]:
        return
    amount = "an unknown number of texts" if texts is None else f"{texts} texts"
    raise BadInput(
        f"This would send {amount} to {provider['provider']} ({provider['model']}), which is not "
        f"local and charges for each request: {_estimate(provider, texts)}. To do it anyway, add "
        "--spend (in Python, spend=True). The local provider is free: stop `api`, unset "
        "OPENAI_BASE_URL, and start it again."
    )


def _provider(url: str) -> dict[str, Any] | None:
    """Return what the service reports about its provider, or None if it has none."""
    try:
        with bounded_session() as session:
            response = session.get(f"{url}/provider", timeout=5)
            body = response.json() if response.status_code == 200 else None
            return body if isinstance(body, dict) else None
    except (requests.RequestException, ValueError):
        return None


def _estimate(provider: dict[str, Any], texts: int | None) -> str:
    price = provider["price_per_million"]
    if price is None:
        return f"the cost is unknown, because API_PRICES has no price for {provider['model']}"
    known, currency = provider["texts"] - provider["uncounted_texts"], provider["currency"]
    tokens_in = provider["input_tokens"] / known if known else TYPICAL_INPUT_TOKENS
    tokens_out = provider["output_tokens"] / known if known else TYPICAL_OUTPUT_TOKENS
    per_text = (tokens_in * price["input"] + tokens_out * price["output"]) / 1_000_000
    estimate = f"about {per_text:.7f} {currency} a text"
    return estimate if texts is None else f"{estimate}, {per_text * texts:.4f} {currency} in all"

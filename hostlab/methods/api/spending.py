"""Nobody's money is spent by accident: whoever is about to send many requests asks here first."""

import requests

from hostlab.errors import BadInput

TYPICAL_INPUT_TOKENS, TYPICAL_OUTPUT_TOKENS = (
    60,
    3,
)  # of one short text with its instructions, until there is a figure from experience


def check_spending(url: str, texts: int | None, spend: bool = False) -> None:
    """Raise BadInput, with an estimate, where the service at `url` asks a paid provider and `spend` is false.

    `texts` is how many are about to be sent; None: nobody knows. A service of another method, or one that does not answer, costs nothing.
    """
    if spend or (state := _provider(url)) is None or not state["paid"]:
        return
    what = "an unknown number of texts" if texts is None else f"{texts} texts"
    raise BadInput(
        f"This would send {what} to {state['provider']} ({state['model']}), which is not local and is paid for by the request: {_estimate(state, texts)}. "
        "If you mean it, say --spend (in Python: spend=True). The local provider is free: stop `api`, unset OPENAI_BASE_URL, start it again."
    )


def _provider(url: str) -> dict | None:
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{url}/provider", timeout=5)
            said = answer.json() if answer.status_code == 200 else None
            return said if isinstance(said, dict) else None
    except (requests.RequestException, ValueError):
        return None


def _estimate(state: dict, texts: int | None) -> str:
    price = state["price_per_million"]
    if price is None:
        return f"nobody can say how much, because the price table (API_PRICES) has no price for {state['model']}"
    known = state["texts"]
    tokens_in = state["input_tokens"] / known if known else TYPICAL_INPUT_TOKENS
    tokens_out = state["output_tokens"] / known if known else TYPICAL_OUTPUT_TOKENS
    each = (tokens_in * price["input"] + tokens_out * price["output"]) / 1_000_000
    per = f"about {each:.7f} {state['currency']} a text"
    return per if texts is None else f"{per}, {each * texts:.4f} {state['currency']} in all"

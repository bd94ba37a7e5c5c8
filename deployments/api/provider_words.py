"""What a provider says about an error, and what the error is about.

Everybody has another form for errors, and another code for the same one, or none. A gateway such as
LiteLLM replaces the code with the status. What is certain is the words, which come from the
servers' sources and from reports of their users.
"""

import re
from collections.abc import Iterator

import openai

from deployments.services.shortening import shortened

MAX_REASON_CHARACTERS = 300
SHORT_KEY = 12  # characters; a shorter one may also be a part of an ordinary word
_NAMES = ("message", "detail", "msg", "error", "title", "loc")

_TOO_LONG_CODES = ("context_length_exceeded", "string_above_max_length")
_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|maximum model length|exceed_context_size_error"  # most
    r"|n_keep|context the overflows"  # LM Studio
    r"|(?:prompt|input) (?:\(\d+ tokens\) )?is (?:too long|longer than)"  # vLLM, SGLang, Bedrock
    r"|too large for model|request too large|tokens? (?:count )?.{0,20}exceeds? the maximum"
    r"|`inputs` (?:tokens \+ `max_new_tokens` )?must",  # Text Generation Inference
    re.IGNORECASE,
)
# With status 400: Gemini and xAI; and LiteLLM without a database, where it would look for the key
_KEY = re.compile(
    r"(?:incorrect|invalid) api[ _]key|api[ _]key (?:is )?(?:not valid|invalid)|no_db_connection",
    re.IGNORECASE,
)
_NO_CREDIT_CODES = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_NO_CREDIT = re.compile(
    r"exceeded your current quota(?!.*rate-limit)"  # Gemini says so of a minute, and links to that
    r"|billing hard limit|account is not active|budget has been exceeded",  # OpenAI, LiteLLM
    re.IGNORECASE,
)
_FILTER_CODES = ("content_policy_violation", "content_filter", "invalid_prompt")
_FILTER = re.compile(
    r"content management policy|ResponsibleAIPolicyViolation|content exists risk"
    r"|usage policy|safety system",  # OpenAI
    re.IGNORECASE,
)


def words(error: openai.APIStatusError) -> str:
    """Return everything that the provider says about an error, in one line."""
    return f"{error.code or ''} {error.type or ''} {error.param or ''} {_join(error.body)}"


def reason(error: openai.APIStatusError, key: str) -> str:
    """Return the reason that the provider states, in one line and without the key."""
    text = blot(_join(error.body), key)
    if text.lstrip().startswith("<"):
        text = "it sent a web page"
    return shortened(text.strip(), MAX_REASON_CHARACTERS).rstrip(".") or "no reason given"


def is_too_long(error: openai.APIStatusError) -> bool:
    """Return whether the model cannot take a text of this length."""
    if error.status_code == 413 or error.code in _TOO_LONG_CODES:
        return True
    return error.status_code not in (401, 403) and bool(_TOO_LONG.search(words(error)))


def is_filtered(error: openai.APIStatusError) -> bool:
    """Return whether a filter of the provider rejects this text."""
    return error.code in _FILTER_CODES or bool(_FILTER.search(words(error)))


def is_about_key(error: openai.APIStatusError) -> bool:
    """Return whether the provider rejects the key. With status 403, nobody can tell."""
    status = error.status_code
    return status == 401 or (status == 400 and bool(_KEY.search(words(error))))


def is_about_credit(error: openai.APIStatusError) -> bool:
    """Return whether the account has no money or quota left, so that waiting does not help."""
    if error.status_code == 402 or error.code in _NO_CREDIT_CODES:
        return True
    return error.status_code in (400, 422, 429) and bool(_NO_CREDIT.search(words(error)))


def is_about_text(error: openai.APIStatusError) -> bool:
    """Return whether the same request with another text may succeed."""
    return is_too_long(error) or is_filtered(error)


def blot(text: str, key: str) -> str:
    """Return `text` without the key.

    People give short words such as `x` or `none` as keys to servers that need none. These are
    removed as words only: a message has to stay readable.
    """
    pattern = re.escape(key)
    return re.sub(rf"(?<!\w){pattern}(?!\w)" if len(key) < SHORT_KEY else pattern, "[key]", text)


def _join(body: object) -> str:
    line = " ".join("; ".join(dict.fromkeys(_sentences(body))).split())
    # Escape sequences and half surrogate pairs would break a terminal or a response
    return "".join(character if character.isprintable() else "?" for character in line)


def _sentences(body: object, depth: int = 8) -> Iterator[str]:
    """Return the texts in an error, at any depth: `{"error": {"message": …}}`, `[{"error": …}]`,
    `{"message": {"detail": [{"loc": ["body", "top_logprobs"], "msg": …}]}}`, or just a text.
    """
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict | list) and depth:
        inside = body if isinstance(body, list) else [body[name] for name in _NAMES if name in body]
        for one in inside:
            yield from _sentences(one, depth - 1)

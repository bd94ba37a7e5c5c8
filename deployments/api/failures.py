"""What a provider's failures become: for each a problem that says what happened and what to do, and whether asking again may help.

| the provider                      | the client gets             | asked again | the breaker counts it |
| --------------------------------- | --------------------------- | ----------- | --------------------- |
| takes no connection, breaks off   | 502                         | yes         | yes                   |
| is late                           | 504 + Retry-After           | no: it may be working on it, and will send the bill | yes |
| 429, too many requests            | 429 + Retry-After           | yes         | no: it works          |
| 429, no money left on the account | 502                         | no          | no                    |
| 401, 403                          | 502                         | no          | no                    |
| 404, no such model or address     | 502                         | no          | no                    |
| 503, 529 overloaded               | 503 + Retry-After           | yes         | yes                   |
| other 5xx, 408, 409               | 502                         | yes         | yes, 5xx              |
| other 4xx                         | 502; 422 for a long text    | no          | no                    |
| not JSON, not of the form         | 502                         | no          | yes                   |
| a refusal, or no label            | 502                         | no          | no                    |

A key is the service's, not the client's: so a refused key is a failed upstream (502), never a 401.
"""

import email.utils
import math
import time
from dataclasses import dataclass

import httpx2
import openai

from deployments.api.routes import NoLabel, Nonsense
from deployments.services.problems import Problem

_NO_MONEY = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_TOO_LONG = ("context_length_exceeded", "string_above_max_length")
_THIS_TEXT = (*_TOO_LONG, "content_policy_violation", "content_filter", "invalid_prompt")


@dataclass(frozen=True)
class Failure:
    """One failed call. `wait_s` is what the provider asked for (Retry-After), in seconds."""

    status: int
    title: str
    detail: str
    again: bool = False
    broken: bool = False
    wait_s: float | None = None

    def problem(self, tries: int, why_no_more: str = "") -> Problem:
        """Return what the client gets, after so many tries."""
        tried = f" Tried {tries} times." if tries > 1 else ""
        retry_after_s = (
            math.ceil(self.wait_s)
            if self.wait_s is not None
            else 1
            if self.again or self.status == 504
            else None
        )
        return Problem(
            self.status,
            self.title,
            self.detail + tried + why_no_more,
            retry_after_s=retry_after_s,
            attempts=tries,
        )


def understand(error: BaseException, provider: str, key: str, timeout_s: float) -> Failure | None:
    """Return what went wrong at `provider` (its host), or None where the error is not the provider's. `key` is never repeated."""
    if isinstance(error, TimeoutError):
        return _late(provider, timeout_s)
    if isinstance(error, openai.APITimeoutError) and not isinstance(
        error.__cause__, httpx2.ConnectTimeout
    ):
        return _late(provider, timeout_s)
    if isinstance(error, openai.APIConnectionError):
        if isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout):
            detail = f"Nothing takes a connection at {provider}. Is it the right address (OPENAI_BASE_URL), does the provider run, is there internet?"
            return Failure(502, "The provider cannot be reached", detail, again=True, broken=True)
        detail = f"{provider} took the request and broke the connection off before its answer was whole. Ask again; if it stays so, see the provider's status page."
        return Failure(502, "The provider broke off", detail, again=True, broken=True)
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, provider, key)
    if isinstance(error, NoLabel):
        detail = f"{provider} gave no label: {error}. Nothing is guessed. Ask with another text, or another model (OPENAI_MODEL) or question (API_QUESTION)."
        return Failure(502, "The provider gave no label", detail.replace(key, "[key]"))
    if isinstance(error, Nonsense | ValueError | openai.APIError):  # json's error is a ValueError
        why = str(error) if isinstance(error, Nonsense) else "its answer is not JSON"
        detail = f"{provider} answered with status 200, but {why}. Is OPENAI_BASE_URL the address of an API, with its /v1, and not of a web page?"
        return Failure(502, "The provider answered nonsense", detail, broken=True)
    return None


def not_offered(error: BaseException) -> str | None:
    """Return why this says that the provider does not have a way of asking at all, or None where it is about something else."""
    if (
        not isinstance(error, openai.APIStatusError)
        or error.status_code not in (400, 404, 405, 422, 501)
        or error.code in _THIS_TEXT
    ):
        return None
    return f"not offered ({error.status_code})"


def _late(provider: str, timeout_s: float) -> Failure:
    detail = (
        f"{provider} gave no answer within {timeout_s:g} s (UPSTREAM_TIMEOUT_S). It was not asked again: it may still be working on the first "
        "request, and will charge for it. Ask again later, or with fewer texts."
    )
    return Failure(504, "The provider is late", detail, broken=True)


def _of_status(error: openai.APIStatusError, provider: str, key: str) -> Failure:
    status, wait_s = error.status_code, retry_after_s(error.response.headers)
    body = error.body if isinstance(error.body, dict) else {}
    said = " ".join(
        str(body.get("message") or body.get("detail") or "no reason given")
        .replace(key, "[key]")
        .split()
    )[:300].rstrip(".")
    if status in (401, 403):  # what it says then may hold a part of the key
        detail = f"{provider} answered with status {status}: it does not accept the key, or not for this. Set OPENAI_API_KEY to a key of an account there."
        return Failure(502, "The provider does not accept the key", detail)
    if status == 429 and error.code in _NO_MONEY:
        detail = f"{provider} says that the account has no money or quota left. Waiting does not help: see the account's billing page."
        return Failure(502, "The account is used up", detail)
    if status == 429:
        detail = f"{provider} allows this key only so many requests or tokens a minute, and that was too much. Wait as long as Retry-After says, or send less."
        return Failure(
            429, "The provider's rate limit is reached", detail, again=True, wait_s=wait_s
        )
    if status in (503, 529):
        detail = f"{provider} is not ready or overloaded (status {status}): {said}. Wait as long as Retry-After says."
        return Failure(
            503, "The provider is overloaded", detail, again=True, broken=True, wait_s=wait_s
        )
    if status >= 500 or status in (408, 409):
        detail = f"{provider} failed with status {status}: {said}. The fault is on its side: ask again in a while, and see its status page."
        return Failure(
            502, "The provider failed", detail, again=True, broken=status >= 500, wait_s=wait_s
        )
    if error.code in _TOO_LONG:
        detail = f"{provider} said: {said}. Send a shorter text, or choose a model that reads longer ones (OPENAI_MODEL)."
        return Failure(422, "The text is too long for the provider's model", detail)
    if status == 404:
        detail = f"{provider} has no such model or no such address (status 404): {said}. Check OPENAI_MODEL, OPENAI_BASE_URL (with its /v1) and API_ROUTE."
        return Failure(502, "The provider does not have this", detail)
    detail = f"{provider} does not take what was asked (status {status}): {said}. Check OPENAI_MODEL, API_LABELS and API_ROUTE; `auto` finds a way that works."
    return Failure(502, "The provider refuses the request", detail)


def retry_after_s(headers: httpx2.Headers) -> float | None:
    """Return the seconds that `retry-after-ms` or Retry-After (RFC 9110: seconds or a date) ask to wait, or None."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait_s = float(headers.get(name, "")) * unit_s
        except ValueError:
            continue
        return max(0.0, wait_s) if math.isfinite(wait_s) else None
    try:
        return max(
            0.0, email.utils.parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time()
        )
    except (KeyError, ValueError, TypeError):
        return None

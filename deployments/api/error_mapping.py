"""What a client gets when the provider fails, and whether a retry may help.

| the provider                         | the client gets             | retried | trips the breaker |
| ------------------------------------ | --------------------------- | ------- | ----------------- |
| refuses or drops the connection      | 502                         | yes     | yes               |
| times out                            | 504 + Retry-After           | no      | yes               |
| 429, too many requests               | 429 + Retry-After           | yes     | no: it works      |
| 429, no credit left on the account   | 502                         | no      | no                |
| 401, 403                             | 502                         | no      | no                |
| 404, no such model or address        | 502                         | no      | no                |
| 503, 529 overloaded                  | 503 + Retry-After           | yes     | yes               |
| other 5xx, 408, 409                  | 502                         | yes     | yes, 5xx          |
| other 4xx                            | 502; 422 for a long text    | no      | no                |
| malformed response                   | 502                         | no      | yes               |
| a refusal, or no label               | 502                         | no      | no                |

A request that timed out is not retried, because the provider may still be working on it and will
charge for it. The key belongs to the service, not to the client: so a key that the provider does
not accept is a failed upstream (502), never a 401.
"""

import math
from dataclasses import dataclass

import httpx2
import openai

from deployments.api.labels import NoLabel
from deployments.api.routes import MalformedResponse
from deployments.services.problems import Problem
from deployments.services.retry_after import read_retry_after

MAX_REASON_CHARACTERS = 300
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_TOO_LONG = ("context_length_exceeded", "string_above_max_length")
_ABOUT_THE_TEXT = (*_TOO_LONG, "content_policy_violation", "content_filter", "invalid_prompt")


@dataclass(frozen=True)
class ProviderFailure:
    """One failed call.

    Attributes:
        status: The status that the client gets.
        title: What failed.
        detail: Why, and what to do next.
        retryable: Whether a retry may help.
        trips_breaker: Whether it counts for the circuit breaker.
        retry_after_s: The seconds in the provider's Retry-After header, if it sent one.
    """

    status: int
    title: str
    detail: str
    retryable: bool = False
    trips_breaker: bool = False
    retry_after_s: float | None = None

    def problem(self, tries: int, reason_to_stop: str = "") -> Problem:
        """Return what the client gets after this number of tries."""
        tried = f" Tried {tries} times." if tries > 1 else ""
        retry_after_s = None
        if self.retry_after_s is not None:
            retry_after_s = math.ceil(self.retry_after_s)
        elif self.retryable or self.status == 504:
            retry_after_s = 1
        detail = self.detail + tried + reason_to_stop
        return Problem(self.status, self.title, detail, retry_after_s=retry_after_s, attempts=tries)


def classify_error(
    error: BaseException, provider: str, key: str, timeout_s: float
) -> ProviderFailure | None:
    """Return the failure of the provider, or None if the error is not the provider's.

    Args:
        error: What a call to the provider raised.
        provider: The host of the provider.
        key: The API key. It is removed from all messages.
        timeout_s: The time limit of the request.
    """
    failure: ProviderFailure | None = None
    match error:
        case openai.APITimeoutError(__cause__=httpx2.ConnectTimeout()):
            failure = _not_connected(error, provider)
        case TimeoutError() | openai.APITimeoutError():
            failure = _timed_out(provider, timeout_s)
        case openai.APIConnectionError():
            failure = _not_connected(error, provider)
        case openai.APIStatusError():
            failure = _for_status(error, provider, key)
        case NoLabel():
            failure = _no_label(provider, str(error).replace(key, "[key]"))
        case MalformedResponse():
            failure = _malformed(provider, str(error))
        case ValueError() | openai.APIError():  # json's error is a ValueError
            failure = _malformed(provider, "its response is not JSON")
    return failure


def reason_not_offered(error: BaseException | None) -> str | None:
    """Return a reason if the error shows that the provider does not offer this route, else None."""
    if not isinstance(error, openai.APIStatusError):
        return None
    if error.status_code not in (400, 404, 405, 422, 501) or error.code in _ABOUT_THE_TEXT:
        return None
    return f"not offered ({error.status_code})"


def _timed_out(provider: str, timeout_s: float) -> ProviderFailure:
    detail = (
        f"{provider} did not respond within {timeout_s:g} s (UPSTREAM_TIMEOUT_S). The request was "
        "not retried, because the provider may still be working on it and will charge for it. "
        "Try again later, or with fewer texts."
    )
    return ProviderFailure(504, "The provider timed out", detail, trips_breaker=True)


def _not_connected(error: openai.APIConnectionError, provider: str) -> ProviderFailure:
    if isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout):
        title = "The provider cannot be reached"
        detail = (
            f"Nothing accepts connections at {provider}. Check that the address (OPENAI_BASE_URL) "
            "is correct, that the provider is running, and that there is an internet connection."
        )
    else:
        title = "The provider closed the connection"
        detail = (
            f"{provider} accepted the request and closed the connection before its response was "
            "complete. Try again; if the problem persists, see the provider's status page."
        )
    return ProviderFailure(502, title, detail, retryable=True, trips_breaker=True)


def _no_label(provider: str, reason: str) -> ProviderFailure:
    detail = (
        f"{provider} returned no label: {reason}. Nothing is guessed. Send another text, or use "
        "another model (OPENAI_MODEL) or question (API_QUESTION)."
    )
    return ProviderFailure(502, "The provider returned no label", detail)


def _malformed(provider: str, reason: str) -> ProviderFailure:
    detail = (
        f"{provider} responded with status 200, but {reason}. Check that OPENAI_BASE_URL is the "
        "address of an API, with its /v1, and not that of a web page."
    )
    return ProviderFailure(
        502, "The provider sent a malformed response", detail, trips_breaker=True
    )


def _for_status(error: openai.APIStatusError, provider: str, key: str) -> ProviderFailure:
    status = error.status_code
    reason = _reason(error, key)
    if status in (401, 403):  # the provider's reason may contain a part of the key
        detail = (
            f"{provider} responded with status {status}: it does not accept the key, or not for "
            "this request. Set OPENAI_API_KEY to the key of an account there."
        )
        return ProviderFailure(502, "The provider does not accept the key", detail)
    if status == 429:
        return _rate_limited(error, provider)
    if status >= 500 or status in (408, 409):
        return _server_error(error, provider, reason)
    return _rejected(error, provider, reason)


def _rejected(error: openai.APIStatusError, provider: str, reason: str) -> ProviderFailure:
    status = error.status_code
    if error.code in _TOO_LONG:
        detail = (
            f"{provider} responded: {reason}. Send a shorter text, or choose a model that accepts "
            "longer ones (OPENAI_MODEL)."
        )
        return ProviderFailure(422, "The text is too long for the provider's model", detail)
    if status == 404:
        detail = (
            f"{provider} has no such model or no such address (status 404): {reason}. "
            "Check OPENAI_MODEL, OPENAI_BASE_URL (with its /v1), and API_ROUTE."
        )
        return ProviderFailure(502, "The provider does not offer this", detail)
    detail = (
        f"{provider} does not accept the request (status {status}): {reason}. "
        "Check OPENAI_MODEL, API_LABELS, and API_ROUTE; `auto` finds a route that works."
    )
    return ProviderFailure(502, "The provider rejected the request", detail)


def _rate_limited(error: openai.APIStatusError, provider: str) -> ProviderFailure:
    if error.code in _NO_CREDIT:
        detail = (
            f"{provider} reports that the account has no credit or quota left. Waiting does not "
            "help: see the account's billing page."
        )
        return ProviderFailure(502, "The account has no credit left", detail)
    detail = (
        f"{provider} limits the requests and tokens per minute for this key, and this was too "
        "much. Wait for the seconds in Retry-After, or send less."
    )
    return ProviderFailure(
        429,
        "The provider's rate limit is reached",
        detail,
        retryable=True,
        retry_after_s=read_retry_after(error.response.headers),
    )


def _server_error(error: openai.APIStatusError, provider: str, reason: str) -> ProviderFailure:
    status, retry_after_s = error.status_code, read_retry_after(error.response.headers)
    if status in (503, 529):
        detail = (
            f"{provider} is not ready or overloaded (status {status}): {reason}. "
            "Wait for the seconds in Retry-After."
        )
        return ProviderFailure(
            503,
            "The provider is overloaded",
            detail,
            retryable=True,
            trips_breaker=True,
            retry_after_s=retry_after_s,
        )
    detail = (
        f"{provider} failed with status {status}: {reason}. The cause is on its side: "
        "try again later, and see its status page."
    )
    return ProviderFailure(
        502,
        "The provider failed",
        detail,
        retryable=True,
        trips_breaker=status >= 500,
        retry_after_s=retry_after_s,
    )


def _reason(error: openai.APIStatusError, key: str) -> str:
    """Return the reason that the provider states, in one line and without the key."""
    body = error.body if isinstance(error.body, dict) else {}
    text = str(body.get("message") or body.get("detail") or "no reason given")
    return " ".join(text.replace(key, "[key]").split())[:MAX_REASON_CHARACTERS].rstrip(".")

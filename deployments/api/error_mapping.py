"""What a client gets when the provider fails, and whether a retry may help.

| the provider                         | the client gets             | retried | trips the breaker |
| ------------------------------------ | --------------------------- | ------- | ----------------- |
| refuses or drops the connection      | 502                         | yes     | yes               |
| has no certificate that is accepted  | 502                         | no      | no                |
| times out                            | 504 + Retry-After           | no      | yes               |
| 429, too many requests               | 429 + Retry-After           | yes     | no: it works      |
| 402, 429, no credit on the account   | 502                         | no      | no                |
| 401, 403, 400 because of the key     | 502                         | no      | no                |
| 404, no such model or address        | 502                         | no      | no                |
| 503, 529 overloaded                  | 503 + Retry-After           | yes     | yes               |
| other 5xx, 408, 409                  | 502                         | yes     | yes, 5xx          |
| other 4xx                            | 502                         | no      | no                |
| any of them, for a text too long     | 422                         | no      | no                |
| malformed response                   | 502                         | no      | yes               |
| a refusal, or no label               | 502                         | no      | no                |

A request that timed out is not retried, because the provider may still be working on it and will
charge for it. The key belongs to the service, not to the client: so a key that the provider does
not accept is a failed upstream (502), never a 401.
"""

import openai
from httpx2 import ConnectTimeout

from deployments.api import connection_failures, provider_words
from deployments.api.labels import NoLabel
from deployments.api.provider_failure import ProviderFailure
from deployments.api.route_result import MalformedResponse
from deployments.services.retry_after import read_retry_after

_PASSED_ON = "llm_provider-"  # LiteLLM: a header of the provider behind it


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
        case openai.APITimeoutError(__cause__=ConnectTimeout()):
            failure = connection_failures.not_connected(error, provider)
        case TimeoutError() | openai.APITimeoutError():
            failure = connection_failures.timed_out(provider, timeout_s)
        case openai.APIConnectionError():
            failure = connection_failures.not_connected(error, provider)
        case openai.APIStatusError():
            failure = _for_status(error, provider, key)
        case NoLabel():
            failure = _no_label(provider, provider_words.blot(str(error), key))
        case MalformedResponse():
            failure = _malformed(provider, str(error))
        case ValueError() | RecursionError() | openai.APIError():  # json's error is a ValueError
            failure = _malformed(provider, "its response is not JSON")
    return failure


def reason_to_skip(error: BaseException | None) -> str | None:
    """Return why the provider does not offer this route, or None if the error does not show that.

    Only a few providers have all routes, and each has its own answer for an address that it does
    not know: mostly 404, but also 403, 500, or a page with status 200.
    """
    match error:
        case openai.APIStatusError(status_code=status):
            failed = status in (408, 409, 429, 503, 529)
            about_account = provider_words.is_about_key(error) or provider_words.is_about_credit(
                error
            )
            other_reason = failed or about_account or provider_words.is_about_text(error)
            return None if other_reason else f"not offered ({status})"
        case NoLabel() | openai.APIConnectionError():
            return None
        case MalformedResponse() | ValueError() | RecursionError() | openai.APIError():
            return "not offered (its response there is no answer)"
    return None


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
    reason = provider_words.reason(error, key)
    if provider_words.is_about_text(error):
        return _about_text(error, provider, reason)
    if status == 403 or provider_words.is_about_key(
        error
    ):  # the provider's reason may contain a part of the key
        detail = (
            f"{provider} responded with status {status}: it does not accept the key, or not for "
            "this request. Set OPENAI_API_KEY to the key of an account there."
        )
        return ProviderFailure(502, "The provider does not accept the key", detail)
    if provider_words.is_about_credit(error):
        detail = (
            f"{provider} reports that the account has no credit or quota left. Waiting does not "
            "help: see the account's billing page."
        )
        return ProviderFailure(502, "The account has no credit left", detail)
    if status == 429:
        return _rate_limited(error, provider, reason)
    if status >= 500 or status in (408, 409):
        return _server_error(error, provider, reason)
    return _rejected(error, provider, reason)


def _about_text(error: openai.APIStatusError, provider: str, reason: str) -> ProviderFailure:
    if provider_words.is_too_long(error):
        detail = (
            f"{provider} responded: {reason}. Send a shorter text, or choose a model that accepts "
            "longer ones (OPENAI_MODEL)."
        )
        return ProviderFailure(422, "The text is too long for the provider's model", detail)
    detail = f"A filter of {provider} rejects this text: {reason}. Send another text."
    return ProviderFailure(502, "The provider rejects the text", detail)


def _rejected(error: openai.APIStatusError, provider: str, reason: str) -> ProviderFailure:
    status = error.status_code
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


def _rate_limited(error: openai.APIStatusError, provider: str, reason: str) -> ProviderFailure:
    detail = (
        f"{provider} limits the requests and tokens per minute for this key, and this was too "
        f"much: {reason}. Wait for the seconds in Retry-After, or send less."
    )
    return ProviderFailure(
        429,
        "The provider's rate limit is reached",
        detail,
        retryable=True,
        retry_after_s=_retry_after_s(error),
    )


def _server_error(error: openai.APIStatusError, provider: str, reason: str) -> ProviderFailure:
    status, retry_after_s = error.status_code, _retry_after_s(error)
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


def _retry_after_s(error: openai.APIStatusError) -> float | None:
    headers = dict(error.response.headers)
    passed_on = {
        name.removeprefix(_PASSED_ON): value
        for name, value in headers.items()
        if name.startswith(_PASSED_ON)
    }
    return read_retry_after(passed_on | headers)

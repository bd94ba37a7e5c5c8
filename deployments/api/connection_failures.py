"""What a client gets when there is no connection to the provider, or no response over it."""

import socket
import ssl
from collections.abc import Iterator

import httpx2
import openai

from deployments.api.provider_failure import ProviderFailure


def timed_out(provider: str, timeout_s: float) -> ProviderFailure:
    """Return the failure for a response that did not come within `timeout_s` seconds."""
    detail = (
        f"{provider} did not respond within {timeout_s:g} s (UPSTREAM_TIMEOUT_S). The request was "
        "not retried, because the provider may still be working on it and will charge for it. "
        "Try again later, or with fewer texts."
    )
    return ProviderFailure(504, "The provider timed out", detail, trips_breaker=True)


def not_connected(error: openai.APIConnectionError, provider: str) -> ProviderFailure:
    """Return the failure for a connection that could not be made, or broke."""
    causes = list(_causes(error))
    if tls_error := next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None):
        return _not_encrypted(tls_error, provider)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        title = "The provider cannot be reached"
        detail = (
            f"There is no address for the name in {provider}. Check that OPENAI_BASE_URL is "
            "correct, and that there is an internet connection."
        )
    elif isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout):
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


def _not_encrypted(error: ssl.SSLError, provider: str) -> ProviderFailure:
    """Return the failure of TLS. It stays until somebody changes a setting: no retry helps."""
    if isinstance(error, ssl.SSLCertVerificationError):
        title = "The provider's certificate is not accepted"
        detail = (
            f"The certificate of {provider} is not accepted: {error.verify_message}. If the server "
            "is your own, set SSL_CERT_FILE to the file with its certificate, and start the "
            "service again."
        )
    else:
        title = "No encrypted connection to the provider"
        detail = (
            f"{provider} does not encrypt the connection as https:// requires "
            f"({error.reason or 'unknown reason'}). If the server has no certificate, write "
            "http:// in OPENAI_BASE_URL."
        )
    return ProviderFailure(502, title, detail)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

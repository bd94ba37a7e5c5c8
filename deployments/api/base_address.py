"""Check the address of a provider (OPENAI_BASE_URL) before the first request goes there."""

import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

API_VERSION = "api-version"  # Azure's; the only thing that may follow a `?`
# What people copy from an example of a request. The service appends these itself.
_ENDPOINTS = ("chat/completions", "completions", "responses", "decisions", "systemone", "models")
_MUST_BE = (
    "OPENAI_BASE_URL must be an address such as https://api.openai.com/v1 or "
    "http://localhost:11434/v1, without a user or password"
)


def check_base_url(text: str) -> str:
    """Return the address without white space around it and without a slash at its end.

    Raises ValueError with a sentence if no request could be sent there, or not as meant.
    """
    try:
        url = urlsplit(text.strip())
        port = url.port
    except ValueError as error:  # such as a port of 99999, or [ without ]
        reason = "" if "@" in text else f" ({error})"  # which may repeat a password
        raise ValueError(f"{_MUST_BE}. This one cannot be read{reason}.") from None
    if url.scheme not in ("http", "https") or not _is_host(url.hostname or "") or port == 0:
        raise ValueError(f"{_MUST_BE}. This one names no server.")
    if url.username is not None or url.password is not None or " " in url.path:
        raise ValueError(f"{_MUST_BE}, and without spaces.")
    _check_rest(url)
    # The path of Azure's address can end in a slash before its query
    return url._replace(path=url.path.rstrip("/")).geturl()


def _check_rest(url: SplitResult) -> None:
    query = parse_qsl(url.query, keep_blank_values=True)
    if url.fragment or [name for name, _ in query] not in ([], [API_VERSION]):
        raise ValueError(  # does not repeat the query, because it may contain a key
            f"OPENAI_BASE_URL may not contain '#', nor a query other than ?{API_VERSION}=…. "
            "Set OPENAI_API_KEY to the key."
        )
    path = url.path.rstrip("/")
    for endpoint in _ENDPOINTS:
        if path.endswith(f"/{endpoint}"):
            base = url._replace(path=path.removesuffix(f"/{endpoint}")).geturl()
            raise ValueError(
                f"OPENAI_BASE_URL ends in /{endpoint}, which the service appends itself. "
                f"Set it to {base}."
            )


def api_version(base_url: str) -> str | None:
    """Return the version of Azure's API that the address asks for, or None."""
    return dict(parse_qsl(urlsplit(base_url).query)).get(API_VERSION)


def is_local(base_url: str) -> bool:
    """Return whether an address is on this machine, in this network, or in another container.

    Requests to such an address cost nothing.
    """
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def _is_host(host: str) -> bool:
    """Return whether this is an IP address, or a name whose parts can be looked up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        parts = host.removesuffix(".").split(".")
        return all(re.fullmatch(r"[\w-]{1,63}", part) for part in parts)
    return True

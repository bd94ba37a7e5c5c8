"""Which provider to ask, and how: all from the environment. The README's table says what each variable means."""

import ipaddress
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from deployments.api.prices import SHIPPED, Prices, read_prices
from deployments.services.settings import number

LOCAL_URL = "http://localhost:5001/v1"  # where provider.py listens when it is started by hand
LOCAL_KEY = (
    "sk-local"  # no secret: the local provider's own, and for local servers that ask for none
)
ROUTES = ("auto", "decisions", "chat", "systemone", "plain")
# the openai package would send these along; a server on this machine or in this room has no business with them
_ACCOUNT = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS", "OPENAI_ADMIN_KEY")


@dataclass(frozen=True)
class ProviderSettings:
    """Who is asked. `labels` is None where the provider is to say which it has. The key is kept out of the repr, and so out of logs."""

    base_url: str
    key: str = field(repr=False)
    model: str | None
    route: str
    labels: tuple[str, ...] | None
    question: str
    concurrency: int
    retries: int
    prices: Prices

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def local(self) -> bool:
        return is_local(self.base_url)

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment. Ends the program with a sentence on stderr where a value is missing or cannot be used."""
        base_url = os.environ.get("OPENAI_BASE_URL", "").strip().rstrip("/") or LOCAL_URL
        url = urlsplit(base_url)
        if url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
            sys.exit(
                "OPENAI_BASE_URL has to be an address such as https://api.openai.com/v1 or http://localhost:11434/v1, without a user or password in it."
            )
        route = os.environ.get("API_ROUTE", "").strip() or "auto"
        if route not in ROUTES:
            sys.exit(f"API_ROUTE is {route!r}. It has to be one of: {', '.join(ROUTES)}.")
        try:
            prices = read_prices(Path(os.environ.get("API_PRICES", "").strip() or SHIPPED))
        except ValueError as error:
            sys.exit(str(error))
        if is_local(base_url):
            for name in _ACCOUNT:
                os.environ.pop(name, None)
        return cls(
            base_url=base_url,
            key=_key(base_url),
            model=os.environ.get("OPENAI_MODEL", "").strip() or None,
            route=route,
            labels=_labels(os.environ.get("API_LABELS", "")),
            question=os.environ.get("API_QUESTION", "").strip()
            or "Which label fits the sentiment of this text best?",
            concurrency=number("API_CONCURRENCY", 8, low=1, high=256),
            retries=number("API_RETRIES", 2, low=0, high=10),
            prices=prices,
        )


def is_local(base_url: str) -> bool:
    """Tell whether an address is on this machine, in this network, or another container: nobody there sends a bill."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def _key(base_url: str) -> str:
    file = os.environ.get(
        "OPENAI_API_KEY_FILE", ""
    ).strip()  # how Compose and Kubernetes hand over a secret
    try:
        key = (
            Path(file).read_text(encoding="utf-8") if file else os.environ.get("OPENAI_API_KEY", "")
        ).strip()
    except (OSError, ValueError):
        sys.exit(
            f"OPENAI_API_KEY_FILE names {file}, which cannot be read. Put the key into that file, or unset the variable and set OPENAI_API_KEY."
        )
    if not key and not is_local(base_url):
        sys.exit(
            f"OPENAI_API_KEY is not set, and the provider at {urlsplit(base_url).netloc} asks for a key. Set it to the key of your account there; "
            "or unset OPENAI_BASE_URL to use the local provider, which needs none."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        sys.exit(
            "OPENAI_API_KEY holds a character that no key has, such as a space or a line break. Copy it once more."
        )
    return key or LOCAL_KEY


def _labels(text: str) -> tuple[str, ...] | None:
    labels = tuple(dict.fromkeys(label.strip() for label in text.split(",") if label.strip()))
    if text.strip() and (
        len(labels) < 2 or len({label.casefold() for label in labels}) < len(labels)
    ):
        sys.exit(
            f"API_LABELS is {text!r}. It has to be two or more different labels, separated by commas: POSITIVE,NEGATIVE."
        )
    return labels or None

"""Which provider to ask, and how: all from the environment. README.md explains each variable."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from deployments.api.base_address import check_base_url, is_local
from deployments.api.prices import SHIPPED, Prices, read_prices
from deployments.services.settings import read_number

LOCAL_URL = "http://localhost:5001/v1"  # of provider.py, if it is started by hand
LOCAL_KEY = "sk-local"  # not a secret: for the local provider, and for servers that need no key
ROUTES = ("decisions", "chat", "systemone", "plain")  # the best first
# The openai package would send these to any server, but they do not concern a local one.
_ACCOUNT_VARIABLES = (
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "OPENAI_CUSTOM_HEADERS",
    "OPENAI_ADMIN_KEY",
)


@dataclass(frozen=True)
class ProviderSettings:
    """Which provider to ask, and how. `labels` is None if the provider lists its own."""

    base_url: str
    key: str = field(repr=False)  # keeps the key out of logs
    model: str | None
    route: str
    labels: tuple[str, ...] | None
    question: str
    concurrency: int
    retries: int
    prices: Prices

    @property
    def host(self) -> str:
        """The host of the provider, with its port if the address has one."""
        return urlsplit(self.base_url).netloc

    @property
    def local(self) -> bool:
        """Whether the provider runs on this machine or in this network."""
        return is_local(self.base_url)

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment. Exits with a message on stderr if a value is invalid or missing."""
        try:
            base_url = check_base_url(os.environ.get("OPENAI_BASE_URL", "").strip() or LOCAL_URL)
            prices = read_prices(Path(os.environ.get("API_PRICES", "").strip() or SHIPPED))
        except ValueError as error:
            sys.exit(str(error))
        route = os.environ.get("API_ROUTE", "").strip() or "auto"
        if route not in ("auto", *ROUTES):
            sys.exit(f"API_ROUTE is {route!r}. Set it to one of: auto, {', '.join(ROUTES)}.")
        if is_local(base_url):
            for name in _ACCOUNT_VARIABLES:
                os.environ.pop(name, None)
        return cls(
            base_url=base_url,
            key=_key(base_url),
            model=_text("OPENAI_MODEL") or None,
            route=route,
            labels=_labels(_text("API_LABELS")),
            question=_text("API_QUESTION") or "Which label fits the sentiment of this text best?",
            concurrency=read_number("API_CONCURRENCY", 8, low=1, high=256),
            retries=read_number("API_RETRIES", 2, low=0, high=10),
            prices=prices,
        )


def _key(base_url: str) -> str:
    # Compose and Kubernetes pass a secret as a file
    file = os.environ.get("OPENAI_API_KEY_FILE", "").strip()
    try:
        key = (
            Path(file).read_text(encoding="utf-8") if file else os.environ.get("OPENAI_API_KEY", "")
        ).strip()
    except (OSError, ValueError):
        sys.exit(
            f"OPENAI_API_KEY_FILE is {file}, which cannot be read. Put the key into that file, "
            "or unset the variable and set OPENAI_API_KEY."
        )
    if not key and not is_local(base_url):
        sys.exit(
            f"OPENAI_API_KEY is not set, and the provider at {urlsplit(base_url).netloc} needs a "
            "key. Set it to the key of your account there, or unset OPENAI_BASE_URL to use the "
            "local provider, which needs no key."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        sys.exit(
            "OPENAI_API_KEY contains a character that is never part of a key, such as a space or a "
            "line break. Copy the key again."
        )
    return key or LOCAL_KEY


def _text(name: str) -> str:
    text = os.environ.get(name, "").strip()
    if not "".join(text.split()).isprintable():  # it could not be sent, or not be shown
        sys.exit(
            f"{name} contains a character that cannot be printed: {text!r}. Write it without "
            "control characters, in UTF-8."
        )
    return text


def _labels(text: str) -> tuple[str, ...] | None:
    labels = tuple(dict.fromkeys(label.strip() for label in text.split(",") if label.strip()))
    different = {label.casefold() for label in labels}
    if text.strip() and (len(labels) < 2 or len(different) < len(labels)):
        sys.exit(
            f"API_LABELS is {text!r}. Set it to two or more different labels, separated by commas, "
            "such as POSITIVE,NEGATIVE."
        )
    return labels or None

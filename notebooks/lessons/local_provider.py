"""The local provider, as the checks of lesson 05 control and use it."""

import contextlib
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Self

import openai
import requests

from deployments.model.classifier import Classifier
from hostlab.client import Client
from hostlab.errors import RequestFailed
from hostlab.measure.load.texts import TEXTS
from hostlab.methods.api.deployment import SystemThroughApi

# A key of the checks' own: the provider's behavior for it does not affect the service.
KEY = "sk-exercise"
RECOVERED_WITHIN_S = 10.0  # somewhat longer than the circuit breaker stays open


@contextlib.contextmanager
def provider_behavior(
    service: SystemThroughApi, key: str | None = None, **behavior: Any
) -> Iterator[None]:
    """Set the local provider's behavior for the duration of the block.

    For the settings, see deployments/api/stand_in/behavior.py. With a key, they apply only to
    requests with that key.
    """
    service.set_provider_behavior(key, **behavior)
    try:
        yield
    finally:
        service.set_provider_behavior(key)


def wait_until_recovered(url: str) -> tuple[str, float]:
    """Wait until the service responds, because its circuit breaker may still be open.

    Returns the label of the first text, and the usual latency in ms.
    """
    deadline = time.monotonic() + RECOVERED_WITHIN_S
    with Client(url) as client:
        while True:
            try:
                replies = [client.ask(TEXTS[0]) for _ in range(3)]
            except RequestFailed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)
            else:
                latency_ms = median(reply.latency_ms for reply in replies)
                return replies[0].predictions[0].label, latency_ms


def text_count(url: str) -> int:
    """Return how many texts the service's provider has classified."""
    return int(requests.get(f"{url}/provider", timeout=10).json()["texts"])


class CountingClassifier:
    """A classifier that counts its calls."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier, self.calls = classifier, 0

    def predict(self, texts: list[str]) -> list[tuple[str, float]]:
        """Return a label and a score for each text."""
        self.calls += 1
        return self._classifier.predict(texts)


class RecordingClient:
    """A client of the local provider that uses KEY, does not retry, and records its requests.

    `sent_s` has the time of each request, monotonic, in seconds.
    """

    def __init__(self, service: SystemThroughApi) -> None:
        provider = requests.get(f"{service.url}/provider", timeout=10).json()
        self.model: str = provider["model"]
        self.sent_s: list[float] = []
        hooks = {"request": [lambda request: self.sent_s.append(time.monotonic())]}
        self.client = openai.OpenAI(
            base_url=f"http://{provider['provider']}/v1",
            api_key=KEY,
            max_retries=0,
            http_client=openai.DefaultHttpx2Client(event_hooks=hooks, trust_env=False),
        )

    def ask(self, text: str) -> Any:
        """Return the chat completion for a text."""
        return self.client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": text}]
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

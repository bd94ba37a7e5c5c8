"""Predictions and latency: two different questions, measured in two different ways.

- What do the methods predict? All services get the request concurrently (`predict_at_once`): the
  page waits for the slowest of them, not for the sum.
- How long does each take? They get requests in turn, shuffled and interleaved (`measure_in_turn`,
  `predict_in_turn`), because five models at once on two cores measure contention, not hosting.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from typing import Protocol

from hostlab.client import Client, Timing
from hostlab.errors import explain
from hostlab.methods.api.spending import check_spending


class Reachable(Protocol):
    """A deployment, or what is known of one already: its name and its base address."""

    @property
    def method(self) -> str:
        """The method's name."""

    @property
    def url(self) -> str:
        """The base address. Raises NotRunning."""


@dataclass(frozen=True)
class MeasuredPrediction:
    """What one method predicted for one text, or why it did not.

    The latency is in milliseconds, as the client saw it. `replica` is the host name of the replica
    that answered, as a container or a pod has it.
    """

    method: str
    text: str
    label: str | None = None
    score: float | None = None
    latency_ms: float | None = None
    timing_ms: Timing | None = None
    error: str | None = None
    replica: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data, with the names of `hostlab predict --json`."""
        data = asdict(self)
        del data["replica"]
        return data


def predict(
    service: Reachable, texts: Sequence[str], warm_up: bool = True, timeout_s: float = 30.0
) -> list[MeasuredPrediction]:
    """Send each text in a request of its own. A failure becomes a prediction with `error`.

    With `warm_up` the connection is opened first, so that no text pays for it.
    """
    predictions: list[MeasuredPrediction] = []
    try:
        with Client(service.url, timeout_s) as client:
            if warm_up:
                client.connect()
            for text in texts:
                predictions.append(_predict_one(service.method, client, text))
    except Exception as error:  # what one method does must not hide the others
        remaining = texts[len(predictions) :]
        predictions += [_failed(service.method, text, error) for text in remaining]
    return predictions


def predict_at_once(
    services: Sequence[Reachable], text: str, timeout_s: float = 30.0
) -> Iterator[MeasuredPrediction]:
    """Send one text to all services concurrently, and yield each prediction as it arrives.

    So a service that is slow or fails delays no other.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(services))) as pool:
        futures = [pool.submit(predict, one, [text], timeout_s=timeout_s) for one in services]
        for future in as_completed(futures):
            yield future.result()[0]


def predict_in_turn(
    services: Sequence[Reachable], texts: Sequence[str]
) -> list[MeasuredPrediction]:
    """Send the texts to one service after the other, shuffled. The result has their given order."""
    order = random.sample(list(services), len(services))
    by_method = {service.method: predict(service, texts) for service in order}
    return [prediction for service in services for prediction in by_method[service.method]]


def measure_in_turn(
    services: Sequence[Reachable],
    text: str | Sequence[str],
    repeats: int,
    timeout_s: float = 30.0,
    spend: bool = False,
) -> Iterator[MeasuredPrediction]:
    """Yield `repeats` predictions of each service, in rounds that include each service once.

    Each round has a new order and, if there are several texts, the next text. A service that fails
    gets no more requests, because one that hangs would cost its timeout in every round. Connections
    stay open between rounds. The first prediction of each service, the first request of its
    connection, is included: drop the first round for warm figures. Repeats at a provider that costs
    money need `spend`.
    """
    clients: dict[str, Client] = {}
    remaining = list(services)
    texts = [text] if isinstance(text, str) else text
    try:
        for number in range(repeats):
            current = texts[number % len(texts)]
            for service in random.sample(remaining, len(remaining)):
                try:
                    if service.method not in clients:
                        check_spending(service.url, repeats, spend or repeats == 1)
                        clients[service.method] = Client(service.url, timeout_s)
                    client = clients[service.method]
                    prediction = _predict_one(service.method, client, current)
                except Exception as error:
                    prediction = _failed(service.method, current, error)
                if prediction.error:
                    remaining.remove(service)
                yield prediction
    finally:
        for client in clients.values():
            client.close()


def _predict_one(method: str, client: Client, text: str) -> MeasuredPrediction:
    try:
        response = client.ask(text)
    except Exception as error:
        return _failed(method, text, error)
    label, score = response.predictions[0].label, response.predictions[0].score
    latency_ms, timing_ms = response.latency_ms, response.timing_ms
    replica = response.headers.get("X-Replica")
    return MeasuredPrediction(method, text, label, score, latency_ms, timing_ms, None, replica)


def _failed(method: str, text: str, error: Exception) -> MeasuredPrediction:
    return MeasuredPrediction(method, text, error=explain(error))

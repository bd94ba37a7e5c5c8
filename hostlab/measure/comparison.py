"""Answers and latency. Two different questions, asked in two different ways:

- What do they say? All services are asked at the same time (`predict_at_once`): the page waits for
  the slowest, not for the sum.
- How long does each take? They are asked in turn, shuffled and interleaved (`measure_in_turn`,
  `predict_in_turn`), because five models at once on two cores measure contention, not hosting.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from typing import Protocol

from hostlab.client import Client, Timing
from hostlab.errors import HostingLabError
from hostlab.methods.api.spending import check_spending


class Reachable(Protocol):
    """A deployment, or what is known of one already: its name and its base address."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...


@dataclass(frozen=True)
class MeasuredPrediction:
    """What one method said to one text, or why it did not.

    Latency in milliseconds, as the client saw it.
    """

    method: str
    text: str
    label: str | None = None
    score: float | None = None
    latency_ms: float | None = None
    timing_ms: Timing | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def ask(
    service: Reachable, texts: Sequence[str], warm_up: bool = True, timeout_s: float = 30.0
) -> list[MeasuredPrediction]:
    """Ask one service for each text in its own request; a failure becomes an MeasuredPrediction
    with `error`.

    With `warm_up` the connection is opened first, so that no text pays for it.
    """
    answers = []
    try:
        with Client(service.url, timeout_s) as client:
            if warm_up:
                client.connect()
            for text in texts:
                answers.append(_ask_one(service.method, client, text))
    except HostingLabError as error:
        answers += [
            MeasuredPrediction(service.method, text, error=str(error))
            for text in texts[len(answers) :]
        ]
    return answers


def predict_at_once(
    services: Sequence[Reachable], text: str, timeout_s: float = 30.0
) -> Iterator[MeasuredPrediction]:
    """Ask all services for one text at the same time and yield each answer as it comes: one that is
    slow or fails holds nobody up.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(services))) as pool:
        for asked in as_completed(
            [pool.submit(ask, service, [text], timeout_s=timeout_s) for service in services]
        ):
            yield asked.result()[0]


def predict_in_turn(
    services: Sequence[Reachable], texts: Sequence[str]
) -> list[MeasuredPrediction]:
    """Ask one service after the other, in a shuffled order, and return the answers in the order of
    `services`.
    """
    order = random.sample(list(services), len(services))
    by_method = {service.method: ask(service, texts) for service in order}
    return [answer for service in services for answer in by_method[service.method]]


def measure_in_turn(
    services: Sequence[Reachable],
    text: str | Sequence[str],
    repeats: int,
    timeout_s: float = 30.0,
    spend: bool = False,
) -> Iterator[MeasuredPrediction]:
    """Yield `repeats` answers of each service, in rounds; each round asks every service once, in a
    new order. Of several texts, each round takes the next: all services are asked for the same
    one.

    A service that fails is asked no more: one that hangs would cost everybody its timeout in each
    round. Connections are kept open between rounds. The first answer of each service is the first
    request of its connection and not left out here: callers who want only warm figures drop the
    first round. Repeats at a provider that is paid are refused unless `spend`.
    """
    clients, left = {}, list(services)
    texts = [text] if isinstance(text, str) else text
    try:
        for number in range(repeats):
            text = texts[number % len(texts)]
            for service in random.sample(left, len(left)):
                try:
                    if service.method not in clients:
                        check_spending(service.url, repeats, spend or repeats == 1)
                        clients[service.method] = Client(service.url, timeout_s)
                    answer = _ask_one(service.method, clients[service.method], text)
                except HostingLabError as error:
                    answer = MeasuredPrediction(service.method, text, error=str(error))
                if answer.error:
                    left.remove(service)
                yield answer
    finally:
        for client in clients.values():
            client.close()


def _ask_one(method: str, client: Client, text: str) -> MeasuredPrediction:
    try:
        reply = client.ask(text)
    except HostingLabError as error:
        return MeasuredPrediction(method, text, error=str(error))
    prediction = reply.predictions[0]
    return MeasuredPrediction(
        method, text, prediction.label, prediction.score, reply.latency_ms, reply.timing_ms
    )

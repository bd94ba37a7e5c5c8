"""Ask a provider through the service's own code, without its process: over HTTP, in milliseconds.

The provider is a `Server`: a function from the received request to what is sent for it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from deployments.api.config import ProviderSettings
from deployments.api.hosted_model import HostedModel, ProviderState
from deployments.services.problems import Problem
from tests.api.scripted import Action, ReceivedRequest, ScriptedProvider

Server = Callable[[ReceivedRequest], Action]
DEADLINE_S = 5.0


@dataclass(frozen=True)
class Address:
    """Where a provider is that runs already."""

    url: str


class Imitation(ScriptedProvider):
    """A provider that a function imitates, its list of models included."""

    def __init__(self, server: Server) -> None:
        self._respond = server
        super().__init__()

    def next(self, seen: ReceivedRequest) -> Action:
        if not seen.path.startswith("/v1/models"):
            self.seen.append(seen)
        return self._respond(seen)


@contextlib.contextmanager
def imitated(server: Server) -> Iterator[Imitation]:
    """Run the server on a port of this machine until the block ends."""
    provider = Imitation(server)
    try:
        yield provider
    finally:
        provider.stop()


@dataclass
class Outcome:
    """What a client gets for its texts: labels and scores, or a problem."""

    predictions: list[tuple[str, float | None]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    state: ProviderState | None = None

    @property
    def status(self) -> int:
        return self.problem.status if self.problem else 200


def settings(url: str, **changed: object) -> ProviderSettings:
    """Return the settings of a service with the model `m` at this provider."""
    values = {
        "base_url": url,
        "key": "sk-of-a-test-0123456789",
        "model": "m",
        "route": "auto",
        "labels": ("POSITIVE", "NEGATIVE"),
        "question": "Is it?",
        "concurrency": 8,
        "retries": 0,
        "prices": {},
    } | changed
    return ProviderSettings(**values)


def predict(
    provider: Imitation | Address, *texts: str, deadline_s: float = DEADLINE_S, **changed: object
) -> list[Outcome]:
    """Send each text as one request, to one service, and return what its client gets."""

    async def run() -> list[Outcome]:
        model = HostedModel(settings(provider.url, **changed), deadline_s, queue_limit=64)
        await model.start()
        try:
            return [await _one(model, text) for text in texts]
        finally:
            await model.close()

    return asyncio.run(run())


async def _one(model: HostedModel, text: str) -> Outcome:
    outcome = Outcome()
    try:
        result = await model.predict([text], "id")
        outcome.predictions = [(one.label, one.score) for one in result.predictions]
        outcome.headers = result.headers
    except Problem as problem:
        outcome.problem = problem
    outcome.state = model.state()
    return outcome


def check(provider: Imitation | Address, **changed: object) -> Problem | None:
    """Return what /ready says: a problem, or None."""

    async def run() -> Problem | None:
        model = HostedModel(settings(provider.url, **changed), DEADLINE_S, queue_limit=64)
        await model.start()
        try:
            await model.check()
        except Problem as problem:
            return problem
        finally:
            await model.close()
        return None

    return asyncio.run(run())

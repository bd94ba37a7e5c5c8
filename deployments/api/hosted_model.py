"""A predictor that asks an external model: one call for each text, by the provider's best route."""

import asyncio
import time

from pydantic import BaseModel

from deployments.api.circuit_breaker import BreakerState
from deployments.api.config import ProviderSettings
from deployments.api.labels import Question
from deployments.api.provider_check import ProviderCheck
from deployments.api.provider_client import ProviderClient
from deployments.api.route_result import RouteResult, total
from deployments.api.route_selection import RouteSelection
from deployments.services import server_timing
from deployments.services.contract import PredictorResult
from deployments.services.prediction import Prediction
from deployments.services.problems import Problem

DEFAULT_LABELS = ("POSITIVE", "NEGATIVE")
SCORES = {
    "decisions": "probability",
    "chat": "softmax over the labels",
    "systemone": "softmax over the labels",
}


class ProviderState(BaseModel):
    """The provider, the route to it, and what it has cost since this service started.

    `uncounted_texts` is the number of texts whose tokens the provider did not count. If there is
    one, the cost is unknown.
    """

    provider: str
    local: bool
    paid: bool
    model: str | None
    labels: list[str] | None
    route: str | None
    breaker: BreakerState
    texts: int
    uncounted_texts: int
    input_tokens: int
    output_tokens: int
    price_per_million: dict[str, float] | None
    currency: str | None
    cost: float | None


class HostedModel:
    """A Predictor (see services/application.py) in front of a provider.

    `timeout_s` limits each request as a whole, and `queue_limit` the number of texts in progress.
    """

    engine: str | None = None  # providers do not say what runs their network
    engine_note: str | None = None

    def __init__(self, settings: ProviderSettings, timeout_s: float, queue_limit: int) -> None:
        self._settings, self._timeout_s, self._queue_limit = settings, timeout_s, queue_limit
        self._client = ProviderClient(settings, timeout_s)
        self._selection = RouteSelection(settings.route)
        self._check = ProviderCheck(settings, self._client)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._texts_in_progress = 0

    @property
    def model(self) -> str | None:
        """The name of the model; None until it is known."""
        return self._check.model

    async def start(self) -> None:
        """Create the HTTP client."""
        self._client.open()

    async def close(self) -> None:
        """Close the HTTP client."""
        await self._client.close()

    async def check(self) -> None:
        """Raise Problem unless the provider responds, accepts the key, and the model is known.

        This is free of charge.
        """
        await self._check.check()

    def reject_if_full(self) -> None:
        """Raise Problem 503 if there is no room for one more text."""
        self._reject_if_full(1)

    async def predict(self, texts: list[str], request_id: str) -> PredictorResult:
        """Return a prediction for each text. Headers tell the route and the cost.

        If one text fails, the request fails. Raises the problems of error_mapping.py.
        """
        self._reject_if_full(len(texts))
        self._texts_in_progress += len(texts)
        started = time.perf_counter()
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        try:
            if self.model is None:
                await self.check()
            # The trial of the circuit breaker: the other texts would be rejected meanwhile, and
            # that would cancel it.
            trial = texts[:1] if self._client.breaker.state == "half-open" else []
            results = [await self._ask(text, request_id, deadline) for text in trial]
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._ask(text, request_id, deadline))
                    for text in texts[len(trial) :]
                ]
        except ExceptionGroup as failed:
            raise _first_problem(failed) from None
        finally:
            self._texts_in_progress -= len(texts)
        results += [task.result() for task in tasks]
        timing_ms = {server_timing.UPSTREAM: (time.perf_counter() - started) * 1000}
        return PredictorResult(
            [Prediction(result.label, result.score) for result in results],
            timing_ms,
            self._headers(results, timing_ms),
        )

    def state(self) -> ProviderState:
        """Return the provider, the route, and the cost so far."""
        price, usage = self._client.price(self.model), self._client.usage
        return ProviderState(
            provider=self._settings.host,
            local=self._settings.local,
            paid=price.is_money if price else not self._settings.local,
            model=self.model,
            labels=list(self._check.labels) if self._check.labels else None,
            route=self._selection.route,
            breaker=self._client.breaker.state,
            texts=self._client.texts,
            uncounted_texts=self._client.uncounted_texts,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            price_per_million={"input": price.input, "output": price.output} if price else None,
            currency=price.currency if price else None,
            cost=price.of(usage) if price and not self._client.uncounted_texts else None,
        )

    def _reject_if_full(self, texts: int) -> None:
        if self._texts_in_progress + texts > self._queue_limit:
            detail = f"{self._texts_in_progress} texts are in progress. Try again in a second."
            raise Problem(503, "The service is full", detail, retry_after_s=1)

    async def _ask(self, text: str, request_id: str, deadline: float) -> RouteResult:
        """Return the label of one text, once there is a free slot."""
        try:
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        except TimeoutError:
            detail = "This text was still waiting for a free slot. Send fewer texts at a time."
            raise Problem(504, "The provider timed out", detail, retry_after_s=1) from None
        labels = self._check.labels or DEFAULT_LABELS
        question = Question(self.model or "", self._settings.question, labels)

        async def ask_by(route: str, *, probing: bool) -> RouteResult:
            return await self._client.ask(
                route, question, text, request_id, deadline, probing=probing
            )

        try:
            return await self._selection.ask(ask_by)
        except Problem as problem:
            if problem.status >= 500:
                self._check.repeat()
            raise
        finally:
            self._slots.release()

    def _headers(self, results: list[RouteResult], timing_ms: dict[str, float]) -> dict[str, str]:
        usage = total([result.usage for result in results])
        price, route = self._client.price(self.model), self._selection.route
        cost = f"{price.of(usage):.9f} {price.currency}" if price and usage else "unknown"
        tokens = f"{usage.input_tokens} in, {usage.output_tokens} out" if usage else "unknown"
        timing = server_timing.format_timing(timing_ms)
        no_score = next((result.no_score for result in results if result.no_score), "")
        return {
            server_timing.HEADER: f'{timing}, tokens;desc="{tokens}", cost;desc="{cost}"',
            "X-Provider-Route": route or "unknown",
            "X-Provider-Route-Why": self._selection.reason,
            "X-Provider-Score": (
                f"none: {no_score}" if no_score else SCORES.get(route or "", "unknown")
            ),
            "X-Provider-Tokens": (
                f"input={usage.input_tokens}, output={usage.output_tokens}" if usage else "unknown"
            ),
            "X-Provider-Cost": cost,
        }


def _first_problem(failed: ExceptionGroup[Exception]) -> Exception:
    """Return the error that failed the request: preferably a problem of the provider."""
    errors = failed.exceptions
    return next((error for error in errors if isinstance(error, Problem)), errors[0])

"""A predictor that asks an external model: one call for each text, by the provider's best route."""

import asyncio
import time

from pydantic import BaseModel

from deployments.api.circuit_breaker import BreakerState
from deployments.api.config import ProviderSettings
from deployments.api.labels import Question
from deployments.api.prices import TokenUsage
from deployments.api.provider_client import ProviderClient
from deployments.api.route_selection import RouteSelection
from deployments.api.routes import RouteResult
from deployments.services import server_timing
from deployments.services.contract import PredictorResult
from deployments.services.prediction import Prediction
from deployments.services.problems import Problem

CHECK_EVERY_S = 2.0  # /ready is polled more often than the provider needs to be
DEFAULT_LABELS = ("POSITIVE", "NEGATIVE")
SCORES = {
    "decisions": "probability",
    "chat": "softmax over the labels",
    "systemone": "softmax over the labels",
}


class ProviderState(BaseModel):
    """The provider, the route to it, and what it has cost since this service started."""

    provider: str
    local: bool
    paid: bool
    model: str | None
    labels: list[str] | None
    route: str | None
    breaker: BreakerState
    texts: int
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
        self._labels = settings.labels
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._texts_in_progress = 0
        self._checking = asyncio.Lock()
        self._checked_at = float("-inf")
        self._problem: Problem | None = None  # what the last check found
        self.model = settings.model

    async def start(self) -> None:
        """Create the HTTP client."""
        self._client.open()

    async def close(self) -> None:
        """Close the HTTP client."""
        await self._client.close()

    async def check(self) -> None:
        """Raise Problem unless the provider responds, accepts the key, and the model is known.

        It asks for the list of models, which is free of charge.
        """
        self._client.breaker.check()
        arrived = time.monotonic()
        async with self._checking:  # those who waited here share the result
            max_age_s = 0.0 if self._problem else CHECK_EVERY_S
            if self._checked_at < arrived - max_age_s:
                self._problem = await self._find_problem()
                self._checked_at = time.monotonic()
        if self._problem:
            raise self._problem

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
            labels=list(self._labels) if self._labels else None,
            route=self._selection.route,
            breaker=self._client.breaker.state,
            texts=self._client.texts,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            price_per_million={"input": price.input, "output": price.output} if price else None,
            currency=price.currency if price else None,
            cost=price.of(usage) if price else None,
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
        labels = self._labels or DEFAULT_LABELS
        question = Question(self.model or "", self._settings.question, labels)
        try:
            return await self._selection.ask(
                lambda route: self._client.ask(route, question, text, request_id, deadline)
            )
        except Problem as problem:
            if problem.status >= 500:
                self._checked_at = float("-inf")  # /ready checks the provider again
            raise
        finally:
            self._slots.release()

    def _headers(self, results: list[RouteResult], timing_ms: dict[str, float]) -> dict[str, str]:
        usage = sum((result.usage for result in results), TokenUsage())
        price, route = self._client.price(self.model), self._selection.route
        cost = f"{price.of(usage):.9f} {price.currency}" if price else "unknown"
        tokens = f"{usage.input_tokens} in, {usage.output_tokens} out"
        timing = server_timing.format_timing(timing_ms)
        no_score = next((result.no_score for result in results if result.no_score), "")
        return {
            server_timing.HEADER: f'{timing}, tokens;desc="{tokens}", cost;desc="{cost}"',
            "X-Provider-Route": route or "unknown",
            "X-Provider-Route-Why": self._selection.reason,
            "X-Provider-Score": (
                f"none: {no_score}" if no_score else SCORES.get(route or "", "unknown")
            ),
            "X-Provider-Tokens": f"input={usage.input_tokens}, output={usage.output_tokens}",
            "X-Provider-Cost": cost,
        }

    async def _find_problem(self) -> Problem | None:
        """Return what keeps the provider from being used, or None.

        Sets the model, and the labels if the provider lists them, unless the settings do.
        """
        try:
            models = await self._client.list_models()
        except Problem as problem:
            return problem
        if self.model is None and len(models) != 1:
            names = f" It has: {', '.join(list(models)[:10])}." if models else ""
            detail = (
                f"Set OPENAI_MODEL to the name of a model at {self._settings.host}, "
                f"and start the service again.{names}"
            )
            return Problem(503, "No model is chosen", detail)
        self.model = self.model or next(iter(models))
        if self._labels is None:
            self._labels = _valid_labels(getattr(models.get(self.model), "labels", None))
        return None


def _valid_labels(labels: object) -> tuple[str, ...] | None:
    """Return the labels from a provider's list of models, unless they are not usable."""
    if not isinstance(labels, list) or len(labels) < 2:
        return None
    return tuple(labels) if all(isinstance(label, str) for label in labels) else None


def _first_problem(failed: ExceptionGroup[Exception]) -> Exception:
    """Return the error that failed the request: preferably a problem of the provider."""
    errors = failed.exceptions
    return next((error for error in errors if isinstance(error, Problem)), errors[0])

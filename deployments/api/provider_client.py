"""The connection to one provider: calls with retries, its list of models, and what it has cost."""

import asyncio
import logging
from typing import Any

import openai
from prometheus_client import Counter

from deployments.api.config import ProviderSettings
from deployments.api.error_mapping import ProviderFailure, classify_error
from deployments.api.labels import Question
from deployments.api.prices import Price, TokenUsage, price_of
from deployments.api.retry import Retrier
from deployments.api.routes import ROUTES, MalformedResponse, RouteResult
from deployments.services.problems import Problem

LIST_MODELS_TIMEOUT_S = 5.0
CALLS = Counter(
    "hostlab_provider_calls_total", "Texts that the provider was asked about.", ["route", "outcome"]
)
TOKENS = Counter("hostlab_provider_tokens_total", "Tokens, as the provider counts.", ["direction"])
COST = Counter(
    "hostlab_provider_cost_total",
    "The cost by the price table, without calls that have no price.",
    ["currency"],
)
log = logging.getLogger("hostlab")


class ProviderClient:
    """Calls the provider in `settings`. `timeout_s` limits each request to it."""

    def __init__(self, settings: ProviderSettings, timeout_s: float) -> None:
        self._settings, self._timeout_s = settings, timeout_s
        retrier = Retrier(settings.retries, lambda error: self._classify(error, timeout_s))
        self._retrier, self.breaker = retrier, retrier.breaker
        self._client: openai.AsyncOpenAI | None = None
        self.texts = 0
        self.usage = TokenUsage()

    def open(self) -> None:
        """Create the HTTP client."""
        for name in ("httpx2", "openai"):  # they log a line for each call
            logging.getLogger(name).setLevel(logging.WARNING)
        self._client = openai.AsyncOpenAI(
            api_key=self._settings.key,
            base_url=self._settings.base_url,
            timeout=self._timeout_s,
            max_retries=0,  # retry.py does that
            http_client=openai.DefaultAsyncHttpx2Client(
                # Do not send requests to a local provider through a proxy for the internet
                trust_env=not self._settings.local,
                timeout=self._timeout_s,
            ),
        )
        cost = "local" if self._settings.local else "not local: requests may cost money"
        log.info("provider: %s (%s)", self._settings.host, cost)

    async def close(self) -> None:
        """Close the HTTP client."""
        if self._client:
            await self._client.close()

    def price(self, model: str | None) -> Price | None:
        """Return the price of the model, or None if the price table has none."""
        return price_of(model or "", self._settings.prices)

    async def ask(
        self, route: str, question: Question, text: str, request_id: str, deadline: float
    ) -> RouteResult:
        """Return the label of one text, by one route. Raises Problem if the provider fails."""
        client = self._opened()
        headers = {"X-Request-ID": request_id, "X-Client-Request-Id": request_id}
        try:
            result = await self._retrier.call(
                lambda: ROUTES[route](client, question, text, headers), deadline
            )
        except Problem as problem:
            CALLS.labels(route, str(problem.status)).inc()
            raise
        CALLS.labels(route, "ok").inc()
        self._record(result.usage, question.model)
        return result

    async def list_models(self) -> dict[str, Any]:
        """Return the provider's models by name; empty if it keeps no list. Raises Problem.

        This request is free of charge.
        """
        timeout_s = min(self._timeout_s, LIST_MODELS_TIMEOUT_S)
        try:
            async with asyncio.timeout(timeout_s):
                page = await self._opened().models.list()
            return {model.id: model for model in page.data}
        except openai.APIStatusError as error:
            if error.status_code not in (401, 403, 502, 503, 504):
                return {}
            failure = self._classify(error, timeout_s)
        except (openai.OpenAIError, TimeoutError, ValueError) as error:
            failure = self._classify(error, timeout_s)
        except (AttributeError, TypeError):
            failure = None
        if failure is None:
            malformed = MalformedResponse("its list of models does not have the expected form")
            failure = self._classify(malformed, timeout_s)
        assert failure is not None  # a MalformedResponse is always the provider's failure
        raise failure.problem(tries=1)

    def _opened(self) -> openai.AsyncOpenAI:
        if self._client is None:
            detail = "The service is still starting. Try again in a second."
            raise Problem(503, "Not ready", detail, retry_after_s=1)
        return self._client

    def _classify(self, error: BaseException, timeout_s: float) -> ProviderFailure | None:
        return classify_error(error, self._settings.host, self._settings.key, timeout_s)

    def _record(self, usage: TokenUsage, model: str) -> None:
        self.texts += 1
        self.usage += usage
        TOKENS.labels("input").inc(usage.input_tokens)
        TOKENS.labels("output").inc(usage.output_tokens)
        if price := self.price(model):
            COST.labels(price.currency).inc(price.of(usage))

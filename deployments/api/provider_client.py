"""The connection to one provider: calls with retries, its list of models, and what it has cost."""

import asyncio
import logging
import ssl
from typing import Any

import openai
from prometheus_client import Counter

from deployments.api import provider_words
from deployments.api.base_address import API_VERSION, api_version
from deployments.api.config import ProviderSettings
from deployments.api.error_inside import give_error_its_status
from deployments.api.error_mapping import classify_error, reason_to_skip
from deployments.api.labels import NoLabel, Question
from deployments.api.prices import Price, TokenUsage, price_of
from deployments.api.provider_failure import ProviderFailure
from deployments.api.retry import Retrier
from deployments.api.route_result import MalformedResponse, RouteResult
from deployments.api.routes import Routes
from deployments.api.tls import read_certificates
from deployments.services.logs import log
from deployments.services.problems import Problem

CHECK_TIMEOUT_S = 5.0
CALLS = Counter(
    "hostlab_provider_calls_total", "Texts that the provider was asked about.", ["route", "outcome"]
)
TOKENS = Counter("hostlab_provider_tokens_total", "Tokens, as the provider counts.", ["direction"])
COST = Counter(
    "hostlab_provider_cost_total",
    "The cost by the price table, without calls that have no price.",
    ["currency"],
)


class ProviderClient:
    """Calls the provider in `settings`. `timeout_s` limits each request to it."""

    def __init__(self, settings: ProviderSettings, timeout_s: float) -> None:
        self._settings, self._timeout_s = settings, timeout_s
        retrier = Retrier(settings.retries, lambda error: self._classify(error, timeout_s))
        self._retrier, self.breaker = retrier, retrier.breaker
        self._certificates = read_certificates()
        self._client: openai.AsyncOpenAI | None = None
        self._routes: Routes | None = None
        self.texts = self.uncounted_texts = 0
        self.usage = TokenUsage()

    def open(self) -> None:
        """Create the HTTP client."""
        for name in ("httpx2", "openai"):  # they log a line for each call
            logging.getLogger(name).setLevel(logging.WARNING)
        self._client = _create_client(self._settings, self._timeout_s, self._certificates)
        self._routes = Routes(self._client)
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
        self,
        route: str,
        question: Question,
        text: str,
        request_id: str,
        deadline: float,
        *,
        probing: bool,
    ) -> RouteResult:
        """Return the label of one text, by one route. Raises Problem if the provider fails.

        `probing`: whether another route is tried if the provider does not offer this one.
        """
        if self._routes is None:
            raise _not_ready()
        routes = self._routes
        headers = {"X-Request-ID": request_id, "X-Client-Request-Id": request_id}
        try:
            result = await self._retrier.call(
                lambda: routes.ask(route, question, text, headers),
                deadline,
                no_verdict=lambda error: probing and reason_to_skip(error) is not None,
            )
        except Problem as problem:
            CALLS.labels(route, str(problem.status)).inc()
            if isinstance(problem.__cause__, NoLabel):  # it costs the same
                self._record(problem.__cause__.usage, question.model)
            raise
        CALLS.labels(route, "ok").inc()
        self._record(result.usage, question.model)
        return result

    async def list_models(self) -> dict[str, Any]:
        """Return the provider's models by name; empty if it does not show them. Raises Problem.

        This request is free of charge.
        """
        client = self._opened()
        try:
            async with asyncio.timeout(self._check_timeout_s):
                page = await client.models.list()
            return {
                model.id: model
                for model in page.data
                if isinstance(getattr(model, "id", None), str) and model.id.isprintable()
            }
        except (AttributeError, TypeError) as error:
            malformed = MalformedResponse("its list of models does not have the expected form")
            raise self._check_failed(malformed) from error
        except Exception as error:
            if getattr(error, "status_code", 502) not in (502, 503, 504):
                return {}
            raise self._check_failed(error) from error

    async def check_path(self, path: str, model: str) -> None:
        """Ask for a model's answer without a text, which is free of charge.

        Raises Problem unless something at this address reads requests: it refuses this one.
        """
        client = self._opened()
        try:
            async with asyncio.timeout(self._check_timeout_s):
                response: object = await client.post(path, cast_to=object, body={"model": model})
            if not isinstance(response, dict) or not {"choices", "answers"} & response.keys():
                raise MalformedResponse("it did so to a request without a text, and with no answer")
        except openai.APIStatusError as error:
            works = error.status_code not in (403, 404, 405, 502, 503, 504)
            if not works or provider_words.is_about_key(error):
                raise self._check_failed(error) from error
        except Exception as error:
            raise self._check_failed(error) from error

    @property
    def _check_timeout_s(self) -> float:
        return min(self._timeout_s, CHECK_TIMEOUT_S)

    def _check_failed(self, error: Exception) -> Problem:
        """Return the problem that a check found. Raises the error if it is not the provider's."""
        failure = self._classify(error, self._check_timeout_s)
        if failure is None:
            raise error
        return failure.problem(tries=1)

    def _opened(self) -> openai.AsyncOpenAI:
        if self._client is None:
            raise _not_ready()
        return self._client

    def _classify(self, error: BaseException, timeout_s: float) -> ProviderFailure | None:
        return classify_error(error, self._settings.host, self._settings.key, timeout_s)

    def _record(self, usage: TokenUsage | None, model: str) -> None:
        self.texts += 1
        if usage is None:
            self.uncounted_texts += 1
            return
        self.usage += usage
        TOKENS.labels("input").inc(usage.input_tokens)
        TOKENS.labels("output").inc(usage.output_tokens)
        if price := self.price(model):
            COST.labels(price.currency).inc(price.of(usage))


def _create_client(
    settings: ProviderSettings, timeout_s: float, certificates: ssl.SSLContext
) -> openai.AsyncOpenAI:
    http_client = openai.DefaultAsyncHttpx2Client(
        # Do not send requests to a local provider through a proxy for the internet
        trust_env=not settings.local,
        verify=certificates,
        timeout=timeout_s,
        event_hooks={"response": [give_error_its_status]},
    )
    address = settings.base_url.partition("?")[0]
    version = api_version(settings.base_url)
    # retry.py does the retries
    if version and not address.endswith("/v1"):  # Azure's own form, with its own header for the key
        return openai.AsyncAzureOpenAI(
            base_url=address,
            api_version=version,
            api_key=settings.key,
            timeout=timeout_s,
            max_retries=0,
            http_client=http_client,
        )
    return openai.AsyncOpenAI(
        base_url=address,
        default_query={API_VERSION: version} if version else None,
        api_key=settings.key,
        timeout=timeout_s,
        max_retries=0,
        http_client=http_client,
    )


def _not_ready() -> Problem:
    detail = "The service is still starting. Try again in a second."
    return Problem(503, "Not ready", detail, retry_after_s=1)

"""Answer with a model that somebody else runs: one call for each text, by the best way of asking that the provider has."""

import asyncio
import logging
import time
from typing import Literal

import openai
from prometheus_client import Counter
from pydantic import BaseModel

from deployments.api import failures
from deployments.api.config import ProviderSettings
from deployments.api.prices import Price, Usage, price_of
from deployments.api.retry import Patience
from deployments.api.routes import ROUTES, Answered, Nonsense, Question
from deployments.services.contract import Answer, Prediction
from deployments.services.problems import Problem
from deployments.services.telemetry import server_timing

CHECK_EVERY_S = 2.0  # readiness is asked for all the time; the provider need not be
DEFAULT_LABELS = ("POSITIVE", "NEGATIVE")
CALLS = Counter(
    "hostlab_provider_calls_total", "Texts that the provider was asked about.", ["route", "outcome"]
)
TOKENS = Counter(
    "hostlab_provider_tokens_total", "Tokens that the provider counted.", ["direction"]
)
COST = Counter(
    "hostlab_provider_cost_total",
    "What they cost by the price table; calls without a price are not in it.",
    ["currency"],
)
log = logging.getLogger("hostlab")


class ProviderState(BaseModel):
    """Who answers here, how it is asked, and what it has cost since this service started."""

    provider: str
    local: bool
    paid: bool
    model: str | None
    labels: list[str] | None
    route: str | None
    breaker: Literal["closed", "open", "half-open"]
    texts: int
    input_tokens: int
    output_tokens: int
    price_per_million: dict[str, float] | None
    currency: str | None
    cost: float | None


class HostedModel:
    """A Predictor (see services.application) in front of a provider. `timeout_s` bounds each request as a whole."""

    def __init__(self, settings: ProviderSettings, timeout_s: float, queue_limit: int) -> None:
        self._settings, self._timeout_s, self._queue_limit = settings, timeout_s, queue_limit
        self.model = settings.model
        self._labels = settings.labels
        self._forced = settings.route != "auto"
        self._route: str | None = settings.route if self._forced else None
        self._why = "set by API_ROUTE" if self._forced else ""
        self._finding, self._checking = asyncio.Lock(), asyncio.Lock()
        self._checked_at, self._unwell = float("-inf"), None
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._waiting, self._texts, self._used = 0, 0, Usage()
        self._patience = Patience(settings.retries, self._understand)

    async def start(self) -> None:
        for noisy in ("httpx2", "openai"):  # a line for every call says nothing new
            logging.getLogger(noisy).setLevel(logging.WARNING)
        # a proxy set for the internet must not stand before a provider on this machine; retries are patience.py's
        http = openai.DefaultAsyncHttpx2Client(
            trust_env=not self._settings.local, timeout=self._timeout_s
        )
        self._client = openai.AsyncOpenAI(
            api_key=self._settings.key,
            base_url=self._settings.base_url,
            timeout=self._timeout_s,
            max_retries=0,
            http_client=http,
        )
        log.info(
            "provider: %s (%s)",
            self._settings.host,
            "local" if self._settings.local else "not local: requests may cost money",
        )

    async def close(self) -> None:
        if hasattr(self, "_client"):
            await self._client.close()

    async def check(self) -> None:
        """Raise a Problem unless the provider can be reached and takes the key. It is asked for its list of models, which is free of charge."""
        self._patience.breaker.check()
        asked_at = time.monotonic()
        async with self._checking:  # who waited here takes the answer that came meanwhile
            if self._checked_at < asked_at - (0.0 if self._unwell else CHECK_EVERY_S):
                self._unwell = await self._look_at_models()
                self._checked_at = time.monotonic()
        if self._unwell:
            raise self._unwell

    def refuse(self, texts: int = 1) -> None:
        """Raise Problem 503 where so many more texts would be too many."""
        if self._waiting + texts > self._queue_limit:
            raise Problem(
                503,
                "The service is full",
                f"{self._waiting} texts are under way already. Ask again in a second.",
                retry_after_s=1,
            )

    async def predict(self, texts: list[str], request_id: str) -> Answer:
        """Return a prediction for each text, in order, the time at the provider, and in headers how it was asked and what it cost.

        Raises Problem as failures.py says; one text that fails fails the request.
        """
        self.refuse(len(texts))
        self._waiting += len(texts)
        started = time.perf_counter()
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        try:
            if self.model is None:
                await self.check()
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._ask(text, request_id, deadline)) for text in texts]
        except ExceptionGroup as failed:
            raise _first(failed) from None
        finally:
            self._waiting -= len(texts)
        answers = [task.result() for task in tasks]
        timing_ms = {"upstream": (time.perf_counter() - started) * 1000}
        return Answer(
            [Prediction(label=one.label, score=one.score) for one in answers],
            timing_ms,
            self._headers(answers, timing_ms),
        )

    def state(self) -> ProviderState:
        """Return who answers, how, and what it has cost so far."""
        price = self._price()
        return ProviderState(
            provider=self._settings.host,
            local=self._settings.local,
            paid=price.is_money if price else not self._settings.local,
            model=self.model,
            labels=list(self._labels) if self._labels else None,
            route=self._route,
            breaker=self._patience.breaker.state,
            texts=self._texts,
            input_tokens=self._used.input_tokens,
            output_tokens=self._used.output_tokens,
            price_per_million={"input": price.input, "output": price.output} if price else None,
            currency=price.currency if price else None,
            cost=price.of(self._used) if price else None,
        )

    async def _ask(self, text: str, request_id: str, deadline: float) -> Answered:
        try:
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        except TimeoutError:
            raise Problem(
                504,
                "The provider is late",
                "This text was still waiting for its turn. Send fewer at a time.",
                retry_after_s=1,
            ) from None
        try:
            if self._route is None:
                async with self._finding:  # the first text finds the way for all
                    if self._route is None:
                        return await self._find_route(text, request_id, deadline)
            return await self._call(self._route, text, request_id, deadline)
        finally:
            self._slots.release()

    async def _find_route(self, text: str, request_id: str, deadline: float) -> Answered:
        """Try the ways of asking, the best first, and keep the first one that gives a score; else the first that gives a label."""
        passed_over, without_score = [], None
        for name in ROUTES:
            if name == "plain" and without_score:
                break
            try:
                answered = await self._call(name, text, request_id, deadline)
            except Problem as problem:
                reason = failures.not_offered(problem.__cause__)
                if reason is None or name == "plain":
                    raise
                passed_over.append(f"{name}: {reason}")
                continue
            if answered.score is not None:
                return self._keep(name, passed_over, answered)
            passed_over.append(f"{name}: {answered.note}")
            without_score = without_score or (name, answered)
        return self._keep(without_score[0], passed_over, without_score[1])

    def _keep(self, name: str, passed_over: list[str], answered: Answered) -> Answered:
        self._route, self._why = name, "; ".join(passed_over) or "the best way there is"
        log.info("route: %s (%s)", name, self._why)
        return answered

    async def _call(self, route: str, text: str, request_id: str, deadline: float) -> Answered:
        question = Question(self.model, self._settings.question, self._labels or DEFAULT_LABELS)
        headers = {"X-Request-ID": request_id, "X-Client-Request-Id": request_id}
        try:
            answered = await self._patience.call(
                lambda: ROUTES[route](self._client, question, text, headers), deadline
            )
        except Problem as problem:
            CALLS.labels(route, str(problem.status)).inc()
            if problem.status >= 500:
                self._checked_at = float(
                    "-inf"
                )  # it was well a moment ago: /ready is to look again
            if (
                not self._forced
                and route == self._route
                and getattr(problem.__cause__, "status_code", None) in (404, 405)
            ):
                self._route = None  # it has changed: the next request looks again
            raise
        CALLS.labels(route, "ok").inc()
        self._count(answered.usage)
        return answered

    def _count(self, usage: Usage) -> None:
        self._texts += 1
        self._used += usage
        TOKENS.labels("input").inc(usage.input_tokens)
        TOKENS.labels("output").inc(usage.output_tokens)
        if price := self._price():
            COST.labels(price.currency).inc(price.of(usage))

    def _price(self) -> Price | None:
        return price_of(self.model or "", self._settings.prices)

    def _headers(self, answers: list[Answered], timing_ms: dict[str, float]) -> dict[str, str]:
        usage = sum((one.usage for one in answers), Usage())
        price, note = self._price(), next((one.note for one in answers if one.note), "")
        cost = f"{price.of(usage):.9f} {price.currency}" if price else "unknown"
        scored = {
            "decisions": "probability",
            "chat": "softmax over the labels",
            "systemone": "softmax over the labels",
        }
        return {
            "Server-Timing": f'{server_timing(timing_ms)}, tokens;desc="{usage.input_tokens} in, {usage.output_tokens} out", cost;desc="{cost}"',
            "X-Provider-Route": self._route or "unknown",
            "X-Provider-Route-Why": self._why,
            "X-Provider-Score": f"none: {note}" if note else scored.get(self._route, "unknown"),
            "X-Provider-Tokens": f"input={usage.input_tokens}, output={usage.output_tokens}",
            "X-Provider-Cost": cost,
        }

    async def _look_at_models(self) -> Problem | None:
        """Ask for the list of models; return what is wrong, if anything.

        Learns the model's name, and its labels where the provider tells them and nobody set them.
        """
        limit_s = min(self._timeout_s, 5.0)
        try:
            async with asyncio.timeout(limit_s):
                models = {one.id: one for one in (await self._client.models.list()).data}
        except openai.APIStatusError as error:
            if error.status_code in (401, 403, 502, 503, 504):
                return self._understand(error).problem(1)
            models = {}  # it is there, but keeps no list
        except (openai.OpenAIError, TimeoutError, ValueError, AttributeError, TypeError) as error:
            failure = failures.understand(error, self._settings.host, self._settings.key, limit_s)
            return (failure or self._understand(Nonsense("its list of models is none"))).problem(1)
        if self.model is None and len(models) != 1:
            some = f" It has: {', '.join(list(models)[:10])}." if models else ""
            return Problem(
                503,
                "No model is chosen",
                f"Set OPENAI_MODEL to the name of one of {self._settings.host}'s models and start again.{some}",
            )
        self.model = self.model or next(iter(models))
        told = getattr(models.get(self.model), "labels", None)
        if (
            self._labels is None
            and isinstance(told, list)
            and len(told) > 1
            and all(isinstance(label, str) for label in told)
        ):
            self._labels = tuple(told)
        return None

    def _understand(self, error: BaseException) -> failures.Failure | None:
        return failures.understand(error, self._settings.host, self._settings.key, self._timeout_s)


def _first(failed: ExceptionGroup) -> BaseException:
    """Return the error that failed the request: a problem of the provider, if there is one."""
    errors = failed.exceptions
    return next((error for error in errors if isinstance(error, Problem)), errors[0])

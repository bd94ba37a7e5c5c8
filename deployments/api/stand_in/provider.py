"""The local provider: a stand-in for the company that runs the model in method 5.

    python stand_in/provider.py    # port 5001
    python api_service.py          # port 5000, in a second terminal

It needs no internet and costs nothing. It offers OpenAI's API (tests call it with the official
`openai` package) and runs the same classifier as the other methods. It is not a language model: it
classifies the last user message, ignores instructions, and knows only the labels of its classifier.

Settings: PROVIDER_KEYS are the keys that it accepts, separated by commas. With the token in
PROVIDER_ADMIN_TOKEN, an admin can make it slow, failing, or strict (`PUT /admin/behavior`, see
behavior.py). MODEL_ID works as in the other services.
"""

import asyncio
import contextlib
import hmac
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi_offline import FastAPIOffline

from deployments.api.config import LOCAL_KEY
from deployments.api.stand_in import api_errors
from deployments.api.stand_in.api_errors import ApiError
from deployments.api.stand_in.behavior import Account, Accounts, Behavior
from deployments.api.stand_in.openai_shapes import (
    ChatRequest,
    DecisionRequest,
    chat_completion,
    decision,
)
from deployments.model.classifier import Encoding
from deployments.model.loading import load_classifier
from deployments.services.batching import BatchedModel
from deployments.services.server import serve
from deployments.services.settings import Settings
from deployments.services.telemetry import Telemetry
from deployments.services.unexpected import UnexpectedEnds

STAND_IN = (
    "The local provider of Hosting Lab: a stand-in for a real one, on this machine, free of charge."
)
AllScores = tuple[dict[str, float], int]  # the probability of each label, and the number of tokens


class AllScoresClassifier:
    """The classifier, but its results are the probabilities of all labels."""

    def __init__(self) -> None:
        self._classifier = load_classifier()
        self.name = f"stand-in/{Path(self._classifier.name).name}"
        self.labels = self._classifier.labels
        self.threads = self._classifier.threads
        self.engine: str = self._classifier.engine
        self.engine_note = self._classifier.engine_note

    def encode(self, texts: list[str]) -> Sequence[Encoding]:
        """Return the tokens of each text."""
        return self._classifier.encode(texts)

    def classify(self, encodings: Sequence[Encoding]) -> list[AllScores]:
        """Return the probabilities and the number of tokens of each text."""
        rows = self._classifier.scores(encodings).tolist()
        return [
            (dict(zip(self.labels, row, strict=True)), len(encoding))
            for row, encoding in zip(rows, encodings, strict=True)
        ]


class ProviderModel:
    """The one model of the provider. It loads in the background."""

    def __init__(self, queue_limit: int) -> None:
        self.batched = BatchedModel(self._load, queue_limit)
        self.labels: list[str] = []

    @property
    def name(self) -> str | None:
        """The name of the model; None while it loads."""
        return self.batched.model

    async def classify(self, text: str, model: str, response: Response) -> AllScores:
        """Classify one text, if the model of the request is this one. Raises ApiError."""
        if model != self.name:
            message = f"The model `{model}` does not exist. The local provider has `{self.name}`."
            raise ApiError(404, message, code="model_not_found", param="model")
        [result], timing_ms = await self.batched.run([text])
        response.headers["openai-processing-ms"] = str(round(sum(timing_ms.values())))
        return result

    def _load(self) -> AllScoresClassifier:
        classifier = AllScoresClassifier()
        self.labels = classifier.labels
        return classifier


def create_provider(settings: Settings, accounts: Accounts, admin_token: str) -> FastAPI:
    """Return the application. Until the model is loaded, /v1/... returns 503."""
    model = ProviderModel(settings.queue_limit)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(_load(app, model))
        yield
        loading.cancel()
        await model.batched.close()

    app = FastAPIOffline(
        title="Hosting Lab: local provider", description=STAND_IN, lifespan=lifespan, redoc_url=None
    )
    app.add_middleware(UnexpectedEnds)
    app.add_middleware(Telemetry)  # added last, so it is the first to see a request
    app.state.draining = False
    app.state.failure = None
    app.state.on_failure = lambda: None  # server.py replaces it
    api_errors.install_handlers(app)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Describe this provider."""
        return {
            "status": "alive",
            "provider": STAND_IN,
            "stand_in": True,
            "model": model.name or "unknown",
            "run_id": settings.run_id,
        }

    _add_model_routes(app, model, accounts)
    _add_admin_route(app, accounts, admin_token)
    return app


def _add_model_routes(app: FastAPI, model: ProviderModel, accounts: Accounts) -> None:
    def authenticate(request: Request) -> Account:
        account = accounts.get(_bearer_token(request))
        if account is None:
            message = (
                "Incorrect API key provided. "
                "The local provider accepts the keys in PROVIDER_KEYS at its start."
            )
            raise ApiError(401, message, code="invalid_api_key")
        return account

    async def admit(
        response: Response, account: Annotated[Account, Depends(authenticate)]
    ) -> Behavior:
        """Limit, delay, fail, or admit a paid request, as the behavior for its key requires."""
        response.headers.update(account.take())
        behavior = account.next_behavior()
        await asyncio.sleep(behavior.delay_s)
        if behavior.status is not None:
            raise ApiError(
                behavior.status,
                "The local provider was set to fail.",
                "server_error" if behavior.status >= 500 else "invalid_request_error",
                headers=api_errors.retry_after(behavior.retry_after_s),
            )
        await model.batched.check()
        return behavior

    @app.get("/v1/models", dependencies=[Depends(authenticate)])
    async def models() -> dict[str, Any]:
        """List the one model. Unlike OpenAI's list, it names the labels."""
        await model.batched.check()
        entry = {
            "id": model.name,
            "object": "model",
            "created": 0,
            "owned_by": "hosting-lab",
            "labels": model.labels,
        }
        return {"object": "list", "data": [entry]}

    @app.post("/v1/decisions")
    async def decisions(
        body: DecisionRequest, behavior: Annotated[Behavior, Depends(admit)], response: Response
    ) -> dict[str, Any]:
        """Answer choice questions about a text, with a probability for each choice."""
        if not behavior.decisions:
            raise ApiError(404, "Invalid URL (POST /v1/decisions)")
        return decision(body, *await model.classify(body.text, body.model, response))

    @app.post("/v1/chat/completions")
    async def chat(
        body: ChatRequest, behavior: Annotated[Behavior, Depends(admit)], response: Response
    ) -> dict[str, Any]:
        """Respond to the last user message with its label."""
        if body.logprobs and behavior.logprobs == "refused":
            message = "Unsupported parameter: 'logprobs' is not supported with this model."
            raise ApiError(400, message, code="unsupported_parameter", param="logprobs")
        with_logprobs = bool(body.logprobs) and behavior.logprobs == "given"
        scores, tokens = await model.classify(body.text, body.model, response)
        return chat_completion(body, scores, tokens, with_logprobs, int(time.time()))


def _add_admin_route(app: FastAPI, accounts: Accounts, admin_token: str) -> None:
    @app.put("/admin/behavior")
    async def set_behavior(
        behavior: Behavior, request: Request, key: str | None = None
    ) -> Behavior:
        """Set how the provider treats all keys, or one (`?key=...`), which is added if new."""
        token = _bearer_token(request).encode()
        if not admin_token or not hmac.compare_digest(token, admin_token.encode()):
            message = (
                "This needs the admin token: send 'Authorization: Bearer ...' with the value that "
                "PROVIDER_ADMIN_TOKEN had when the provider started."
            )
            raise ApiError(403, message)
        accounts.set_behavior(behavior, key)
        return behavior


async def _load(app: FastAPI, model: ProviderModel) -> None:
    try:
        await model.batched.start()
    except Exception as error:
        app.state.failure = error
        app.state.on_failure()


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


if __name__ == "__main__":
    settings = Settings.from_environment(method="api", port=5001)
    keys = os.environ.get("PROVIDER_KEYS", LOCAL_KEY).split(",")
    accounts = Accounts([key.strip() for key in keys if key.strip()])
    token = os.environ.get("PROVIDER_ADMIN_TOKEN", "")
    serve(create_provider(settings, accounts, token), settings)

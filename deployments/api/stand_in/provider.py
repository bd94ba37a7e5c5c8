"""The local provider: a stand-in for the company that runs the model in method 5. It needs no key of yours, no internet and no money.

    python provider.py             # port 5001
    python api_service.py          # port 5000, in a second terminal

It speaks OpenAI's interface (the official `openai` package is its test) and hosts the same classifier as the other methods. It is no
language model: it reads the last user message, ignores instructions, and knows only the labels of its classifier.

Settings: PROVIDER_KEYS, the keys that it accepts, separated by commas; PROVIDER_ADMIN_TOKEN, with which an admin can make it slow, failing
or strict (`PUT /admin/behaviour`, see behaviour.py); MODEL_ID as everywhere.
"""

import asyncio
import contextlib
import hmac
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from deployments.api.config import LOCAL_KEY
from deployments.api.stand_in.behavior import Account, Accounts, ApiError, Behaviour
from deployments.api.stand_in.openai_shapes import (
    ChatRequest,
    DecisionRequest,
    chat_completion,
    decision,
)
from deployments.model import load_classifier
from deployments.services.batching import BatchedModel
from deployments.services.problems import Problem
from deployments.services.server import serve
from deployments.services.settings import Settings
from deployments.services.telemetry import Telemetry

STAND_IN = (
    "The local provider of Hosting Lab: a stand-in for a real one, on this machine, free of charge."
)


class AllLabels:
    """The classifier, made to give the probability of every label, and the number of tokens read, instead of the best label alone."""

    def __init__(self) -> None:
        self._classifier = load_classifier()
        self.name, self.encode = (
            f"stand-in/{Path(self._classifier.name).name}",
            self._classifier.encode,
        )
        self.labels, self.threads = self._classifier.labels, self._classifier.threads

    def classify(
        self, encodings: list[list[int]], threads: int
    ) -> list[tuple[dict[str, float], int]]:
        return [
            (scores, len(tokens))
            for scores, tokens in zip(
                self._classifier.probabilities(encodings, threads), encodings, strict=True
            )
        ]


def create_provider(settings: Settings, accounts: Accounts, admin_token: str) -> FastAPI:
    """Return the application. Until the model is loaded, /v1/… answers 503."""
    labels: list[str] = []

    def load() -> AllLabels:
        classifier = AllLabels()
        labels.extend(classifier.labels)
        return classifier

    model = BatchedModel(load, settings.queue_limit)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(start(app))
        yield
        loading.cancel()
        await model.close()

    async def start(app: FastAPI) -> None:
        try:
            await model.start()
        except Exception as error:
            app.state.failure = error
            app.state.on_failure()

    app = FastAPIOffline(
        title="Hosting Lab: local provider", description=STAND_IN, lifespan=lifespan, redoc_url=None
    )
    app.add_middleware(Telemetry)
    app.state.draining, app.state.failure = False, None
    app.state.on_failure = lambda: None  # the server puts its way to stop here
    _install_errors(app)

    def known(request: Request) -> Account:
        account = accounts.of(_bearer(request))
        if account is None:
            message = "Incorrect API key provided. The local provider accepts the keys that it was started with (PROVIDER_KEYS)."
            raise ApiError(401, message, code="invalid_api_key")
        return account

    async def admitted(
        response: Response, account: Annotated[Account, Depends(known)]
    ) -> Behaviour:
        """Treat a paid request as its key deserves: limit it, delay it, fail it, or let it through."""
        response.headers.update(account.take())
        treated = account.trouble()
        await asyncio.sleep(treated.delay_s)
        if treated.status is not None:
            error = ApiError(
                treated.status,
                "The local provider was told to fail.",
                "server_error" if treated.status >= 500 else "invalid_request_error",
            )
            error.headers = (
                {} if treated.retry_after_s is None else {"retry-after": str(treated.retry_after_s)}
            )
            raise error
        await model.check()
        return treated

    async def read(text: str, asked_for: str, response: Response) -> tuple[dict[str, float], int]:
        if asked_for != model.model:
            raise ApiError(
                404,
                f"The model `{asked_for}` does not exist. The local provider has `{model.model}`.",
                code="model_not_found",
                param="model",
            )
        [result], timing_ms = await model.run([text])
        response.headers["openai-processing-ms"] = str(round(sum(timing_ms.values())))
        return result

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Say what this is."""
        return {
            "status": "alive",
            "provider": STAND_IN,
            "stand_in": True,
            "model": model.model or "unknown",
            "run_id": settings.run_id,
        }

    @app.get("/v1/models", dependencies=[Depends(known)])
    async def models() -> dict[str, Any]:
        """List the one model, and (which OpenAI does not) its labels."""
        await model.check()
        return {
            "object": "list",
            "data": [
                {
                    "id": model.model,
                    "object": "model",
                    "created": 0,
                    "owned_by": "hosting-lab",
                    "labels": labels,
                }
            ],
        }

    @app.post("/v1/decisions")
    async def decisions(
        body: DecisionRequest,
        behaviour: Annotated[Behaviour, Depends(admitted)],
        response: Response,
    ) -> dict[str, Any]:
        """Answer choice questions about a text, with a probability for each choice."""
        if not behaviour.decisions:
            raise ApiError(404, "Invalid URL (POST /v1/decisions)")
        return decision(body, *await read(body.text, body.model, response))

    @app.post("/v1/chat/completions")
    async def chat(
        body: ChatRequest, behaviour: Annotated[Behaviour, Depends(admitted)], response: Response
    ) -> dict[str, Any]:
        """Answer the last user message with its label."""
        if body.logprobs and behaviour.logprobs == "refused":
            raise ApiError(
                400,
                "Unsupported parameter: 'logprobs' is not supported with this model.",
                code="unsupported_parameter",
                param="logprobs",
            )
        with_logprobs = bool(body.logprobs) and behaviour.logprobs == "given"
        return chat_completion(
            body, *await read(body.text, body.model, response), with_logprobs, int(time.time())
        )

    @app.put("/admin/behaviour")
    async def behave(behaviour: Behaviour, request: Request, key: str | None = None) -> Behaviour:
        """Tell the provider how to treat one key (`?key=…`, made known if it was not) or all keys."""
        if not admin_token or not hmac.compare_digest(
            _bearer(request).encode(), admin_token.encode()
        ):
            raise ApiError(
                403,
                "This needs the admin token: 'Authorization: Bearer …' with what PROVIDER_ADMIN_TOKEN was at the provider's start.",
            )
        accounts.tell(behaviour, key)
        return behaviour

    return app


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _install_errors(app: FastAPI) -> None:
    """Make every error look as OpenAI's do."""

    @app.exception_handler(ApiError)
    async def ours(request: Request, error: ApiError) -> JSONResponse:
        return JSONResponse(error.body, error.status, error.headers)

    @app.exception_handler(Problem)
    async def busy(request: Request, problem: Problem) -> JSONResponse:
        error = ApiError(problem.status, f"{problem.title}. {problem.detail}", "server_error")
        return JSONResponse(
            error.body,
            problem.status,
            {} if problem.retry_after_s is None else {"retry-after": str(problem.retry_after_s)},
        )

    @app.exception_handler(RequestValidationError)
    async def bad_request(request: Request, invalid: RequestValidationError) -> JSONResponse:
        first = invalid.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        return JSONResponse(
            ApiError(
                400, f"Invalid request at '{place}': {first['msg']}.", param=place or None
            ).body,
            400,
        )

    @app.exception_handler(HTTPException)
    async def from_framework(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse(
            ApiError(error.status_code, f"Invalid URL ({request.method} {request.url.path})").body,
            error.status_code,
        )


if __name__ == "__main__":
    settings = Settings.from_environment(method="api", port=5001)
    keys = [
        key.strip() for key in os.environ.get("PROVIDER_KEYS", LOCAL_KEY).split(",") if key.strip()
    ]
    serve(
        create_provider(settings, Accounts(keys), os.environ.get("PROVIDER_ADMIN_TOKEN", "")),
        settings,
    )

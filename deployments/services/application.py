"""The web application that every service runs: the HTTP API in front of a predictor."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from fastapi import FastAPI, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from deployments.services import problems
from deployments.services.contract import (
    REQUEST_BODY,
    Identity,
    PredictorResult,
    error_responses,
)
from deployments.services.head_as_get import HeadAsGet
from deployments.services.logs import log
from deployments.services.predict_endpoint import PredictEndpoint
from deployments.services.prediction import Prediction
from deployments.services.problems import Problem
from deployments.services.settings import Settings
from deployments.services.telemetry import Telemetry, describe_build
from deployments.services.unexpected import UnexpectedEnds


class Predictor(Protocol):
    """What an application serves: a model in this process, a gateway to one, or a hosted API."""

    @property
    def model(self) -> str | None:
        """The name of the model; None until it is known."""

    @property
    def engine(self) -> str | None:
        """What runs the network; None if that is not known."""

    @property
    def engine_note(self) -> str | None:
        """What /health reports about the engine; None if there is nothing to say."""

    async def start(self) -> None:
        """Get ready to predict, for example by loading the model."""

    async def check(self) -> None:
        """Raise Problem unless a text can be classified now."""

    def reject_if_full(self) -> None:
        """Raise Problem if there is no room for even one more text."""

    async def predict(self, texts: list[str], request_id: str) -> PredictorResult:
        """Return a prediction for each text, in order. Raises Problem."""

    async def close(self) -> None:
        """Release what `start` acquired."""


def create_app(predictor: Predictor, settings: Settings) -> FastAPI:
    """Return the application.

    It listens before the predictor has started: until then, /health responds and /ready returns
    503.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(_start(app, predictor))
        yield
        starting.cancel()
        await predictor.close()

    # FastAPI's own /docs page loads its scripts from a CDN. This one serves them itself.
    app = FastAPIOffline(
        title=f"Hosting Lab: {settings.method}",
        version=settings.version,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.draining = False
    app.state.failure = None
    app.state.on_failure = lambda: None  # server.py replaces it
    replica = socket.gethostname()
    app.add_middleware(HeadAsGet)
    app.add_middleware(PredictEndpoint, predictor=predictor, replica=replica)
    app.add_middleware(UnexpectedEnds)
    app.add_middleware(Telemetry)  # added last, so it is the first to see a request
    problems.install_handlers(app)

    def identity(status: str) -> Identity:
        return Identity(
            status=status,
            method=settings.method,
            model=predictor.model or "unknown",
            engine=predictor.engine,
            engine_note=predictor.engine_note,
            version=settings.version,
            run_id=settings.run_id,
            replica=replica,
        )

    _document_predict(app)
    _add_status_routes(app, predictor, identity)
    _add_metrics(app, predictor, settings)
    return app


def _document_predict(app: FastAPI) -> None:
    """Add POST /predict to /docs, and status 405 for its other methods."""

    @app.post(
        "/predict",
        response_model=list[Prediction],
        responses=error_responses(400, 413, 415, 422, 429, 502, 503, 504),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def predict() -> Response:
        """Label each text, in order."""
        raise NotImplementedError("PredictEndpoint answers")


def _add_status_routes(
    app: FastAPI, predictor: Predictor, identity: Callable[[str], Identity]
) -> None:
    @app.get("/health")
    async def health() -> Identity:
        """Respond as long as the process is alive."""
        return identity("alive")

    @app.get("/ready", responses=error_responses(502, 503, 504))
    async def ready() -> Identity:
        """Return 200 if the service can answer a request now."""
        try:
            if app.state.draining:
                detail = "This service is shutting down and should get no new requests."
                raise Problem(503, "Draining", detail, retry_after_s=1)
            await predictor.check()
        except Problem as problem:
            problem.extra |= identity("not ready").model_dump(exclude={"status"})
            raise
        return identity("ready")


def _add_metrics(app: FastAPI, predictor: Predictor, settings: Settings) -> None:
    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """Return the metrics in the Prometheus text format."""
        describe_build(settings.version, settings.method, predictor.model, predictor.engine)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _start(app: FastAPI, predictor: Predictor) -> None:
    try:
        await predictor.start()
        log.info("ready: %s", predictor.model)
    except Exception as error:
        app.state.failure = error
        app.state.on_failure()

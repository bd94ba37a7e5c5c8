"""The application that every program serves: the contract's routes in front of anything that can predict."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Coroutine
from typing import Annotated, Protocol

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.services import problems
from deployments.services.contract import (
    REQUEST_BODY,
    Answer,
    Identity,
    Prediction,
    PredictRequest,
    documented,
    read_request,
)
from deployments.services.problems import Problem
from deployments.services.settings import Settings
from deployments.services.telemetry import CLIENT_GONE, Telemetry, server_timing

log = logging.getLogger("hostlab")


class Predictor(Protocol):
    """What an application needs to answer: a model in this process (BatchedModel) or elsewhere (Gateway)."""

    model: str | None

    async def start(self) -> None: ...
    async def check(self) -> None: ...
    def refuse(
        self,
    ) -> None: ...  # raises Problem where even the smallest request would be refused now
    async def predict(self, texts: list[str], request_id: str) -> Answer: ...
    async def close(self) -> None: ...


def create_app(predictor: Predictor, settings: Settings) -> FastAPI:
    """Return the application. It listens before the predictor has started: /health answers, /ready says 503."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(_start(app, predictor))
        yield
        starting.cancel()
        await predictor.close()

    # the page /docs comes with its scripts in a package: FastAPI's own fetches them from a CDN
    app = FastAPIOffline(
        title=f"Hosting Lab: {settings.method}",
        version=settings.version,
        lifespan=lifespan,
        redoc_url=None,
    )
    app.state.draining, app.state.failure = False, None
    app.state.on_failure = lambda: None  # the server puts its way to stop here
    app.add_middleware(EarlyRefusal, predictor=predictor)
    app.add_middleware(Telemetry)  # around the refusals: what is added last is outermost
    problems.install(app)
    replica = socket.gethostname()

    def identity(status: str) -> Identity:
        return Identity(
            status=status,
            method=settings.method,
            model=predictor.model or "unknown",
            version=settings.version,
            run_id=settings.run_id,
            replica=replica,
        )

    @app.post(
        "/predict",
        responses=documented(400, 413, 415, 422, 429, 502, 503, 504),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def predict(
        request: Request, body: Annotated[PredictRequest, Depends(read_request)]
    ) -> list[Prediction]:
        """Label each text, in order."""
        answer = await _unless_gone(
            request, predictor.predict(body.texts, request.state.request_id)
        )
        if answer is None:
            return Response(status_code=CLIENT_GONE)
        headers = {
            "Server-Timing": server_timing(answer.timing_ms),
            "X-Replica": replica,
        } | answer.headers
        return JSONResponse(
            [prediction.model_dump() for prediction in answer.predictions], headers=headers
        )

    @app.get("/health")
    async def health() -> Identity:
        """Answer as long as the process lives."""
        return identity("alive")

    @app.get("/ready", responses=documented(502, 503, 504))
    async def ready() -> Identity:
        """Answer 200 when a text sent now would be answered."""
        try:
            if app.state.draining:
                raise Problem(
                    503,
                    "Draining",
                    "This service is about to stop and takes no new work.",
                    retry_after_s=1,
                )
            await predictor.check()
        except Problem as problem:
            problem.extra |= identity("not ready").model_dump(exclude={"status"})
            raise
        return identity("ready")

    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """Give the figures in Prometheus' text format."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


class EarlyRefusal:
    """ASGI middleware: refuse a prediction before the request is read. Under overload most requests are refused, and what they cost is lost for the others."""

    def __init__(self, app: ASGIApp, predictor: Predictor) -> None:
        self.app, self.predictor = app, predictor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.app
        if scope["type"] == "http" and scope["path"] == "/predict" and scope["method"] == "POST":
            try:
                self.predictor.refuse()
            except Problem as problem:
                answer = problems.answer(Request(scope), problem)
        await answer(scope, receive, send)


async def _start(app: FastAPI, predictor: Predictor) -> None:
    try:
        await predictor.start()
        log.info("ready: %s", predictor.model)
    except Exception as error:
        app.state.failure = error
        app.state.on_failure()


async def _unless_gone(request: Request, work: Coroutine[None, None, Answer]) -> Answer | None:
    """Wait for `work`, or cancel it and return None as soon as the client has closed its connection."""
    task = asyncio.create_task(work)
    gone = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        gone.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass

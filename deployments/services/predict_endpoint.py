"""POST /predict, without the layers that a web framework puts around a request.

FastAPI takes two thirds of the time of a request to a model that costs nothing: it looks up the
route, resolves dependencies, and passes the request through several layers of exception handling.
This endpoint needs none of that, so it is called before them. The route in application.py describes
it in /docs and rejects other HTTP methods.
"""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, Protocol

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.services import problems, server_timing
from deployments.services.contract import PredictorResult, read_request
from deployments.services.problems import Problem
from deployments.services.telemetry import CLIENT_GONE


class TextPredictor(Protocol):
    """What the endpoint needs of a predictor. See application.py."""

    def reject_if_full(self) -> None:
        """Raise Problem if there is no room for even one more text."""

    async def predict(self, texts: list[str], request_id: str) -> PredictorResult:
        """Return a prediction for each text, in order. Raises Problem."""


class PredictEndpoint:
    """ASGI middleware that answers POST /predict and passes on everything else.

    It rejects a request before it reads the body: under overload, a service rejects most requests,
    and the less time each rejection takes, the more time is left for the others.
    """

    def __init__(self, app: ASGIApp, predictor: TextPredictor, replica: str) -> None:
        self.app, self.predictor, self.replica = app, predictor, replica

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/predict" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except Problem as problem:
            response = problems.problem_response(request, problem)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        self.predictor.reject_if_full()
        body = await read_request(request)
        prediction = self.predictor.predict(body.texts, request.state.request_id)
        result = await _cancel_if_client_leaves(request, prediction)
        if result is None:
            return Response(status_code=CLIENT_GONE)
        found = [{"label": one.label, "score": one.score} for one in result.predictions]
        headers = {
            server_timing.HEADER: server_timing.format_timing(result.timing_ms),
            "X-Replica": self.replica,
        }
        return Response(
            json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode(),
            headers=headers | result.headers,
            media_type="application/json",
        )


async def _cancel_if_client_leaves(
    request: Request, prediction: Coroutine[Any, Any, PredictorResult]
) -> PredictorResult | None:
    """Return the result; if the client disconnects first, cancel `prediction` and return None."""
    task = asyncio.create_task(prediction)
    disconnected = asyncio.create_task(_wait_for_disconnect(request))
    try:
        await asyncio.wait({task, disconnected}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        disconnected.cancel()


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass

"""Errors that a client sees: problem details, `application/problem+json` (RFC 9457).

Every error has a title (what failed), a detail (why, and what to do) and the request's id to look for in the log.
"""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

log = logging.getLogger("hostlab")


class Problem(Exception):
    """Raise it anywhere in a request; the client gets `status` with a problem+json body. `extra` adds members to the body."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        retry_after_s: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail, self.retry_after_s, self.extra = (
            status,
            title,
            detail,
            retry_after_s,
            extra,
        )


class ProblemBody(BaseModel):
    """The body of every error (RFC 9457, section 3.1)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field("about:blank", description="The status says what kind of problem it is.")
    title: str = Field(description="What failed.")
    status: int = Field(description="The HTTP status once more.")
    detail: str = Field(description="Why, and what to do.")
    request_id: str | None = Field(None, description="Look for it in the service's log.")


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem+json: ours, the framework's (404, 405), and what nobody foresaw."""

    @app.exception_handler(Problem)
    async def known(request: Request, problem: Problem) -> JSONResponse:
        return answer(request, problem)

    @app.exception_handler(HTTPException)
    async def from_framework(request: Request, error: HTTPException) -> JSONResponse:
        title = HTTPStatus(error.status_code).phrase
        detail = {
            404: f"There is nothing at {request.url.path}. The page /docs lists what this service answers.",
            405: f"{request.url.path} does not take {request.method}. The page /docs lists what it takes.",
        }.get(error.status_code, str(error.detail))
        return answer(request, Problem(error.status_code, title, detail), error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        detail = "The service failed in a way nobody foresaw. Its log has the details under the request's id."
        return answer(request, Problem(500, "Internal error", detail))


def answer(
    request: Request, problem: Problem, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return the response that tells the client of `problem`, and log it."""
    request_id = request.scope.get("state", {}).get("request_id")
    if request.url.path != "/ready":  # it is asked several times a second while a service starts
        log.warning("%s request_id=%s", problem, request_id)
    body = ProblemBody(
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        request_id=request_id,
        **problem.extra,
    )
    headers = dict(headers or {})
    if problem.retry_after_s is not None:
        headers["Retry-After"] = str(problem.retry_after_s)
    return JSONResponse(
        body.model_dump(), problem.status, headers, media_type="application/problem+json"
    )

"""Errors that a client sees: problem details, `application/problem+json` (RFC 9457).

Every error has a title (what failed), a detail (why, and what to do next), and the ID of the
request, which is also in the log.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from deployments.services.logs import log

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An error to raise anywhere in a request: the client gets it as problem+json.

    Attributes:
        status: The HTTP status.
        title: What failed.
        detail: Why, and what to do next.
        retry_after_s: The value of the Retry-After header, if the client may retry.
        extra: More members of the JSON body.
    """

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
        self.status = status
        self.title = title
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.extra = extra


class ProblemBody(BaseModel):
    """The body of every error (RFC 9457, section 3.1)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field("about:blank", description="Always about:blank: see the status.")
    title: str = Field(description="What failed.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="Why, and what to do next.")
    request_id: str | None = Field(None, description="The ID of the request in the service's log.")


def install_handlers(app: FastAPI) -> None:
    """Return every error of `app` as problem+json: Problems, 404, and 405.

    Unexpected errors are answered in unexpected.py.
    """

    @app.exception_handler(Problem)
    async def handle_problem(request: Request, problem: Problem) -> JSONResponse:
        return problem_response(request, problem)

    @app.exception_handler(HTTPException)
    async def handle_http_exception(request: Request, error: HTTPException) -> JSONResponse:
        title, path = HTTPStatus(error.status_code).phrase, request.scope["path"]
        detail = {
            404: f"There is nothing at {path}. See /docs for the available paths.",
            405: f"{path} does not accept {request.method}. See /docs for its methods.",
        }.get(error.status_code, str(error.detail))
        return problem_response(request, Problem(error.status_code, title, detail), error.headers)


def problem_response(
    request: Request, problem: Problem, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the response for `problem`, and log it."""
    request_id = request.scope.get("state", {}).get("request_id")
    if request.scope["path"] != "/ready":  # polled several times a second while a service starts
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
    return JSONResponse(body.model_dump(), problem.status, headers, media_type=MEDIA_TYPE)

"""Errors in the form of OpenAI's API."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from deployments.services.problems import Problem


class ApiError(Exception):
    """An error in OpenAI's form: `{"error": {"message", "type", "param", "code"}}`."""

    def __init__(
        self,
        status: int,
        message: str,
        error_type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "error": {"message": message, "type": error_type, "param": param, "code": code}
        }
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        """Return the HTTP response."""
        return JSONResponse(self.body, self.status, self.headers)


def install_handlers(app: FastAPI) -> None:
    """Return every error of `app` in OpenAI's form."""

    @app.exception_handler(ApiError)
    async def handle_api_error(request: Request, error: ApiError) -> JSONResponse:
        return error.response()

    @app.exception_handler(Problem)
    async def handle_problem(request: Request, problem: Problem) -> JSONResponse:
        headers = retry_after(problem.retry_after_s)
        message = f"{problem.title}. {problem.detail}"
        return ApiError(problem.status, message, "server_error", headers=headers).response()

    @app.exception_handler(RequestValidationError)
    async def handle_invalid(request: Request, invalid: RequestValidationError) -> JSONResponse:
        first = invalid.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        message = f"Invalid request at '{place}': {first['msg']}."
        return ApiError(400, message, param=place or None).response()

    @app.exception_handler(HTTPException)
    async def handle_http_exception(request: Request, error: HTTPException) -> JSONResponse:
        message = f"Invalid URL ({request.method} {request.url.path})"
        return ApiError(error.status_code, message).response()


def retry_after(seconds: int | None) -> dict[str, str]:
    """Return the headers of a response that asks to wait, or none."""
    return {} if seconds is None else {"retry-after": str(seconds)}

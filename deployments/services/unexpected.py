"""What the client gets when its request ends unexpectedly."""

import asyncio

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.services.logs import log
from deployments.services.problems import Problem, problem_response

_UNEXPECTED = Problem(
    500,
    "Internal error",
    "An unexpected error occurred. Look for the request ID in the service's log.",
)
_SHUTTING_DOWN = Problem(
    503,
    "Shutting down",
    "The service stopped before this request was answered. Send it again in a second.",
    retry_after_s=1,
)


class UnexpectedEnds:
    """ASGI middleware that answers what raises an error, or is canceled.

    Starlette has a handler for unexpected errors, too, but outside of all middleware: Telemetry
    would see neither its status nor add the request's ID.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except ClientDisconnect:  # in the middle of its body: there is nobody to answer
            return
        except (Exception, asyncio.CancelledError) as error:
            if started or scope["type"] != "http":
                raise  # the server closes the connection
            if isinstance(error, asyncio.CancelledError):  # the time to shut down is over
                problem = _SHUTTING_DOWN
            else:
                problem = _UNEXPECTED
                log.exception("An unexpected error: request_id=%s", scope["state"]["request_id"])
            await problem_response(Request(scope), problem)(scope, receive, send)

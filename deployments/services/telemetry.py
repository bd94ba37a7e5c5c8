"""What a service says about itself: Prometheus metrics, a log line and an id for each request, and Server-Timing.

Server-Timing is a header of the W3C specification of that name: `queue;dur=0.1, model;dur=12.3`, durations in milliseconds.
"""

import logging
import re
import sys
import time
import uuid

from prometheus_client import Counter, Gauge, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUESTS = Counter(
    "hostlab_requests_total",
    "Requests answered, or given up by the client (status 499).",
    ["route", "status"],
)
ERRORS = Counter(
    "hostlab_errors_total", "Requests answered with a status of 400 or more.", ["route"]
)
REQUEST_SECONDS = Histogram(
    "hostlab_request_seconds",
    "Time from a request's first byte to its answer.",
    ["route"],
    buckets=_SECONDS,
)
QUEUED_TEXTS = Gauge("hostlab_queued_texts", "Texts that wait for the model.")
BATCH_TEXTS = Histogram(
    "hostlab_batch_texts", "Texts in one batch.", buckets=(1, 2, 4, 8, 16, 32, 64, 128)
)
MODEL_SECONDS = Histogram(
    "hostlab_model_seconds", "Time of one batch in the model.", buckets=_SECONDS
)

ROUTES = {"/predict", "/health", "/ready", "/metrics", "/docs", "/openapi.json"}
CLIENT_GONE = 499  # nobody reads this status; it is for metrics and the log, as in nginx
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
log = logging.getLogger("hostlab")


def log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )


def server_timing(timing_ms: dict[str, float]) -> str:
    """Return the value of the Server-Timing header for durations in milliseconds."""
    return ", ".join(f"{name};dur={duration_ms:.3f}" for name, duration_ms in timing_ms.items())


class Telemetry:
    """ASGI middleware: take or make the request's id, count and time the request, log it.

    While `app.state.draining` is true it also asks clients to leave (`Connection: close`), so that keep-alive
    connections do not hold on to a server that is about to go.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status, started = CLIENT_GONE, time.perf_counter()

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                if getattr(scope["app"].state, "draining", False):
                    headers["Connection"] = "close"
            await send(message)

        try:
            await self.app(scope, receive, with_headers)
        finally:
            seconds = time.perf_counter() - started
            route = scope["path"] if scope["path"] in ROUTES else "other"
            REQUESTS.labels(route, status).inc()
            REQUEST_SECONDS.labels(route).observe(seconds)
            if status >= 400:
                ERRORS.labels(route).inc()
            if route not in ("/health", "/ready", "/metrics"):
                log.info(
                    "%s %s %d %.1f ms request_id=%s",
                    scope["method"],
                    scope["path"],
                    status,
                    seconds * 1000,
                    request_id,
                )

"""What a service reports about itself: metrics, and an ID and a log line for each request."""

import functools
import random
import re
import time

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.services.logs import log

# Each bucket up to 5 s ends at most 1.7 times later than the one before, so a percentile that
# Prometheus interpolates within a bucket is at most that far off.
SECONDS = (
    *(0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5),
    *(0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0),
)
# The client library adds the time at which each series began, which would double their number.
disable_created_metrics()
REQUESTS = Counter(
    "hostlab_requests_total",
    "Requests answered, or abandoned by the client (status 499).",
    ["route", "status"],
)
ERRORS = Counter(
    "hostlab_errors_total",
    "Requests that the service failed: answered with status 500 or higher.",
    ["route"],
)
REQUEST_SECONDS = Histogram(
    "hostlab_request_duration_seconds",
    "Time from the first byte of a request to its response.",
    ["route"],
    buckets=SECONDS,
)
BUILD_INFO = Gauge(
    "hostlab_build_info",
    "Always 1. The labels say what runs; the model and its engine are empty until they are known.",
    ["version", "method", "model", "engine"],
)

ROUTES = {"/predict", "/health", "/ready", "/metrics", "/docs", "/openapi.json"}
OTHER = "other"  # one label for all other paths: clients must not be able to create series
# A counter that first appears with the value 1 has not increased, as Prometheus counts. So the
# first failure would be missed without a zero before it.
for _route in (*ROUTES, OTHER):
    ERRORS.labels(_route)
CLIENT_GONE = 499  # as in nginx: no client gets this status, only the metrics and the log
SENT_STATUS = "sent_status"  # in a request's state: what http_protocol.py has sent itself
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


class Telemetry:
    """ASGI middleware that gives each request an ID, counts it, times it, and logs it.

    A client may choose the ID with the header X-Request-ID. While `app.state.draining` is true,
    responses also carry `Connection: close`: otherwise, kept-alive connections would keep sending
    requests to a server that is about to stop.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        request_id = state.setdefault("request_id", _request_id(scope))
        status, started = None, time.perf_counter()

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
            sent = state.get(SENT_STATUS) or status or CLIENT_GONE
            record(scope["method"], scope["path"], sent, time.perf_counter() - started, request_id)


def describe_build(version: str, method: str, model: str | None, engine: str | None) -> None:
    """Set the labels of BUILD_INFO. There is one series at a time, also when the model changes."""
    BUILD_INFO.clear()
    BUILD_INFO.labels(version, method, model or "", engine or "").set(1)


def _request_id(scope: Scope) -> str:
    """Return the ID that the client chose, if it is a valid one, or a random one."""
    from_client = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return from_client if _REQUEST_ID.fullmatch(from_client) else new_request_id()


def new_request_id() -> str:
    """Return a random ID."""
    return f"{random.getrandbits(128):032x}"


@functools.cache  # finding them takes longer than counting
def _metrics(route: str, status: int) -> tuple[Counter, Counter, Histogram]:
    """Return the metrics of one kind of request: requests, errors, and seconds."""
    return REQUESTS.labels(route, status), ERRORS.labels(route), REQUEST_SECONDS.labels(route)


def record(method: str, path: str, status: int, seconds: float, request_id: str) -> None:
    """Count one request, and log it unless it is a routine check."""
    route = path if path in ROUTES else OTHER
    requests, errors, durations_s = _metrics(route, status)
    requests.inc()
    durations_s.observe(seconds)
    if status >= 500:
        errors.inc()
    if route not in ("/health", "/ready", "/metrics"):
        log.info("%s %s %d %.1f ms request_id=%s", method, path, status, seconds * 1000, request_id)

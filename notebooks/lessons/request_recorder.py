"""Records the requests that a student's function sends with the requests package."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from unittest.mock import patch

import requests


@dataclass(frozen=True)
class RecordedRequest:
    """A request to /predict, and the response to it.

    `sent_s` is monotonic, in seconds. Without a response, `status` is None and `headers` is empty.
    """

    sent_s: float
    latency_ms: float
    status: int | None
    headers: Mapping[str, str]

    @property
    def retry_after_s(self) -> int | None:
        """How long the service asked the client to wait, if it did."""
        value = self.headers.get("Retry-After")
        return int(value) if value else None


def _ignore(request: RecordedRequest) -> None:
    pass


class RequestRecorder:
    """Records the requests to /predict of the thread that enters it. They are sent unchanged.

    `on_request` is called after each of them.
    """

    def __init__(self, on_request: Callable[[RecordedRequest], None] = _ignore) -> None:
        self.requests: list[RecordedRequest] = []
        self._on_request = on_request

    def __enter__(self) -> Self:
        thread, send = threading.get_ident(), requests.Session.send

        def recorded(
            session: requests.Session, request: requests.PreparedRequest, **settings: Any
        ) -> requests.Response:
            if threading.get_ident() != thread or not (request.url or "").endswith("/predict"):
                return send(session, request, **settings)
            sent_s, started = time.monotonic(), time.perf_counter()
            response: requests.Response | None = None
            try:
                response = send(session, request, **settings)
                return response
            finally:
                self._record(sent_s, (time.perf_counter() - started) * 1000, response)

        self._patch = patch.object(requests.Session, "send", recorded)
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()

    def _record(self, sent_s: float, latency_ms: float, response: requests.Response | None) -> None:
        status = response.status_code if response is not None else None
        headers = response.headers if response is not None else {}
        request = RecordedRequest(sent_s, latency_ms, status, headers)
        self.requests.append(request)
        self._on_request(request)

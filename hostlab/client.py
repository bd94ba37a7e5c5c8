"""Ask a running service: the contract from the client's side, and where the time went."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import requests

from deployments.services import server_timing
from deployments.services.prediction import Prediction
from deployments.services.shortening import shortened
from hostlab.bounded_http import ResponseTooLarge, bounded_session
from hostlab.errors import RequestFailed

MAX_LABEL_CHARACTERS = 200
MAX_SCORE = 1e300  # JSON can hold integers that no float can
MAX_DETAIL_CHARACTERS = 2_000  # of what a service says about an error


@dataclass(frozen=True)
class Timing:
    """Where a request's milliseconds went: disjoint parts that sum to the latency.

    `queue` and `model` were spent in the process that holds the model, `upstream` at a provider.
    `hop` is the rest: the network, HTTP, JSON, the gateway, and this client. A part that is not
    known is None.
    """

    hop: float | None
    queue: float | None
    model: float | None
    upstream: float | None


@dataclass(frozen=True)
class PredictionResponse:
    """The response to one request: a prediction for each text, and the latency that the client saw.

    The names in `headers` are case-insensitive.
    """

    predictions: list[Prediction]
    latency_ms: float
    timing_ms: Timing
    headers: Mapping[str, str]


class Client:
    """A kept-alive connection to one service. Not for use by several threads at once."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self.url, self.timeout_s = url, timeout_s
        self._session = bounded_session()

    def connect(self) -> None:
        """Open the connection, so that the first measured request does not pay for it.

        A response of any status will do, because a guest may have no /health. Raises RequestFailed
        where there is no response.
        """
        try:
            self._request("GET", "/health")
        except RequestFailed as error:
            if error.status is None:
                raise

    def ask(self, texts: str | list[str]) -> PredictionResponse:
        """POST /predict and time it.

        Raises RequestFailed with the service's own title and detail.
        """
        started = time.perf_counter()
        response = self._request("POST", "/predict", {"text": texts})
        latency_ms = (time.perf_counter() - started) * 1000
        try:
            predictions = [_prediction(one) for one in json.loads(response.content)]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            detail = (
                f"{self.url} answers, but not with labels and scores. Is something else on that "
                "port?"
            )
            raise RequestFailed("Not our contract", detail) from error
        timing_ms = timing(response.headers.get(server_timing.HEADER), latency_ms)
        return PredictionResponse(predictions, latency_ms, timing_ms, response.headers)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _request(self, method: str, path: str, body: object = None) -> requests.Response:
        try:
            response = self._session.request(
                method, self.url + path, json=body, timeout=self.timeout_s
            )
        except requests.Timeout as error:
            detail = (
                f"{self.url} did not respond within {self.timeout_s:g} s. It may hang or be "
                "overloaded; see its log."
            )
            raise RequestFailed("Too late", detail) from error
        except ResponseTooLarge as error:
            detail = f"{self.url} sends more than any response of the contract. Is it a service?"
            raise RequestFailed("Too large", detail) from error
        except requests.RequestException as error:
            detail = (
                f"{self.url} accepts no connection or closed it. Does the service run? See "
                "`hostlab status`."
            )
            raise RequestFailed("No connection", detail) from error
        if response.status_code == 200:
            return response
        raise _failure(self.url, response)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _prediction(one: Any) -> Prediction:
    """Return a prediction as JSON has it. Raises ValueError, TypeError, KeyError."""
    label, score = one["label"], one["score"]
    if not isinstance(label, str) or len(label) > MAX_LABEL_CHARACTERS:
        raise ValueError("the label is no string, or a long one")
    if score is not None and not (isinstance(score, int | float) and abs(score) < MAX_SCORE):
        raise ValueError("the score is neither a finite number nor null")
    label.encode()  # JSON can escape half of a surrogate pair, which no page can show
    return Prediction(label, score)


def _readable(found: object) -> str:
    """Return what a service says as text that can be shown, whatever it is."""
    return shortened(str(found).encode(errors="replace").decode(), MAX_DETAIL_CHARACTERS)


def _failure(url: str, response: requests.Response) -> RequestFailed:
    """Return the error for a response that is no success: problem details (RFC 9457), or not."""
    status = response.status_code
    try:
        problem = json.loads(response.content)
        title, detail = _readable(problem["title"]), _readable(problem["detail"])
    except (ValueError, TypeError, KeyError, RecursionError):
        title = "Unexpected response"
        detail = f"{url} responded with status {status} and no explanation."
    retry_after = response.headers.get("Retry-After", "")
    retry_after_s = int(retry_after) if re.fullmatch("[0-9]{1,9}", retry_after) else None
    return RequestFailed(title, detail, status, retry_after_s)


def timing(header: str | None, latency_ms: float) -> Timing:
    """Split a latency by the Server-Timing header (W3C) of its answer."""
    known = server_timing.parse_timing(header)
    if not known or sum(known.values()) > latency_ms:  # a service that is wrong about its time
        return Timing(None, None, None, None)
    queue, model = known.get(server_timing.QUEUE), known.get(server_timing.MODEL)
    upstream = known.get(server_timing.UPSTREAM, None if model is None else 0.0)
    return Timing(max(0.0, latency_ms - sum(known.values())), queue, model, upstream)

"""Ask a running service: the contract from the client's side, and where the time went."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests

from deployments.services import server_timing
from deployments.services.prediction import Prediction
from hostlab.errors import RequestFailed


@dataclass(frozen=True)
class Timing:
    """Where a request's milliseconds went: disjoint parts that sum to the latency; None where a
    part is not known.

    `queue` and `model` were spent in the process that holds the model, `upstream` at somebody
    else's provider, `hop` is the rest: the network, HTTP, JSON, the gateway, this client.
    """

    hop: float | None
    queue: float | None
    model: float | None
    upstream: float | None


@dataclass(frozen=True)
class Reply:
    """The answer to one request: a prediction for each text, the latency in milliseconds as the
    client saw it, its parts.
    """

    predictions: list[Prediction]
    latency_ms: float
    timing_ms: Timing
    headers: Mapping[str, str]  # names in any case


class Client:
    """A kept-alive connection to one service. Not for use by several threads at once."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self.url, self.timeout_s = url, timeout_s
        self._session = requests.Session()
        self._session.trust_env = (
            False  # a proxy set for the internet must not stand before a service on this machine
        )

    def connect(self) -> None:
        """Open the connection, so that the first measured request does not pay for it.

        Raises RequestFailed.
        """
        self._request("GET", "/health")

    def ask(self, texts: str | list[str]) -> Reply:
        """POST /predict and time it.

        Raises RequestFailed with the service's own words where it answers with an error.
        """
        started = time.perf_counter()
        answer = self._request("POST", "/predict", {"text": texts})
        latency_ms = (time.perf_counter() - started) * 1000
        try:
            predictions = [Prediction(one["label"], one["score"]) for one in answer.json()]
        except (ValueError, TypeError, KeyError) as error:
            raise RequestFailed(
                "Not our contract",
                f"{self.url} answers, but not with labels and scores. Is something else on that "
                "port?",
            ) from error
        return Reply(
            predictions,
            latency_ms,
            timing(answer.headers.get(server_timing.HEADER), latency_ms),
            answer.headers,
        )

    def close(self) -> None:
        self._session.close()

    def _request(self, method: str, path: str, body: object = None) -> requests.Response:
        try:
            answer = self._session.request(
                method, self.url + path, json=body, timeout=self.timeout_s
            )
        except requests.Timeout as error:
            raise RequestFailed(
                "Too late",
                f"{self.url} gave no answer within {self.timeout_s:g} s. It may hang or be "
                "overloaded; see its log.",
            ) from error
        except requests.RequestException as error:
            raise RequestFailed(
                "No connection",
                f"{self.url} takes no connection or broke it off. Does the service run? See "
                "`hostlab status`.",
            ) from error
        if answer.status_code == 200:
            return answer
        try:
            said = answer.json()
            title, detail = str(said["title"]), str(said["detail"])
        except (ValueError, TypeError, KeyError):
            title, detail = (
                "Unexpected answer",
                f"{self.url} answered with status {answer.status_code} and no explanation.",
            )
        retry_after = answer.headers.get("Retry-After", "")
        raise RequestFailed(
            title, detail, answer.status_code, int(retry_after) if retry_after.isdigit() else None
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def timing(header: str | None, latency_ms: float) -> Timing:
    """Split a latency by the Server-Timing header (W3C) of its answer."""
    known = server_timing.parse_timing(header)
    if not known:
        return Timing(None, None, None, None)
    queue, model = known.get(server_timing.QUEUE), known.get(server_timing.MODEL)
    upstream = known.get(server_timing.UPSTREAM, None if model is None else 0.0)
    return Timing(max(0.0, latency_ms - sum(known.values())), queue, model, upstream)

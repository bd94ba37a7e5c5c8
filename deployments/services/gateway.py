"""The gateway: a predictor that asks the model service over HTTP.

A prediction changes nothing on the server, so it is safe to send it again. If a connection breaks,
or a replica responds with 503, the gateway retries with replicas that it has not tried, up to three
in all: during a rolling update, two of them may fail the same request. It does not retry a request
that timed out, because a second one would only add load.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from pydantic import TypeAdapter

from deployments.services import server_timing
from deployments.services.contract import PredictorResult
from deployments.services.prediction import Prediction
from deployments.services.problems import Problem
from deployments.services.replicas import Replica, Replicas

MAX_TRIES = 3
MAX_IN_FLIGHT = 512  # requests to the model service; the gateway rejects any more
# The address of a stopped container does not refuse a connection, it only stays silent. A running
# one accepts it within milliseconds.
CONNECT_TIMEOUT_S = 2.0
KEEP_ALIVE_S = 15  # shorter than the service's own: see server.py

_PREDICTIONS = TypeAdapter(list[Prediction])


@dataclass(frozen=True)
class _ReplicaResponse:
    """The HTTP response of a replica."""

    status: int
    headers: Mapping[str, str]  # the case of the names does not matter
    body: bytes


class Gateway:
    """A predictor in front of the model service at `model_url`.

    `model_url` is a base address; the lecture's form, which ends with /predict, works too.
    `timeout_s` is the time limit for each try.
    """

    def __init__(self, model_url: str, timeout_s: float) -> None:
        url = urlsplit(model_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(
                f"MODEL_URL is {model_url!r}. Set it to an address such as http://localhost:5001."
            )
        port = url.port or (443 if url.scheme == "https" else 80)
        self._scheme, self._host = url.scheme, f"{url.hostname}:{port}"
        # An HTTPS certificate is for the name, not for the address that the gateway connects to.
        self._certificate_name = url.hostname if url.scheme == "https" else None
        self._port = port
        self._path = url.path.rstrip("/").removesuffix("/predict")
        self._timeout_s = timeout_s
        self._connect_timeout_s = min(timeout_s, CONNECT_TIMEOUT_S)
        self._replicas = Replicas(url.hostname, port)
        self._session: aiohttp.ClientSession | None = None
        self.model: str | None = None
        self.engine: str | None = None
        self.engine_note: str | None = None

    async def start(self) -> None:
        """Create the HTTP session."""
        self._session = aiohttp.ClientSession(
            # No limit here: MAX_IN_FLIGHT limits the requests
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S),
            timeout=aiohttp.ClientTimeout(
                total=self._timeout_s, sock_connect=self._connect_timeout_s
            ),
            # Do not send requests to the model through a proxy that is set for the internet
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close the HTTP session."""
        if self._session:
            await self._session.close()

    async def check(self) -> None:
        """Raise Problem 502, 503, or 504 unless a replica is ready; get its model and engine."""
        response = await self._request("GET", "/ready", {})
        try:
            identity = json.loads(response.body)
            self.model, self.engine = identity["model"], identity.get("engine")
            self.engine_note = identity.get("engine_note")
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _failed("Its response does not follow the contract") from None

    def reject_if_full(self) -> None:
        """Raise Problem 503 if too many requests are in flight."""
        self._check_capacity()

    async def predict(self, texts: list[str], request_id: str) -> PredictorResult:
        """Return the predictions and the timing of the model service. Raises Problem."""
        headers = {"X-Request-ID": request_id}
        response = await self._request("POST", "/predict", headers, {"text": texts})
        try:
            predictions = _PREDICTIONS.validate_json(response.body)
        except ValueError:  # pydantic's error is one
            raise _failed("Its response does not follow the contract") from None
        if len(predictions) != len(texts):
            raise _failed(f"It returned {len(predictions)} predictions for {len(texts)} texts")
        timing_ms = server_timing.parse_timing(response.headers.get(server_timing.HEADER))
        replica = response.headers.get("X-Replica")
        return PredictorResult(predictions, timing_ms, {"X-Replica": replica} if replica else {})

    def _check_capacity(self) -> aiohttp.ClientSession:
        if self._session is None or self._replicas.in_flight >= MAX_IN_FLIGHT:
            detail = f"{MAX_IN_FLIGHT} requests are in flight. Try again in a second."
            raise Problem(503, "The gateway is full", detail, retry_after_s=1)
        return self._session

    async def _request(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> _ReplicaResponse:
        """Send a request to one replica, and retry with others if it fails."""
        session = self._check_capacity()
        tried: list[Replica] = []
        while True:
            try:
                replica = await self._replicas.choose(tried)
            except OSError as error:
                raise _failed(
                    f"The name in {self._host} cannot be resolved. Check that the model service is "
                    "running and that MODEL_URL is correct"
                ) from error
            try:
                return await self._try(session, replica, method, path, headers, body)
            except Problem as problem:
                tried.append(replica)
                if len(tried) == MAX_TRIES or not self._may_retry(problem, replica, tried):
                    raise

    def _may_retry(self, problem: Problem, replica: Replica, tried: list[Replica]) -> bool:
        if problem.status not in (502, 503):
            return False
        if self._replicas.others(tried):
            return True
        # A single replica that refuses the connection is down. One that closed it may only have
        # closed an idle connection, so it gets a second try.
        return bool(problem.extra.get("broke_off")) and tried.count(replica) == 1

    async def _try(
        self,
        session: aiohttp.ClientSession,
        replica: Replica,
        method: str,
        path: str,
        headers: dict[str, str],
        body: object,
    ) -> _ReplicaResponse:
        """Send a request to `replica`. Raises Problem unless the response has status 200."""
        address = f"[{replica.address}]" if ":" in replica.address else replica.address
        self._replicas.begin(replica)
        try:
            async with session.request(
                method,
                f"{self._scheme}://{address}:{self._port}{self._path}{path}",
                headers=headers | {"Host": self._host},
                json=body,
                server_hostname=self._certificate_name,
                allow_redirects=False,
            ) as received:
                response = _ReplicaResponse(
                    received.status, received.headers, await received.read()
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._problem_for_exception(error, replica) from error
        finally:
            replica.in_flight -= 1
        if response.status == 200:
            return response
        raise _problem_for_status(response, replica)

    def _problem_for_exception(
        self, error: aiohttp.ClientError | TimeoutError, replica: Replica
    ) -> Problem:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            replica.mark_failed()
            return _failed(f"It did not accept a connection within {self._connect_timeout_s:g} s")
        if isinstance(error, TimeoutError):
            detail = (
                f"The model service at {self._host} did not respond within {self._timeout_s:g} s. "
                "It may hang or be overloaded; see its log."
            )
            return Problem(504, "The model service timed out", detail, retry_after_s=1)
        if isinstance(error, aiohttp.ClientConnectorError):
            replica.mark_failed()
            return _failed(f"Nothing accepts connections at {self._host}")
        return _failed(f"The connection to {self._host} was closed", broke_off=True)


def _problem_for_status(response: _ReplicaResponse, replica: Replica) -> Problem:
    """Pass on a problem that concerns the client; anything else is a failed model service."""
    try:
        document = json.loads(response.body)
        title, detail = document["title"], document["detail"]
    except (ValueError, TypeError, KeyError):
        return _failed(f"It responded with status {response.status} and no problem details")
    if response.status == 503:
        replica.mark_failed()
        retry_after_s = int(response.headers.get("Retry-After", "1"))
        return Problem(503, title, detail, retry_after_s=retry_after_s)
    if response.status in (413, 422, 429):
        return Problem(response.status, title, detail)
    return _failed(f"It responded with status {response.status}, {title}: {detail}")


def _failed(reason: str, **extra: object) -> Problem:
    detail = (
        f"{reason}. Try again in a second; if the problem persists, check whether the model "
        "service is running (hostlab status)."
    )
    return Problem(502, "The model service failed", detail, retry_after_s=1, **extra)

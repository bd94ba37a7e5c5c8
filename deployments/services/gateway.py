"""The gateway: a predictor that asks the model service over HTTP.

A prediction changes nothing on the server, so it is safe to send it again. If a connection breaks,
or a replica responds with 503, the gateway retries with replicas that it has not tried, up to three
in all: during a rolling update, two of them may fail the same request. It does not retry a request
that timed out, because a second one would only add load.
"""

import errno
import json
from urllib.parse import urlsplit

import aiohttp

from deployments.services import server_timing
from deployments.services.contract import PredictorResult
from deployments.services.dead_peers import UNACKNOWLEDGED_S, open_socket
from deployments.services.model_response import (
    MAX_BODY_BYTES,
    ModelResponse,
    model_failed,
    read_identity,
    read_predictions,
    read_problem,
    read_replica,
)
from deployments.services.problems import Problem
from deployments.services.replicas import Replica, Replicas

MAX_TRIES = 3
MAX_IN_FLIGHT = 512  # requests to the model service; the gateway rejects any more
KEEP_ALIVE_S = 15  # shorter than the service's own: see server.py


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
        self._scheme, self._host = url.scheme, f"{_in_brackets(url.hostname)}:{port}"
        # An HTTPS certificate is for the name, not for the address that the gateway connects to.
        self._certificate_name = url.hostname if url.scheme == "https" else None
        self._port = port
        self._path = url.path.rstrip("/").removesuffix("/predict")
        self._timeout_s = timeout_s
        # The address of a stopped container does not refuse a connection, it only stays silent.
        self._connect_timeout_s = min(timeout_s, UNACKNOWLEDGED_S)
        self._replicas = Replicas(url.hostname, port)
        self._session: aiohttp.ClientSession | None = None
        self.model: str | None = None
        self.engine: str | None = None
        self.engine_note: str | None = None

    async def start(self) -> None:
        """Create the HTTP session."""
        self._session = aiohttp.ClientSession(
            # No limit here: MAX_IN_FLIGHT limits the requests
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=KEEP_ALIVE_S, socket_factory=open_socket
            ),
            timeout=aiohttp.ClientTimeout(
                total=self._timeout_s, sock_connect=self._connect_timeout_s
            ),
            # Do not send requests to the model through a proxy that is set for the internet
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            # A compressed body of a few bytes could have any size
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Close the HTTP session."""
        if self._session:
            await self._session.close()

    async def check(self) -> None:
        """Raise Problem 502, 503, or 504 unless a replica is ready; get its model and engine."""
        identity = read_identity(await self._request("GET", "/ready", {}))
        self.model, self.engine = identity.model, identity.engine
        self.engine_note = identity.engine_note

    def reject_if_full(self) -> None:
        """Raise Problem 503 if too many requests are in flight."""
        self._check_capacity()

    async def predict(self, texts: list[str], request_id: str) -> PredictorResult:
        """Return the predictions and the timing of the model service. Raises Problem."""
        headers = {"X-Request-ID": request_id, "Content-Type": "application/json"}
        response = await self._request("POST", "/predict", headers, encode_request(texts))
        return PredictorResult(
            read_predictions(response, len(texts)),
            server_timing.parse_timing(response.headers.get(server_timing.HEADER)),
            read_replica(response),
        )

    def _check_capacity(self) -> aiohttp.ClientSession:
        if self._session is None or self._replicas.in_flight >= MAX_IN_FLIGHT:
            detail = f"{MAX_IN_FLIGHT} requests are in flight. Try again in a second."
            raise Problem(503, "The gateway is full", detail, retry_after_s=1)
        return self._session

    async def _request(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> ModelResponse:
        """Send a request to one replica, and retry with others if it fails."""
        session = self._check_capacity()
        tried: list[Replica] = []
        broke_off: list[Replica] = []
        while True:
            try:
                replica = await self._replicas.choose(tried)
            except OSError as error:
                raise model_failed(
                    f"The name in {self._host} cannot be resolved. Check that the model service is "
                    "running and that MODEL_URL is correct"
                ) from error
            try:
                return await self._try(session, replica, method, path, headers, body)
            except Problem as problem:
                tried.append(replica)
                if problem.extra.get("broke_off"):
                    broke_off.append(replica)
                # A replica that refuses the connection is down. One that closed it may only have
                # closed an idle connection, so it gets a second try.
                again = self._replicas.others(tried) or any(
                    tried.count(it) == 1 for it in broke_off
                )
                if problem.status not in (502, 503) or len(tried) == MAX_TRIES or not again:
                    raise

    async def _try(
        self,
        session: aiohttp.ClientSession,
        replica: Replica,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None,
    ) -> ModelResponse:
        """Send a request to `replica`. Raises Problem unless the response has status 200."""
        self._replicas.begin(replica)
        try:
            async with session.request(
                method,
                f"{self._scheme}://{_in_brackets(replica.address)}:{self._port}{self._path}{path}",
                headers=headers | {"Host": self._host},
                data=body,
                server_hostname=self._certificate_name,
                allow_redirects=False,
            ) as received:
                response = ModelResponse(
                    received.status, received.headers, await _read_body(received)
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._problem_for_exception(error, replica) from error
        finally:
            replica.in_flight -= 1
        if response.status == 200:
            return response
        problem = read_problem(response)
        if problem.status == 503:
            replica.mark_failed()
        raise problem

    def _problem_for_exception(
        self, error: aiohttp.ClientError | TimeoutError, replica: Replica
    ) -> Problem:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            replica.mark_failed()
            return model_failed(
                f"It did not accept a connection within {self._connect_timeout_s:g} s"
            )
        if isinstance(error, TimeoutError):
            detail = (
                f"The model service at {self._host} did not respond within {self._timeout_s:g} s. "
                "It may hang or be overloaded; see its log."
            )
            return Problem(504, "The model service timed out", detail, retry_after_s=1)
        # A dead machine, or one that does not accept connections.
        timed_out = isinstance(error, OSError) and error.errno == errno.ETIMEDOUT
        if timed_out or isinstance(error, aiohttp.ClientConnectorError):
            replica.mark_failed()
            return model_failed(f"Nothing accepts connections at {self._host}")
        return model_failed(f"The connection to {self._host} was closed", broke_off=True)


def encode_request(texts: list[str]) -> bytes:
    """Return the body of a request, never longer than the one that the client sent.

    So the model service takes all texts that the gateway takes: both have the same limit.
    """
    body = {"text": texts if len(texts) > 1 else texts[0]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def _read_body(received: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in received.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise model_failed(f"Its response has more than {MAX_BODY_BYTES} bytes")
    return bytes(body)


def _in_brackets(host: str) -> str:
    """Return the host as a URL has it: an IPv6 address is in brackets (RFC 3986)."""
    return f"[{host}]" if ":" in host else host

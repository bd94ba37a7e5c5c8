"""The gateway's way to the model: which of its replicas to ask, how long to wait, and what to do when one fails.

A name may stand for several addresses: Docker's DNS answers with one for each replica, and so does a headless Service of
Kubernetes. Two habits of ordinary clients spoil that: they take the first address, and they keep their connection, so all
requests go to one replica. So the name is looked up again and again here, each address has connections of its own, and a
request goes to the address with the fewest requests in flight; among equals, in turn.

What may be repeated: a prediction changes nothing on the server, so a request whose connection broke, or whose replica says
503, is sent again to replicas that it has not tried, up to three in all: while an update replaces one after the other, two may
fail it. A request that was too late is not repeated: a second one would only add load.
"""

import asyncio
import itertools
import json
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from deployments.services.contract import Answer, Prediction
from deployments.services.problems import Problem

LOOK_UP_EVERY_S = 1.0
SET_ASIDE_S = 1.0  # how long an address that failed is not asked while another is there
TRIES = 3
CONNECT_TIMEOUT_S = 2.0  # the address of a container that is gone refuses nothing, it is only silent; a live one takes milliseconds
MAX_IN_FLIGHT = 512  # requests of this gateway upstream; beyond it the gateway refuses at once
_TIMING = re.compile(r"(queue|model|upstream);dur=([\d.]+)")


@dataclass(frozen=True)
class _Reply:
    """What a replica answered."""

    status: int
    headers: Mapping[str, str]  # found whatever the case of their names
    body: bytes


@dataclass(eq=False)
class _Replica:
    """One address of the model service."""

    address: str
    in_flight: int = 0
    last_turn: int = 0
    failed_at: float = -SET_ASIDE_S


class Gateway:
    """Answers by asking a model service at `model_url` (a base address; the form with /predict at its end is taken too)."""

    def __init__(self, model_url: str, timeout_s: float) -> None:
        url = urlsplit(model_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(
                f"MODEL_URL is {model_url!r}. It has to be an address such as http://localhost:5001."
            )
        self._scheme, self._host, self._port = (
            url.scheme,
            url.hostname,
            url.port or (443 if url.scheme == "https" else 80),
        )
        self._path = url.path.rstrip("/").removesuffix("/predict")
        self._timeout_s, self._connect_timeout_s = timeout_s, min(timeout_s, CONNECT_TIMEOUT_S)
        self.model: str | None = None
        self._replicas: dict[str, _Replica] = {}
        self._looked_up_at = -LOOK_UP_EVERY_S
        self._turns = itertools.count(1)
        self._looking_up = asyncio.Lock()
        self._client: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        connections = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=15
        )  # refuse() limits what is under way
        timeout = aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=self._connect_timeout_s)
        # trust_env: a proxy set for the internet must not stand between a gateway and its model
        self._client = aiohttp.ClientSession(
            connector=connections,
            timeout=timeout,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        if self._client:
            await self._client.close()

    async def check(self) -> None:
        """Raise Problem 502, 503 or 504 unless a model replica is ready; learn the model's name from it."""
        answer = await self._ask("GET", "/ready", {})
        self.model = json.loads(answer.body).get("model")

    def refuse(self) -> None:
        """Raise Problem 503 where too many requests are under way already."""
        if (
            self._client is None
            or sum(one.in_flight for one in self._replicas.values()) >= MAX_IN_FLIGHT
        ):
            raise Problem(
                503,
                "The gateway is full",
                f"{MAX_IN_FLIGHT} requests are under way already. Ask again in a second.",
                retry_after_s=1,
            )

    async def predict(self, texts: list[str], request_id: str) -> Answer:
        """Return the model service's predictions and its own timing. Raises Problem with the status that the client gets."""
        answer = await self._ask("POST", "/predict", {"X-Request-ID": request_id}, {"text": texts})
        try:
            predictions = [Prediction.model_validate(one) for one in json.loads(answer.body)]
        except (ValueError, TypeError):  # pydantic's and json's errors are both ValueErrors
            raise _broken("It answered, but not as the contract says") from None
        if len(predictions) != len(texts):
            raise _broken(f"It was asked for {len(texts)} predictions and gave {len(predictions)}")
        timing_ms = {
            name: float(duration)
            for name, duration in _TIMING.findall(answer.headers.get("Server-Timing", ""))
        }
        headers = (
            {"X-Replica": answer.headers["X-Replica"]} if "X-Replica" in answer.headers else {}
        )
        return Answer(predictions, timing_ms, headers)

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> _Reply:
        """Ask one replica, and others if it breaks off or is not ready."""
        self.refuse()
        tried: list[_Replica] = []
        while True:
            replica = await self._choose(tried)
            try:
                return await self._ask_replica(replica, method, path, headers, body)
            except Problem as problem:
                tried.append(replica)
                others = set(self._replicas.values()) - set(tried)
                # alone, a replica that refuses the connection is dead; one that broke it off may only have closed an idle one
                worth_it = others or (problem.extra.get("broke_off") and tried.count(replica) == 1)
                if problem.status not in (502, 503) or len(tried) == TRIES or not worth_it:
                    raise

    async def _ask_replica(
        self, replica: _Replica, method: str, path: str, headers: dict[str, str], body: object
    ) -> _Reply:
        host = f"[{replica.address}]" if ":" in replica.address else replica.address
        url = f"{self._scheme}://{host}:{self._port}{self._path}{path}"
        replica.in_flight += 1
        replica.last_turn = next(self._turns)
        try:
            # server_hostname: the certificate, where there is one, is for the name and not for the address
            name = self._host if self._scheme == "https" else None
            headers = headers | {"Host": f"{self._host}:{self._port}"}
            asking = self._client.request(
                method, url, headers=headers, json=body, server_hostname=name, allow_redirects=False
            )
            async with asking as response:
                answer = _Reply(response.status, response.headers, await response.read())
        except aiohttp.ConnectionTimeoutError as error:
            replica.failed_at = time.monotonic()
            raise _broken(f"It took no connection within {self._connect_timeout_s:g} s") from error
        except TimeoutError as error:
            detail = f"The model service at {self._host}:{self._port} gave no answer within {self._timeout_s:g} s. It may hang or be overloaded; see its log."
            raise Problem(504, "The model is late", detail, retry_after_s=1) from error
        except aiohttp.ClientConnectorError as error:
            replica.failed_at = time.monotonic()
            raise _broken(f"Nothing takes a connection at {self._host}:{self._port}") from error
        except aiohttp.ClientError as error:
            raise _broken(
                f"The connection to {self._host}:{self._port} broke off", broke_off=True
            ) from error
        finally:
            replica.in_flight -= 1
        if answer.status == 200:
            return answer
        raise self._problem_of(answer, replica)

    def _problem_of(self, answer: _Reply, replica: _Replica) -> Problem:
        """Pass the model's own problem on where it is the client's to know; the rest is a failed upstream."""
        try:
            said = json.loads(answer.body)
            title, detail = said["title"], said["detail"]
        except (ValueError, TypeError, KeyError):
            return _broken(f"It answered with status {answer.status} and no problem details")
        if answer.status == 503:
            replica.failed_at = time.monotonic()
            return Problem(
                503, title, detail, retry_after_s=int(answer.headers.get("Retry-After", "1"))
            )
        if answer.status in (413, 422, 429):
            return Problem(answer.status, title, detail)
        return _broken(f"It answered with status {answer.status}, {title}: {detail}")

    async def _choose(self, tried: list[_Replica]) -> _Replica:
        """Return the replica to ask: not tried yet, not just failed, with the fewest requests in flight, in turn among equals."""
        await self._look_up()
        now = time.monotonic()
        return min(
            self._replicas.values(),
            key=lambda one: (
                tried.count(one),
                now - one.failed_at < SET_ASIDE_S,
                one.in_flight,
                one.last_turn,
            ),
        )

    async def _look_up(self) -> None:
        async with self._looking_up:
            if time.monotonic() - self._looked_up_at < LOOK_UP_EVERY_S:
                return
            loop = asyncio.get_running_loop()
            try:
                # IPv4 where there is any: `localhost` has two addresses and a server listens on one of them
                found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            except OSError as error:
                if self._replicas:  # a name server's short absence is no reason to fail
                    return
                raise _broken(
                    f"The name {self._host} leads nowhere. Is the model service started, and MODEL_URL right?"
                ) from error
            addresses = [info[4][0] for info in found if info[0] == socket.AF_INET] or [
                info[4][0] for info in found
            ]
            self._replicas = {
                address: self._replicas.get(address) or _Replica(address)
                for address in dict.fromkeys(addresses)
            }
            self._looked_up_at = time.monotonic()


def _broken(why: str, **extra: object) -> Problem:
    detail = f"{why}. Ask again in a second; if it stays so, see whether the model service runs (hostlab status)."
    return Problem(502, "The model service failed", detail, retry_after_s=1, **extra)

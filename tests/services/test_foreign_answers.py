"""Whatever answers at MODEL_URL, the gateway's status is 502, 503, 504, or the client's mistake."""

import asyncio
import json
import socket
from collections.abc import Callable

import pytest

from deployments.services.gateway import Gateway
from deployments.services.model_response import MAX_BODY_BYTES
from deployments.services.problems import Problem

GOOD = b'[{"label":"POSITIVE","score":0.9}]'
PROBLEM = b'{"title":"Odd","detail":"It is odd."}'


def http(status: int, body: bytes = b"", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 %d Some" % status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def details(**members: object) -> bytes:
    return json.dumps({"title": "Odd", "detail": "It is odd."} | members).encode()


# What it sends, and the status and a part of the detail that the client gets
ANSWERS: dict[str, tuple[bytes, int, str]] = {
    "a web page": (http(200, b"<html>hello</html>", b"Content-Type: text/html"), 502, "contract"),
    "nothing": (http(200), 502, "contract"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 502, "204"),
    "null": (http(200, b"null"), 502, "contract"),
    "a number": (http(200, b"1"), 502, "contract"),
    "another service": (http(200, b'{"Hello": "World"}'), 502, "contract"),
    "a list of numbers": (http(200, b"[1]"), 502, "contract"),
    "a list of null": (http(200, b"[null]"), 502, "contract"),
    "one prediction, no list": (http(200, GOOD[1:-1]), 502, "contract"),
    "too few": (http(200, b"[]"), 502, "0 predictions for 1"),
    "too many": (http(200, b"[%b,%b]" % (GOOD[1:-1], GOOD[1:-1])), 502, "2 predictions for 1"),
    "no score": (http(200, b'[{"label":"A"}]'), 502, "contract"),
    "a score that is NaN": (http(200, b'[{"label":"A","score":NaN}]'), 502, "contract"),
    "a score in words": (http(200, b'[{"label":"A","score":"high"}]'), 502, "contract"),
    "a label that is a list": (http(200, b'[{"label":[],"score":1}]'), 502, "contract"),
    "a label that is null": (http(200, b'[{"label":null,"score":1}]'), 502, "contract"),
    "half a surrogate pair": (http(200, b'[{"label":"\\ud800","score":1}]'), 502, "contract"),
    "no UTF-8": (http(200, b'[{"label":"\xff","score":1}]'), 502, "contract"),
    "UTF-16": (http(200, GOOD.decode().encode("utf-16")), 502, "contract"),
    "half of it": (http(200, GOOD[:-1]), 502, "contract"),
    "deep nesting": (http(200, b"[" * 100_000), 502, "contract"),
    "a huge number": (http(200, b'[{"label":"A","score":%b}]' % (b"9" * 9999)), 502, "contract"),
    "gzip that it is not": (http(200, GOOD, b"Content-Encoding: gzip"), 200, ""),
    "gzip": (http(200, b"\x1f\x8b\x08\x00", b"Content-Encoding: gzip"), 502, "contract"),
    "more than anybody needs": (http(200, b" " * (MAX_BODY_BYTES + 1)), 502, "bytes"),
    "less than it said": (http(200, GOOD)[:-2], 502, "closed"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.9\r\n", 502, "closed"),
    "another HTTP": (b"HTTP/9.9 200 OK\r\n\r\n", 502, ""),
    "no status": (b"HTTP/1.1 ok OK\r\n\r\n", 502, "closed"),
    "a status of four digits": (http(2000, GOOD), 502, ""),
    "silence": (b"", 502, "closed"),
    "odd chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 502, "closed"
    ),
    "a header of a megabyte": (http(200, GOOD, b"X: " + b"x" * 1_000_000), 502, ""),
    "a redirect": (http(302, b"", b"Location: http://example.org/"), 502, "302"),
    "a redirect to itself": (http(307, PROBLEM, b"Location: /predict"), 502, "307"),
    "not found": (http(404, b"404 page not found"), 502, "404"),
    "unauthorized": (http(401, PROBLEM, b"WWW-Authenticate: Basic"), 502, "401"),
    "an error": (http(500, PROBLEM), 502, "500, Odd: It is odd."),
    "an error page": (http(503, b"<h1>503</h1>"), 502, "503 and no problem"),
    "no title": (http(503, details(title=None)), 502, "no problem details"),
    "a detail that is a list": (http(422, details(detail=[{"msg": "x"}])), 502, "no problem"),
    "a detail that is an object": (http(413, details(detail={})), 502, "no problem"),
    "a problem in half a surrogate pair": (
        http(422, b'{"title":"\\udfff","detail":"\\udfff"}'), 502, "no problem"
    ),
    "a problem that is a list": (http(422, b"[]"), 502, "no problem"),
    "a long detail": (http(422, details(detail="x" * 9_000)), 422, "x …"),
    "too large": (http(413, PROBLEM), 413, "It is odd."),
    "a bad field": (http(422, PROBLEM), 422, "It is odd."),
    "an odd timing": (http(200, GOOD, b"Server-Timing: queue;dur=1.2.3, model;dur="), 200, ""),
    "a huge timing": (http(200, GOOD, b"Server-Timing: model;dur=" + b"9" * 400), 200, ""),
    "timing in Arabic digits": (
        http(200, GOOD, "Server-Timing: queue;dur=٣".encode()), 200, ""
    ),
    "an odd replica": (http(200, GOOD, "X-Replica: мир\x01".encode()), 200, ""),
}  # fmt: skip
# Retry-After, and the whole seconds that the client gets
WAITS: dict[bytes, int] = {
    b"3": 3,
    b"1.5": 2,
    b"0": 1,
    b"-5": 1,
    b"soon": 1,
    b"": 1,
    b"nan": 1,
    b"inf": 1,
    b"1e300": 3600,
    b"Wed, 21 Oct 2015 07:28:00 GMT": 1,
    b"Fri, 31 Dec 9999 23:59:59 GMT": 3600,
    b"Fri, 99 Foo 99999 00:00:00 GMT": 1,
}


def ask(answer: bytes, ask_it: Callable[[Gateway], object]) -> object:
    """Return what the gateway makes of an answer: a result, or a Problem."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"Content-Length" in head:
            await reader.readexactly(int(head.partition(b"Content-Length:")[2].split()[0]))
        writer.write(answer)
        writer.close()

    async def go() -> object:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        gateway = Gateway(f"http://127.0.0.1:{port}", timeout_s=5)
        await gateway.start()
        try:
            return await ask_it(gateway)
        except Problem as problem:
            return problem
        finally:
            assert gateway._replicas.in_flight == 0
            await gateway.close()
            server.close()

    return asyncio.run(go())


@pytest.mark.parametrize(("answer", "status", "detail"), ANSWERS.values(), ids=ANSWERS)
def test_a_prediction(answer: bytes, status: int, detail: str) -> None:
    found = ask(answer, lambda gateway: gateway.predict(["text"], "id"))
    if status == 200:
        assert found.predictions[0].label == "POSITIVE" and not found.headers
        assert found.timing_ms == {}
    else:
        assert isinstance(found, Problem) and found.status == status, found
        assert detail in found.detail
        assert json.dumps([found.title, found.detail], ensure_ascii=False).encode()


def test_a_timing_is_read() -> None:
    answer = http(200, GOOD, b"Server-Timing: queue;dur=0.100, model;dur=12.3, cache;dur=5")
    found = ask(answer, lambda gateway: gateway.predict(["text"], "id"))
    assert found.timing_ms == {"queue": 0.1, "model": 12.3}


@pytest.mark.parametrize("name", [one for one in ANSWERS if ANSWERS[one][1] == 502])
def test_ready(name: str) -> None:
    found = ask(ANSWERS[name][0], lambda gateway: gateway.check())
    assert isinstance(found, Problem) and found.status == 502, found


@pytest.mark.parametrize(
    "identity",
    [
        {"status": "ready"},
        {"status": "ready", "model": None},
        {"status": "ready", "model": 5},
        {"status": "ready", "model": "m", "engine": []},
        {"status": "alive", "model": "m"},
        {"model": "m"},
    ],
)
def test_another_service_is_not_ready(identity: dict[str, object]) -> None:
    found = ask(http(200, json.dumps(identity).encode()), lambda gateway: gateway.check())
    assert isinstance(found, Problem) and "contract" in found.detail and "MODEL_URL" in found.detail


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked", "wait_s"), WAITS.items())
def test_retry_after(status: int, asked: bytes, wait_s: int) -> None:
    answer = http(status, PROBLEM, b"Retry-After: " + asked)
    found = ask(answer, lambda gateway: gateway.predict(["text"], "id"))
    assert isinstance(found, Problem) and (found.status, found.retry_after_s) == (status, wait_s)


def test_a_name_with_two_addresses_and_a_model_at_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """`localhost` stands for ::1 and 127.0.0.1 on most systems."""
    hosts = []
    real = socket.getaddrinfo

    def looked_up(host: str, port: int, *arguments: object, **options: object) -> list:
        if host != "both.test":
            return real(host, port, *arguments, **options)
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port))
            for family, address in ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1"))
        ]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        hosts.append(head.partition("Host: ")[2].splitlines()[0])
        writer.write(http(200, GOOD))
        writer.close()

    async def go(host: str, address: str) -> None:
        server = await asyncio.start_server(serve, address, 0)
        port = server.sockets[0].getsockname()[1]
        gateway = Gateway(f"http://{host}:{port}", timeout_s=5)
        await gateway.start()
        for _ in range(3):
            assert (await gateway.predict(["text"], "id")).predictions[0].label == "POSITIVE"
        await gateway.close()
        server.close()
        assert hosts[-3:] == [f"{host}:{port}"] * 3

    if not socket.has_ipv6:
        pytest.skip("needs IPv6")
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    for host, address in (("both.test", "::1"), ("both.test", "127.0.0.1"), ("[::1]", "::1")):
        asyncio.run(go(host, address))

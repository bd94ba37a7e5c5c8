"""HTTP as strangers speak it: upgrades, HEAD, half a request, no HTTP at all, and odd headers."""

import json
import logging
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.services.serving import Service, serving

BODY = b'{"text": "abc"}'
HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
WEBSOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
LENGTH = HEAD + b"%bContent-Length: 15\r\n\r\n" + BODY
CHUNKED = HEAD + b"%bTransfer-Encoding: chunked\r\n\r\n5\r\n" + BODY[:5] + b"\r\na\r\n" + BODY[5:]
CHUNKED += b"\r\n0\r\n\r\n"


@pytest.fixture
def service(caplog: pytest.LogCaptureFixture) -> Iterator[Service]:
    with serving(caplog) as running:
        yield running


def status_of(response: bytes) -> int:
    return int(response.split(b" ", 2)[1])


def problem_of(response: bytes, status: int) -> dict[str, object]:
    head, _, body = response.partition(b"\r\n\r\n")
    assert status_of(response) == status and b"application/problem+json" in head
    problem: dict[str, object] = json.loads(body)
    assert problem["status"] == status
    assert f"x-request-id: {problem['request_id']}".encode() in head.lower()
    return problem


@pytest.mark.parametrize("upgrade", [H2C, WEBSOCKET], ids=["h2c", "websocket"])
@pytest.mark.parametrize("request_", [LENGTH, CHUNKED], ids=["length", "chunked"])
def test_an_offer_to_upgrade_is_ignored(service: Service, request_: bytes, upgrade: bytes) -> None:
    whole = request_.replace(b"%b", upgrade)
    assert whole.count(b"%b") == 0
    for cut in (len(whole), 10, len(HEAD) + 30, whole.index(BODY[:5]), len(whole) - 3):
        response = service.send(*filter(None, (whole[:cut], whole[cut:])))
        assert status_of(response) == 200 and b'[{"label":"3"' in response
    both = service.send(whole + LENGTH.replace(b"%b", b"Connection: close\r\n"))
    assert both.count(b"HTTP/1.1 200") >= 1 and b'[{"label":"3"' in both


def test_a_get_with_an_offer_to_upgrade_is_answered(service: Service) -> None:
    assert status_of(service.send(b"GET /health HTTP/1.1\r\nHost: a\r\n" + H2C + b"\r\n")) == 200


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/docs", "/openapi.json"])
def test_what_answers_get_answers_head(service: Service, path: str) -> None:
    get, head = (requests.request(one, service.url + path, timeout=5) for one in ("GET", "HEAD"))
    assert get.status_code == head.status_code == 200 and not head.content
    assert get.headers["Content-Type"] == head.headers["Content-Type"]


def test_head_of_what_does_not_answer_get(service: Service) -> None:
    assert requests.head(f"{service.url}/predict", timeout=5).status_code == 405
    assert requests.head(f"{service.url}/nothing", timeout=5).status_code == 404


@pytest.mark.parametrize("form", [LENGTH, CHUNKED], ids=["length", "chunked"])
def test_a_client_that_leaves_in_its_body_is_one_quiet_line(service: Service, form: bytes) -> None:
    before = service.metric('hostlab_requests_total{route="/predict",status="499"}')
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(form.replace(b"%b", b"")[: len(HEAD) + 35])
    [line] = service.lines("POST /predict")
    assert re.search(r"INFO POST /predict 499 \d+\.\d ms request_id=\w+$", line)
    assert service.metric('hostlab_requests_total{route="/predict",status="499"}') == before + 1
    assert not [one for one in service.log() if "ERROR" in one or "Traceback" in one]


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: some\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_what_is_no_http_gets_a_problem_and_is_counted(service: Service, sent: bytes) -> None:
    before = service.metric('hostlab_requests_total{route="other",status="400"}')
    problem = problem_of(service.send(sent), 400)
    assert service.metric('hostlab_requests_total{route="other",status="400"}') == before + 1
    assert service.lines(f"- - 400 0.0 ms request_id={problem['request_id']}")


def test_a_body_that_is_no_http_is_counted_once(service: Service) -> None:
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    for parts in ((head + b"no length\r\n",), (head, b"no length\r\n")):
        problem = problem_of(service.send(*parts), 400)
        lines = service.lines(str(problem["request_id"]))
        assert len(lines) == 1 and "POST /predict 400" in lines[0], lines


@pytest.mark.parametrize("host", [b"[", b"a b", b"\xff", b"a:port", b""])
def test_the_host_header_does_not_matter(service: Service, host: bytes) -> None:
    for path in (b"/health", b"/health/", b"/nothing", b"/docs"):
        response = service.send(b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (path, host))
        assert status_of(response) in (200, 400, 404)


def test_a_line_break_in_a_path_stays_in_its_line(service: Service) -> None:
    service.send(b"GET /x%0a2026-01-01%20INFO%20forged%1b[31m%e2%80%a8 HTTP/1.1\r\nHost: a\r\n\r\n")
    assert service.lines("forged")
    for line in service.lines("forged"):
        assert r"/x\n2026-01-01 INFO forged\x1b[31m\u2028" in line, "the request and its problem"


def test_an_unexpected_error_is_a_500_everywhere(service: Service) -> None:
    before = service.metric('hostlab_requests_total{route="/predict",status="500"}')
    response = requests.post(f"{service.url}/predict", json={"text": "fail"}, timeout=5)
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    request_id = response.headers["X-Request-ID"]
    assert response.json()["request_id"] == request_id
    assert service.metric('hostlab_requests_total{route="/predict",status="500"}') == before + 1
    assert any("POST /predict 500" in line for line in service.lines(request_id))
    forged = service.lines("INFO forged")
    assert forged and all(line.startswith("  ") for line in forged), "a traceback is indented"


def test_an_unexpected_error_of_another_route(service: Service) -> None:
    service.predictor.ready = False
    response = requests.get(f"{service.url}/ready", timeout=5)
    assert response.status_code == 500 and response.headers["X-Request-ID"]
    assert service.metric('hostlab_requests_total{route="/ready",status="500"}') >= 1


def test_a_request_that_outlives_the_service_gets_a_503(caplog: pytest.LogCaptureFixture) -> None:
    with serving(caplog) as service, ThreadPoolExecutor() as pool:
        sent = pool.submit(
            requests.post, f"{service.url}/predict", json={"text": "hang"}, timeout=10
        )
        while not service.server.server_state.tasks:
            time.sleep(0.01)
        service.server.should_exit = True
        response = sent.result()
    assert response.status_code == 503 and response.headers["Retry-After"] == "1"
    assert service.lines("POST /predict 503")
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR and one.exc_info]

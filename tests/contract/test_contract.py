"""The HTTP contract, against every method: what a client sends, good and bad, and what it gets.

The last test lets Schemathesis generate requests from /openapi.json: no 500, no undocumented
status, no wrong body.
"""

import contextlib
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from schemathesis import GenerationMode

from deployments.services.contract import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS
from hostlab import METHODS
from hostlab.client import Client
from hostlab.deployment import Deployment
from hostlab.errors import RequestFailed
from tests.contract.cases import BAD_FIELDS, JSON, NOT_JSON, TEXTS, assert_problem, post
from tests.contract.generated import generate_once

# Together 2,000 for each method. A request that the schema allows costs a prediction of up to 64
# long texts, and one that it forbids costs nothing.
GENERATED = {GenerationMode.POSITIVE: 100, GenerationMode.NEGATIVE: 1_900}
OTHER_ENGINES = 60  # for a method with another engine, which changes nothing about the requests


def test_one_text(service: Deployment) -> None:
    response = post(service, json.dumps({"text": TEXTS[0]}))
    assert response.status_code == 200
    [prediction] = response.json()
    assert prediction["label"] == "POSITIVE"
    assert 0.5 < prediction["score"] <= 1


def test_several_texts_in_order(service: Deployment) -> None:
    labels = [prediction.label for prediction in service.predict(TEXTS[:4])]
    assert labels == ["POSITIVE", "NEGATIVE", "POSITIVE", "NEGATIVE"]


def test_batched_equals_single(service: Deployment) -> None:
    together = service.predict(TEXTS)
    alone = [service.predict(text)[0] for text in TEXTS]
    for one, other in zip(together, alone, strict=True):
        assert one.label == other.label
        assert one.score == pytest.approx(other.score, abs=1e-5)


def test_the_same_at_the_same_time(service: Deployment) -> None:
    url = str(service.url)  # once, because Kubernetes is asked for it each time

    def scores(_: int) -> list[float]:
        with Client(url) as client:
            return [client.ask(text).predictions[0].score for text in TEXTS]

    alone = scores(0)
    with ThreadPoolExecutor(16) as pool:
        for together in pool.map(scores, range(16)):
            assert together == pytest.approx(alone, abs=1e-5)


def test_as_many_and_as_long_as_allowed(service: Deployment) -> None:
    assert len(service.predict(["fine"] * MAX_TEXTS)) == MAX_TEXTS
    assert len(service.predict("x" * MAX_CHARACTERS)) == 1


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_not_json(service: Deployment, body: bytes) -> None:
    assert_problem(post(service, body), 400)


@pytest.mark.parametrize(
    ("body", "detail"),
    BAD_FIELDS,
    ids=lambda value: None if isinstance(value, str) else json.dumps(value)[:30],
)
def test_bad_field(service: Deployment, body: object, detail: str) -> None:
    assert detail in assert_problem(post(service, json.dumps(body)), 422)["detail"]


def test_body_too_large(service: Deployment) -> None:
    assert_problem(post(service, b'{"text": "' + b"x" * MAX_BODY_BYTES + b'"}'), 413)


def test_body_too_large_without_a_length(service: Deployment) -> None:
    chunks = (b"x" * 65536 for _ in range(MAX_BODY_BYTES // 65536 + 2))
    # The service may close the connection before everything is sent. Then the client cannot read
    # the response.
    with contextlib.suppress(requests.ConnectionError):
        assert_problem(
            requests.post(f"{service.url}/predict", data=chunks, headers=JSON, timeout=30), 413
        )
    assert service.predict("good")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        JSON | {"Content-Encoding": "gzip"},
    ],
)
def test_wrong_type(service: Deployment, headers: dict[str, str]) -> None:
    assert_problem(post(service, b'{"text": "good"}', headers), 415)


def test_type_with_a_charset(service: Deployment) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert post(service, '{"text": "good"}', headers).status_code == 200


def test_wrong_path_and_method(service: Deployment) -> None:
    assert_problem(requests.get(f"{service.url}/nothing", timeout=30), 404)
    response = requests.get(f"{service.url}/predict", timeout=30)
    assert_problem(response, 405)
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_health_and_ready_name_the_run(service: Deployment, path: str) -> None:
    body = requests.get(service.url + path, timeout=30).json()
    assert body["run_id"] == service.status().run_id
    assert body["method"] == service.method
    assert body["model"]


def test_request_id_is_accepted_or_generated(service: Deployment) -> None:
    url, body = f"{service.url}/predict", {"text": "good"}
    assert (
        requests.post(url, json=body, headers={"X-Request-ID": "mine-1"}, timeout=30).headers[
            "X-Request-ID"
        ]
        == "mine-1"
    )
    generated = {
        requests.post(url, json=body, timeout=30).headers["X-Request-ID"] for _ in range(2)
    }
    assert len(generated) == 2
    invalid = requests.post(
        url, json=body, headers={"X-Request-ID": "no spaces, please"}, timeout=30
    ).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", invalid)


def test_request_id_reaches_the_model_and_its_log(service: Deployment) -> None:
    requests.post(
        f"{service.url}/predict",
        json={"text": "good"},
        headers={"X-Request-ID": "find-me-7"},
        timeout=30,
    )
    programs = min(len(service.components()), 2)
    deadline = time.monotonic() + 30
    # A program logs a request after it has sent the response.
    while (logs := service.logs(tail=50)).count("find-me-7") < programs:
        assert time.monotonic() < deadline, logs
        time.sleep(0.1)


def test_timing_is_disjoint_and_sums_up(service: Deployment) -> None:
    with Client(service.url) as client:
        client.connect()
        for text in TEXTS:
            reply = client.ask(text)
            parts = reply.timing_ms
            known = [
                part
                for part in (parts.hop, parts.queue, parts.model, parts.upstream)
                if part is not None
            ]
            assert sum(known) == pytest.approx(reply.latency_ms, abs=0.01)
            assert max(parts.model or 0, parts.upstream or 0) > 0.1
            assert parts.hop > 0


def test_metrics_count(service: Deployment) -> None:
    def predictions() -> float:
        text = requests.get(f"{service.url}/metrics", timeout=30).text
        found = re.search(r'hostlab_requests_total\{route="/predict",status="200"\} ([\d.]+)', text)
        return float(found[1]) if found else 0.0

    before = predictions()
    for _ in range(3):
        service.predict("good")
    # each replica of the API counts its own requests
    assert predictions() - before <= 3
    assert predictions() > 0


def test_docs_need_no_internet(service: Deployment) -> None:
    page = requests.get(f"{service.url}/docs", timeout=30).text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses and all(address.startswith("/") for address in addresses), addresses
    for address in addresses:
        assert requests.get(service.url + address, timeout=30).status_code == 200


def test_the_requests_of_a_disconnected_client_are_dropped(service: Deployment) -> None:
    address = urlsplit(service.url)
    texts = ["a long text " * 30] * MAX_TEXTS
    started = time.monotonic()
    service.predict(texts)
    one_request_s = time.monotonic() - started
    body = json.dumps({"text": texts}).encode()
    fields = f"Host: lab\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    head = f"POST /predict HTTP/1.1\r\n{fields}\r\n\r\n"
    for _ in range(20):
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(head.encode() + body)
            time.sleep(0.05)
    # The abandoned requests would keep the model busy for twenty times as long. They were dropped:
    # the next client waits for none of them, once the service has noticed that they are abandoned.
    ends, labels = time.monotonic() + 5 * one_request_s, []
    while not labels and time.monotonic() < ends:
        with contextlib.suppress(RequestFailed):
            labels = [one.label for one in service.predict("good")]
    assert labels == ["POSITIVE"] and time.monotonic() < ends


def test_ten_thousand_characters_of_path_and_header(service: Deployment) -> None:
    assert requests.get(f"{service.url}/{'x' * 10_000}", timeout=30).status_code in (400, 404, 414)
    assert service.predict("good")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_responses_are_as_documented(
    service: Deployment,
    mode: GenerationMode,
    fuzz_seed: int,
    of_all_processes: Path,
    request: pytest.FixtureRequest,
) -> None:
    """For requests that the schema allows, and for those that it forbids."""
    url = str(service.url)  # once, because Kubernetes is asked for it each time
    document = requests.get(f"{url}/openapi.json", timeout=30).json()
    assert service.method in document["info"]["title"]
    cases = generate_once(of_all_processes, document, mode, GENERATED[mode], fuzz_seed)
    assert len(cases) >= GENERATED[mode]
    is_method = request.node.callspec.params["service"] in METHODS
    for case in cases if is_method else cases[:OTHER_ENGINES]:
        case.call_and_validate(base_url=url)

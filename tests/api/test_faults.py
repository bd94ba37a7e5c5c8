"""Everything that a provider can do wrong, over real connections: the exact answer that a client gets, and how often the provider was asked."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
import requests

from tests.api import scripted
from tests.api.conftest import KEY, Service, ask, assert_problem
from tests.api.scripted import Scripted

DEADLINE_S = 4.0


@pytest.fixture(scope="module")
def _service(provider: Scripted, run_service: Service) -> Iterator[str]:
    with run_service(
        OPENAI_BASE_URL=provider.url, OPENAI_MODEL="m", UPSTREAM_TIMEOUT_S=str(DEADLINE_S)
    ) as url:
        assert ask(url).headers["X-Provider-Route"] == "decisions"
        yield url


@pytest.fixture
def url(_service: str, provider: Scripted) -> str:
    """The service with everything well: many calls that succeed close its breaker and fill its retry budget."""
    provider.good_again()
    deadline = time.monotonic() + 60
    while (
        answer := ask(_service, ["good"] * 64)
    ).status_code != 200:  # its breaker may still be open from the test before
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.5)
    provider.good_again()
    return _service


def test_a_good_day(url: str, provider: Scripted) -> None:
    answer = ask(url, headers={"X-Request-ID": "abc"})
    assert answer.json() == [{"label": "POSITIVE", "score": 0.9}]
    [seen] = provider.seen
    assert seen.path == "/v1/decisions"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["x-request-id"] == "abc"
    assert [choice["value"] for choice in seen.body["questions"][0]["choices"]] == [
        "POSITIVE",
        "NEGATIVE",
    ]
    assert answer.headers["X-Provider-Tokens"] == "input=40, output=2"
    assert answer.headers["X-Provider-Cost"] == "unknown", (
        "no price of the model is known, and none is invented"
    )


def test_texts_are_calls_in_order_and_some_at_a_time(url: str, provider: Scripted) -> None:
    labels = ["POSITIVE", "NEGATIVE", "NEGATIVE"]
    provider.script.extend([scripted.decision(label) for label in labels])
    provider.otherwise = scripted.hang
    assert {one["label"] for one in ask(url, ["one", "two", "three"]).json()} == set(labels)
    assert sorted(seen.body["input"] for seen in provider.seen) == ["one", "three", "two"]
    provider.seen.clear()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(ask, url, ["text"] * 20)
        assert late.result().status_code == 504
    assert len(provider.seen) == 8, (
        "API_CONCURRENCY: none of these was answered, so no other one was sent"
    )


def test_one_text_that_fails_fails_the_request(url: str, provider: Scripted) -> None:
    provider.script.extend([scripted.decision(), scripted.decision("MAYBE"), scripted.decision()])
    assert_problem(ask(url, ["one", "two", "three"]), 502, "The provider returned no label")


def test_down(url: str, provider: Scripted) -> None:
    provider.stop()
    try:
        answer = ask(url)
        problem = assert_problem(answer, 502, "The provider cannot be reached")
        assert problem["attempts"] == 3 and "OPENAI_BASE_URL" in problem["detail"]
        assert answer.headers["Retry-After"] == "1"
        assert requests.get(f"{url}/health", timeout=30).status_code == 200
        deadline = time.monotonic() + 30
        while requests.get(f"{url}/ready", timeout=30).status_code == 200:
            assert time.monotonic() < deadline, "readiness is told anew every two seconds"
        assert_problem(
            requests.get(f"{url}/ready", timeout=30), 502, "The provider cannot be reached"
        )
    finally:
        provider.start()
    assert ask(url).status_code == 200


@pytest.mark.parametrize("action", [scripted.hang, scripted.trickle])
def test_late(url: str, provider: Scripted, action: scripted.Action) -> None:
    provider.otherwise = action
    started = time.monotonic()
    answer = ask(url)
    waited_s = time.monotonic() - started
    problem = assert_problem(answer, 504, "The provider timed out")
    assert "charge" in problem["detail"] and answer.headers["Retry-After"] == "1"
    assert DEADLINE_S * 0.9 < waited_s < DEADLINE_S * 1.5, "nothing hangs past its deadline"
    assert len(provider.seen) == 1, "what may still be worked on is not asked, and paid, twice"


@pytest.mark.parametrize(
    "headers",
    [{"retry_after": "1"}, {"retry_after_ms": "1000"}, {"retry_after": "date"}],
    ids=["seconds", "milliseconds", "date"],
)
def test_429_is_asked_again_after_retry_after(
    url: str, provider: Scripted, headers: dict[str, str]
) -> None:
    if headers.get("retry_after") == "date":
        headers = {"retry_after": formatdate(time.time() + 3, usegmt=True)}
    provider.script.append(scripted.error(429, code="rate_limit_exceeded", **headers))
    assert ask(url).json()[0]["label"] == "POSITIVE"
    first, second = provider.seen
    assert second.at - first.at >= 0.95, "not before the time that the provider names"


def test_429_with_a_longer_wait_than_the_deadline(url: str, provider: Scripted) -> None:
    provider.otherwise = scripted.error(429, code="rate_limit_exceeded", retry_after="20")
    answer = ask(url)
    problem = assert_problem(answer, 429, "The provider's rate limit is reached")
    assert answer.headers["Retry-After"] == "20" and problem["attempts"] == 1
    assert len(provider.seen) == 1


def test_429_for_want_of_money(url: str, provider: Scripted) -> None:
    provider.otherwise = scripted.error(429, code="insufficient_quota")
    answer = ask(url)
    assert "billing" in assert_problem(answer, 502, "The account has no credit left")["detail"]
    assert "Retry-After" not in answer.headers and len(provider.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_key_refused(url: str, provider: Scripted, status: int) -> None:
    provider.otherwise = scripted.error(
        status, f"Incorrect API key provided: {KEY}.", "invalid_api_key"
    )
    answer = ask(url)
    assert (
        "OPENAI_API_KEY"
        in assert_problem(answer, 502, "The provider does not accept the key")["detail"]
    )
    assert len(provider.seen) == 1


def test_500_then_fine(url: str, provider: Scripted) -> None:
    provider.script.append(scripted.error(500))
    assert ask(url).json() == [{"label": "POSITIVE", "score": 0.9}]
    assert len(provider.seen) == 2


def test_500_for_good(url: str, provider: Scripted) -> None:
    provider.otherwise = scripted.error(500, f"An error for {KEY}.")
    answer = ask(url)
    problem = assert_problem(answer, 502, "The provider failed")
    assert "An error for [key]" in problem["detail"] and "Tried 3 times" in problem["detail"]
    assert answer.headers["Retry-After"] == "1" and len(provider.seen) == 3


def test_503_says_how_long(url: str, provider: Scripted) -> None:
    provider.otherwise = scripted.error(503, retry_after="30")
    answer = ask(url)
    assert_problem(answer, 503, "The provider is overloaded")
    assert answer.headers["Retry-After"] == "30" and len(provider.seen) == 1


@pytest.mark.parametrize("action", [scripted.reset, scripted.cut_off])
def test_broken_off(url: str, provider: Scripted, action: scripted.Action) -> None:
    provider.script.append(action)
    assert ask(url).status_code == 200, "once is mended by asking again"
    assert len(provider.seen) == 2
    provider.otherwise = action
    problem = assert_problem(ask(url), 502, "The provider closed the connection")
    assert problem["attempts"] == 3


@pytest.mark.parametrize(
    "action",
    [
        scripted.reply(200, b"<html>Hello</html>", Content_Type="text/html"),
        scripted.reply(200, b"<html>Hello</html>"),
        scripted.reply(200, b'{"answers": '),
        scripted.reply(200, b"\xff\xfe"),
        scripted.reply(200, b""),
        scripted.reply(200, b"[]"),
        scripted.reply(200, b"null"),
        scripted.reply(200, {"answers": []}),
        scripted.reply(200, {"answers": [{"type": "choice"}]}),
        scripted.decision(probabilities=None),
        scripted.decision(probability=7.0),
        scripted.decision(probabilities=[{"value": "NEGATIVE", "probability": 1.0}]),
    ],
    ids=[
        "page",
        "page as JSON",
        "half JSON",
        "not UTF-8",
        "empty",
        "list",
        "null",
        "no answer",
        "bare",
        "no probabilities",
        "impossible",
        "other label",
    ],
)
def test_nonsense(url: str, provider: Scripted, action: scripted.Action) -> None:
    provider.otherwise = action
    assert_problem(ask(url), 502, "The provider sent a malformed response")
    assert len(provider.seen) == 1, "asking again costs money and gives the same"


@pytest.mark.parametrize(
    "action",
    [scripted.decision("MAYBE"), scripted.decision(type="refusal")],
    ids=["unknown", "refusal"],
)
def test_no_label_is_no_guess(url: str, provider: Scripted, action: scripted.Action) -> None:
    provider.otherwise = action
    problem = assert_problem(ask(url), 502, "The provider returned no label")
    assert "Nothing is guessed" in problem["detail"] and len(provider.seen) == 1


def test_text_too_long_is_the_clients(url: str, provider: Scripted) -> None:
    provider.otherwise = scripted.error(400, "Too long.", "context_length_exceeded")
    assert_problem(ask(url), 422, "The text is too long for the provider's model")


def test_client_gone(url: str, provider: Scripted) -> None:
    provider.otherwise = scripted.hang
    with pytest.raises(requests.Timeout):
        requests.post(f"{url}/predict", json={"text": "good"}, timeout=DEADLINE_S / 4)
    provider.good_again()
    assert ask(url).status_code == 200
    deadline = time.monotonic() + 30
    while (
        'hostlab_requests_total{route="/predict",status="499"}'
        not in requests.get(f"{url}/metrics", timeout=30).text
    ):
        assert time.monotonic() < deadline, "nobody noticed that the client has gone"
        time.sleep(0.1)


def test_breaker_opens_rests_tries_one_and_closes(provider: Scripted, run_service: Service) -> None:
    provider.good_again()
    with run_service(
        OPENAI_BASE_URL=provider.url, OPENAI_MODEL="m", API_RETRIES="0", UPSTREAM_TIMEOUT_S="10"
    ) as url:
        assert ask(url).status_code == 200
        provider.otherwise = scripted.error(500)
        for _ in range(5):
            assert_problem(ask(url), 502, "The provider failed")
        provider.seen.clear()
        answer = ask(url)
        assert "5 times in a row" in assert_problem(answer, 503, "Circuit breaker open")["detail"]
        assert 1 <= int(answer.headers["Retry-After"]) <= 5
        assert_problem(requests.get(f"{url}/ready", timeout=30), 503, "Circuit breaker open")
        assert provider.seen == [], "nobody is sent there while it is open"
        assert requests.get(f"{url}/provider", timeout=30).json()["breaker"] == "open"

        _until(url, "half-open")
        assert_problem(ask(url), 502, "The provider failed")
        assert len(provider.seen) == 1, "one trial"
        assert_problem(ask(url), 503, "Circuit breaker open")
        assert len(provider.seen) == 1, "which failed, and so it is open again"

        _until(url, "half-open")
        provider.good_again()
        provider.script.append(scripted.hang)
        with ThreadPoolExecutor(1) as pool:
            trial = pool.submit(ask, url)
            while not provider.seen:
                time.sleep(0.02)
            assert_problem(ask(url), 503, "Circuit breaker open")
            assert len(provider.seen) == 1, "while the trial is under way nobody else goes"
            provider.good_again()  # lets the trial go, without an answer: it failed
            trial.result()
        _until(url, "half-open")
        assert [ask(url).status_code for _ in range(3)] == [200] * 3
        assert requests.get(f"{url}/provider", timeout=30).json()["breaker"] == "closed"


def _until(url: str, state: str) -> None:
    deadline = time.monotonic() + 30
    while requests.get(f"{url}/provider", timeout=30).json()["breaker"] != state:
        assert time.monotonic() < deadline
        time.sleep(0.1)

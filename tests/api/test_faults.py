"""Every way in which a provider can fail, over real connections.

The tests check the exact response to the client, and how often the provider was asked.
"""

import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest
import requests

from tests.api import scripted
from tests.api.conftest import KEY, Service, ask, assert_problem
from tests.api.scripted import ScriptedProvider

DEADLINE_S = 4.0


@pytest.fixture(scope="module")
def _service(provider: ScriptedProvider, run_service: Service) -> Iterator[str]:
    with run_service(
        OPENAI_BASE_URL=provider.url, OPENAI_MODEL="m", UPSTREAM_TIMEOUT_S=str(DEADLINE_S)
    ) as url:
        assert ask(url).headers["X-Provider-Route"] == "decisions"
        yield url


@pytest.fixture
def url(_service: str, provider: ScriptedProvider) -> str:
    """The service in a good state: successful calls closed its breaker and filled its budget."""
    provider.reset_script()
    deadline = time.monotonic() + 60
    # Its breaker may still be open from the test before
    while (answer := ask(_service, ["good"] * 64)).status_code != 200:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.5)
    provider.reset_script()
    return _service


def test_working_provider(url: str, provider: ScriptedProvider) -> None:
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
        "the model has no price, and none is invented"
    )


def test_each_text_is_a_call_and_some_run_at_a_time(url: str, provider: ScriptedProvider) -> None:
    labels = ["POSITIVE", "NEGATIVE", "NEGATIVE"]
    provider.script.extend([scripted.decision(label) for label in labels])
    provider.otherwise = scripted.hang
    assert {one["label"] for one in ask(url, ["one", "two", "three"]).json()} == set(labels)
    assert sorted(seen.body["input"] for seen in provider.seen) == ["one", "three", "two"]
    provider.seen.clear()
    assert ask(url, ["text"] * 20).status_code == 504
    assert len(provider.seen) == 8, (
        "API_CONCURRENCY: none of these got a response, so no other was sent"
    )


def test_one_text_that_fails_fails_the_request(url: str, provider: ScriptedProvider) -> None:
    provider.script.extend([scripted.decision(), scripted.decision("MAYBE"), scripted.decision()])
    assert_problem(ask(url, ["one", "two", "three"]), 502, "The provider returned no label")


def test_provider_is_down(url: str, provider: ScriptedProvider) -> None:
    provider.stop()
    try:
        answer = ask(url)
        problem = assert_problem(answer, 502, "The provider cannot be reached")
        assert problem["attempts"] == 3 and "OPENAI_BASE_URL" in problem["detail"]
        assert answer.headers["Retry-After"] == "1"
        assert requests.get(f"{url}/health", timeout=30).status_code == 200
        deadline = time.monotonic() + 30
        while requests.get(f"{url}/ready", timeout=30).status_code == 200:
            assert time.monotonic() < deadline, "readiness is checked every two seconds"
        assert_problem(
            requests.get(f"{url}/ready", timeout=30), 502, "The provider cannot be reached"
        )
    finally:
        provider.start()
    assert ask(url).status_code == 200


@pytest.mark.parametrize("action", [scripted.hang, scripted.trickle])
def test_timeout(url: str, provider: ScriptedProvider, action: scripted.Action) -> None:
    provider.otherwise = action
    started = time.monotonic()
    answer = ask(url)
    waited_s = time.monotonic() - started
    problem = assert_problem(answer, 504, "The provider timed out")
    assert "charge" in problem["detail"] and answer.headers["Retry-After"] == "1"
    assert DEADLINE_S * 0.9 < waited_s < DEADLINE_S * 1.5, (
        "no request takes longer than its deadline"
    )
    assert len(provider.seen) == 1, "a request that may still be in progress is not paid twice"


@pytest.mark.parametrize(
    "headers",
    [{"retry_after": "1"}, {"retry_after_ms": "1000"}, {"retry_after": "date"}],
    ids=["seconds", "milliseconds", "date"],
)
def test_429_is_retried_after_retry_after(
    url: str, provider: ScriptedProvider, headers: dict[str, str]
) -> None:
    if headers.get("retry_after") == "date":
        headers = {"retry_after": formatdate(time.time() + 3, usegmt=True)}
    provider.script.append(scripted.error(429, code="rate_limit_exceeded", **headers))
    assert ask(url).json()[0]["label"] == "POSITIVE"
    first, second = provider.seen
    assert second.at - first.at >= 0.95, "not before the time in Retry-After"


def test_429_with_a_longer_wait_than_the_deadline(url: str, provider: ScriptedProvider) -> None:
    provider.otherwise = scripted.error(429, code="rate_limit_exceeded", retry_after="20")
    answer = ask(url)
    problem = assert_problem(answer, 429, "The provider's rate limit is reached")
    assert answer.headers["Retry-After"] == "20" and problem["attempts"] == 1
    assert len(provider.seen) == 1


def test_429_without_credit(url: str, provider: ScriptedProvider) -> None:
    provider.otherwise = scripted.error(429, code="insufficient_quota")
    answer = ask(url)
    assert "billing" in assert_problem(answer, 502, "The account has no credit left")["detail"]
    assert "Retry-After" not in answer.headers and len(provider.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_key_not_accepted(url: str, provider: ScriptedProvider, status: int) -> None:
    provider.otherwise = scripted.error(
        status, f"Incorrect API key provided: {KEY}.", "invalid_api_key"
    )
    answer = ask(url)
    assert (
        "OPENAI_API_KEY"
        in assert_problem(answer, 502, "The provider does not accept the key")["detail"]
    )
    assert len(provider.seen) == 1


def test_500_once(url: str, provider: ScriptedProvider) -> None:
    provider.script.append(scripted.error(500))
    assert ask(url).json() == [{"label": "POSITIVE", "score": 0.9}]
    assert len(provider.seen) == 2


def test_500_every_time(url: str, provider: ScriptedProvider) -> None:
    provider.otherwise = scripted.error(500, f"An error for {KEY}.")
    answer = ask(url)
    problem = assert_problem(answer, 502, "The provider failed")
    assert "An error for [key]" in problem["detail"] and "Tried 3 times" in problem["detail"]
    assert answer.headers["Retry-After"] == "1" and len(provider.seen) == 3


def test_503_passes_retry_after_on(url: str, provider: ScriptedProvider) -> None:
    provider.otherwise = scripted.error(503, retry_after="30")
    answer = ask(url)
    assert_problem(answer, 503, "The provider is overloaded")
    assert answer.headers["Retry-After"] == "30" and len(provider.seen) == 1


@pytest.mark.parametrize("action", [scripted.reset, scripted.cut_off])
def test_closed_connection(url: str, provider: ScriptedProvider, action: scripted.Action) -> None:
    provider.script.append(action)
    assert ask(url).status_code == 200, "one failure is retried"
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
    ],
)
def test_malformed_response(url: str, provider: ScriptedProvider, action: scripted.Action) -> None:
    provider.otherwise = action
    assert_problem(ask(url), 502, "The provider sent a malformed response")
    assert len(provider.seen) == 1, "a retry would cost money and return the same"


@pytest.mark.parametrize(
    "action",
    [scripted.decision("MAYBE"), scripted.decision(type="refusal")],
    ids=["unknown", "refusal"],
)
def test_no_label_no_guess(url: str, provider: ScriptedProvider, action: scripted.Action) -> None:
    provider.otherwise = action
    problem = assert_problem(ask(url), 502, "The provider returned no label")
    assert "Nothing is guessed" in problem["detail"] and len(provider.seen) == 1


def test_text_too_long_is_the_clients(url: str, provider: ScriptedProvider) -> None:
    provider.otherwise = scripted.error(400, "Too long.", "context_length_exceeded")
    assert_problem(ask(url), 422, "The text is too long for the provider's model")


def test_client_disconnects(url: str, provider: ScriptedProvider) -> None:
    provider.otherwise = scripted.hang
    with pytest.raises(requests.Timeout):
        requests.post(f"{url}/predict", json={"text": "good"}, timeout=DEADLINE_S / 4)
    provider.reset_script()
    assert ask(url).status_code == 200
    deadline = time.monotonic() + 30
    counter = 'hostlab_requests_total{route="/predict",status="499"}'
    while counter not in requests.get(f"{url}/metrics", timeout=30).text:
        assert time.monotonic() < deadline, "nothing noticed that the client disconnected"
        time.sleep(0.1)

"""The local provider, called with the official client, alone and behind the service."""

from collections.abc import Iterator

import openai
import pytest
import requests

from deployments.api.config import LOCAL_KEY
from hostlab import get
from tests.api.conftest import Service, ask, assert_problem, set_behavior

MODEL = "stand-in/hosting-lab-sentiment"
TEXTS = [
    "An utterly charming film.",
    "I hated every minute.",
    "not bad",
    "It's a mess, don't bother.",
    "a " * 300,
    "😀",
]
CHOICE = {
    "type": "choice",
    "name": "tone",
    "instructions": "Which?",
    "choices": [{"value": "POSITIVE"}, {"value": "NEGATIVE"}],
}


@pytest.fixture
def client(provider_url: str) -> Iterator[openai.OpenAI]:
    set_behavior(provider_url)
    with openai.OpenAI(base_url=provider_url, api_key=LOCAL_KEY, max_retries=0) as client:
        yield client


def chat(client: openai.OpenAI, text: str = "great", **more: object):
    return client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": "Label it."}, {"role": "user", "content": text}],
        **more,
    )


def test_health_says_that_it_is_a_stand_in(client: openai.OpenAI, provider_url: str) -> None:
    health = requests.get(provider_url.removesuffix("/v1") + "/health", timeout=30).json()
    assert health["stand_in"] is True and "stand-in" in health["provider"]
    [model] = client.models.list().data
    assert model.id == MODEL


def test_decisions(client: openai.OpenAI) -> None:
    response = client.decisions.create(
        model=MODEL, input="great", questions=[CHOICE, CHOICE | {"name": "again"}]
    )
    first, second = response.answers
    assert (first.type, first.name, first.choice, second.name) == (
        "choice",
        "tone",
        "POSITIVE",
        "again",
    )
    assert sum(one.probability for one in first.probabilities) == pytest.approx(1)
    assert 0 < first.confidence < 1 and response.usage.input_tokens > 0
    messages = [{"role": "user", "content": [{"type": "input_text", "text": "awful"}]}]
    assert (
        client.decisions.create(model=MODEL, input=messages, questions=[CHOICE]).answers[0].choice
        == "NEGATIVE"
    )


def test_chat_with_and_without_logprobs(client: openai.OpenAI) -> None:
    response = chat(client, logprobs=True, top_logprobs=5)
    assert (
        response.choices[0].message.content == "POSITIVE" and response.usage.completion_tokens == 1
    )
    assert [one.token for one in response.choices[0].logprobs.content[0].top_logprobs] == [
        "POSITIVE",
        "NEGATIVE",
    ]
    assert chat(client).choices[0].logprobs is None


def test_errors_have_openais_form(client: openai.OpenAI, provider_url: str) -> None:
    with pytest.raises(openai.AuthenticationError) as rejected:
        openai.OpenAI(base_url=provider_url, api_key="sk-wrong", max_retries=0).models.list()
    assert rejected.value.code == "invalid_api_key" and "sk-wrong" not in str(rejected.value)
    with pytest.raises(openai.NotFoundError) as unknown:
        client.decisions.create(model="gpt", input="x", questions=[CHOICE])
    assert unknown.value.code == "model_not_found"
    for request in (
        {"input": "x", "questions": []},
        {"input": "x", "questions": [CHOICE | {"choices": [{"value": "yes"}, {"value": "no"}]}]},
        {"input": [], "questions": [CHOICE]},
    ):
        with pytest.raises(openai.BadRequestError) as bad:
            client.decisions.create(model=MODEL, **request)
        assert bad.value.type == "invalid_request_error"
    with pytest.raises(openai.BadRequestError):
        chat(client, stream=True)
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model=MODEL, input="x")


def test_rate_limit(client: openai.OpenAI, provider_url: str) -> None:
    set_behavior(provider_url, requests_per_minute=2)
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=[{"role": "user", "content": "x"}]
    )
    assert (
        raw.headers["x-ratelimit-limit-requests"],
        raw.headers["x-ratelimit-remaining-requests"],
    ) == ("2", "1")
    chat(client)
    with pytest.raises(openai.RateLimitError) as limited:
        chat(client)
    assert limited.value.code == "rate_limit_exceeded"
    assert 0 < int(limited.value.response.headers["retry-after"]) <= 30
    set_behavior(provider_url, key="sk-other")
    with openai.OpenAI(base_url=provider_url, api_key="sk-other", max_retries=0) as other:
        assert chat(other).choices, "another key has its own rate limit"


def test_failing_and_slow_behavior(client: openai.OpenAI, provider_url: str) -> None:
    set_behavior(provider_url, status=500, times=2)
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            chat(client)
    assert chat(client).choices
    set_behavior(provider_url, delay_s=0.5)
    with pytest.raises(openai.APITimeoutError):
        chat(client, timeout=0.2)


def test_only_an_admin_may_set_the_behavior(provider_url: str) -> None:
    for token in ("", "wrong", LOCAL_KEY, "é"):
        assert (
            set_behavior(
                provider_url, token=token.encode("utf-8").decode("latin-1"), status=500
            ).status_code
            == 403
        )
    assert set_behavior(provider_url, status=200).status_code == 400
    assert set_behavior(provider_url, magic=1).status_code == 400


@pytest.mark.parametrize("route", ["decisions", "chat", "plain"])
def test_each_route_through_the_service(
    client: openai.OpenAI, provider_url: str, run_service: Service, route: str
) -> None:
    with (
        run_service(OPENAI_BASE_URL=provider_url, OPENAI_API_KEY=LOCAL_KEY, API_ROUTE=route) as url,
        get("in-process").start() as in_process,
    ):
        answer = ask(url, TEXTS)
        expected = in_process.predict(TEXTS)
        assert [one["label"] for one in answer.json()] == [one.label for one in expected]
        scores = [one["score"] for one in answer.json()]
        assert scores == (
            [None] * len(TEXTS)
            if route == "plain"
            else pytest.approx([one.score for one in expected], abs=1e-4)
        )
        assert answer.headers["X-Provider-Route"] == route
        assert answer.headers["X-Provider-Cost"].endswith("play money")


def test_a_route_that_disappears_is_replaced(
    client: openai.OpenAI, provider_url: str, run_service: Service
) -> None:
    with run_service(OPENAI_BASE_URL=provider_url, OPENAI_API_KEY=LOCAL_KEY) as url:
        assert ask(url).headers["X-Provider-Route"] == "decisions"
        set_behavior(provider_url, decisions=False)
        assert_problem(ask(url), 502, "The provider does not offer this")
        answer = ask(url)
        assert answer.headers["X-Provider-Route"] == "chat" and answer.json()[0]["score"] > 0.5

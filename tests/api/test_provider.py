"""The local provider, asked with the official client; and the whole method in front of it, as `hostlab up api` starts it."""

from collections.abc import Iterator

import openai
import pytest
import requests

from deployments.api.config import LOCAL_KEY
from hostlab import get
from hostlab.errors import NotRunning, RequestFailed, Unavailable
from hostlab.methods.api.deployment import SystemThroughApi
from hostlab.runtime import state
from hostlab.runtime.paths import ROOT
from hostlab.runtime.ports import free_port
from tests.api.conftest import Service, ask, assert_problem, program

MODEL = "stand-in/hosting-lab-sentiment"
TEXTS = [
    "An utterly charming film.",
    "I hated every minute.",
    "not bad",
    "It's a mess, don't bother.",
    "a " * 300,
    "😀",
]
TOKEN = "the-admin"
CHOICE = {
    "type": "choice",
    "name": "tone",
    "instructions": "Which?",
    "choices": [{"value": "POSITIVE"}, {"value": "NEGATIVE"}],
}


@pytest.fixture(scope="module")
def provider_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, log = free_port(), tmp_path_factory.mktemp("provider") / "provider.log"
    url = f"http://127.0.0.1:{port}/v1"
    with program(
        ROOT / "deployments/api/stand_in/provider.py",
        log,
        f"http://127.0.0.1:{port}/health",
        PORT=str(port),
        PROVIDER_ADMIN_TOKEN=TOKEN,
    ):
        with openai.OpenAI(base_url=url, api_key=LOCAL_KEY, max_retries=20) as client:
            client.models.list()  # repeats until the model is loaded
        yield url
    assert LOCAL_KEY not in log.read_text() and TOKEN not in log.read_text()


@pytest.fixture
def client(provider_url: str) -> Iterator[openai.OpenAI]:
    tell(provider_url)
    with openai.OpenAI(base_url=provider_url, api_key=LOCAL_KEY, max_retries=0) as client:
        yield client


def tell(
    provider_url: str, key: str = LOCAL_KEY, token: str = TOKEN, **behavior: object
) -> requests.Response:
    url = provider_url.removesuffix("/v1") + "/admin/behavior"
    return requests.put(
        url,
        json=behavior,
        params={"key": key},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


def chat(client: openai.OpenAI, text: str = "great", **more: object):
    return client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": "Label it."}, {"role": "user", "content": text}],
        **more,
    )


def test_it_says_what_it_is(client: openai.OpenAI, provider_url: str) -> None:
    health = requests.get(provider_url.removesuffix("/v1") + "/health", timeout=30).json()
    assert health["stand_in"] is True and "stand-in" in health["provider"]
    [model] = client.models.list().data
    assert model.id == MODEL


def test_decisions(client: openai.OpenAI) -> None:
    said = client.decisions.create(
        model=MODEL, input="great", questions=[CHOICE, CHOICE | {"name": "again"}]
    )
    first, second = said.answers
    assert (first.type, first.name, first.choice, second.name) == (
        "choice",
        "tone",
        "POSITIVE",
        "again",
    )
    assert sum(one.probability for one in first.probabilities) == pytest.approx(1)
    assert 0 < first.confidence < 1 and said.usage.input_tokens > 0
    messages = [{"role": "user", "content": [{"type": "input_text", "text": "awful"}]}]
    assert (
        client.decisions.create(model=MODEL, input=messages, questions=[CHOICE]).answers[0].choice
        == "NEGATIVE"
    )


def test_chat_with_and_without_logprobs(client: openai.OpenAI) -> None:
    said = chat(client, logprobs=True, top_logprobs=5)
    assert said.choices[0].message.content == "POSITIVE" and said.usage.completion_tokens == 1
    assert [one.token for one in said.choices[0].logprobs.content[0].top_logprobs] == [
        "POSITIVE",
        "NEGATIVE",
    ]
    assert chat(client).choices[0].logprobs is None


def test_its_errors_are_openais(client: openai.OpenAI, provider_url: str) -> None:
    with pytest.raises(openai.AuthenticationError) as refused:
        openai.OpenAI(base_url=provider_url, api_key="sk-wrong", max_retries=0).models.list()
    assert refused.value.code == "invalid_api_key" and "sk-wrong" not in str(refused.value)
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
    tell(provider_url, requests_per_minute=2)
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
    tell(provider_url, key="sk-other")
    with openai.OpenAI(base_url=provider_url, api_key="sk-other", max_retries=0) as other:
        assert chat(other).choices, "another key has a rate of its own"


def test_told_to_fail_and_to_be_slow(client: openai.OpenAI, provider_url: str) -> None:
    tell(provider_url, status=500, times=2)
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            chat(client)
    assert chat(client).choices
    tell(provider_url, delay_s=0.5)
    with pytest.raises(openai.APITimeoutError):
        chat(client, timeout=0.2)


def test_only_an_admin_tells(provider_url: str) -> None:
    for token in ("", "wrong", LOCAL_KEY, "é"):
        assert (
            tell(
                provider_url, token=token.encode("utf-8").decode("latin-1"), status=500
            ).status_code
            == 403
        )
    assert tell(provider_url, status=200).status_code == 400
    assert tell(provider_url, magic=1).status_code == 400


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


def test_a_way_that_goes_away_is_looked_for_again(
    client: openai.OpenAI, provider_url: str, run_service: Service
) -> None:
    with run_service(OPENAI_BASE_URL=provider_url, OPENAI_API_KEY=LOCAL_KEY) as url:
        assert ask(url).headers["X-Provider-Route"] == "decisions"
        tell(provider_url, decisions=False)
        assert_problem(ask(url), 502, "The provider does not offer this")
        answer = ask(url)
        assert answer.headers["X-Provider-Route"] == "chat" and answer.json()[0]["score"] > 0.5


@pytest.fixture(scope="module")
def method() -> Iterator[SystemThroughApi]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-of-the-user")  # a key alone is no wish to spend money
        with get("api").start() as service:
            yield service


def test_no_key_and_no_internet_is_the_default(method: SystemThroughApi) -> None:
    assert [part.name for part in method.components()] == ["provider", "api_service"]
    [prediction] = method.predict("An utterly charming film.")
    assert prediction.label == "POSITIVE" and prediction.score > 0.5
    health = requests.get(f"{method.url}/health", timeout=30).json()
    assert health["model"] == MODEL
    state_of_it = requests.get(f"{method.url}/provider", timeout=30).json()
    assert state_of_it["local"] is True and state_of_it["paid"] is False
    assert "sk-of-the-user" not in (state.home() / "api.json").read_text()


def test_telling_the_provider_from_python(method: SystemThroughApi) -> None:
    method.set_provider_behavior(status=401)
    with pytest.raises(RequestFailed, match="does not accept the key"):
        method.predict("good")
    with pytest.raises(RequestFailed, match="delay_s"):
        method.set_provider_behavior(delay_s=-1)
    method.set_provider_behavior()
    assert method.predict("good")


def test_killed_provider_is_mended(method: SystemThroughApi) -> None:
    url = method.url
    assert method.kill() == "provider"
    assert_problem(ask(url), 502, "The provider cannot be reached")
    assert method.status().state == "failed"
    method.start()
    assert ask(url).status_code == 200 and method.url == url


def test_telling_nobody() -> None:
    deployment = get("api")
    if deployment.status().state == "running":
        deployment.stop()
    with pytest.raises(NotRunning, match="hostlab up api"):
        deployment.set_provider_behavior()


def test_a_real_provider_without_a_key_is_told_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert "OPENAI_API_KEY is not set" in get("api").status().reason
    with pytest.raises(Unavailable, match="unset OPENAI_BASE_URL"):
        get("api").start()


def test_a_provider_of_ones_own(
    provider_url: str, client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", provider_url)
    monkeypatch.setenv("OPENAI_API_KEY", LOCAL_KEY)
    monkeypatch.setenv("API_ROUTE", "chat")
    with get("api").start() as service:
        assert [part.name for part in service.components()] == ["api_service"]
        assert service.predict("great")[0].label == "POSITIVE"
        assert LOCAL_KEY not in (state.home() / "api.json").read_text() + service.logs(1000)
        with pytest.raises(NotRunning, match="OPENAI_BASE_URL unset"):
            service.set_provider_behavior()

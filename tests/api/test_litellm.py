"""A third-party gateway: LiteLLM's proxy, with models that it imitates itself and models behind it.

It replaces the codes of errors with their status and renames the headers of a provider.
"""

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from deployments.api.config import LOCAL_KEY
from hostlab.runtime.ports import free_port
from tests.api import imitations, scripted
from tests.api.conftest import KEY, Service, ask, assert_problem, program
from tests.api.in_process import Address, check, imitated, predict
from tests.api.scripted import Action, ReceivedRequest
from tests.api.test_provider import MODEL

pytestmark = pytest.mark.litellm

NOWHERE = "http://127.0.0.1:9/v1"  # for what the proxy does not imitate: nothing responds there
OFFLINE = {
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_TELEMETRY": "False",
}
# By model: what the proxy answers by itself (`mock_response`)
MOCKED = {
    "label": "POSITIVE",
    "sentence": "Sure! The label is POSITIVE.",
    "too many requests": "litellm.RateLimitError",
    "too long": "litellm.ContextWindowExceededError",
}
# By model: what a provider behind the proxy answers to a chat completion
PROVIDED: dict[str, Action] = {
    "wait": scripted.error(429, "Rate limit reached.", "rate_limit_exceeded", retry_after="7"),
    "overloaded": scripted.error(503, "Overloaded.", retry_after="7"),
    "no credit": scripted.error(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
    ),
    "key": scripted.error(401, "Incorrect API key provided.", "invalid_api_key"),
    "filter": scripted.error(
        400,
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
        "invalid_prompt",
    ),
    "no chat": scripted.error(404),
    "unwell": scripted.error(500),
    "thinks": scripted.chat("<think>Good?</think>POSITIVE"),
    "likely": imitations.POSITIVE,
    "no logprobs": scripted.error(400, "Unsupported parameter: 'logprobs'."),
}
# By model: the status and title that a client gets, its Retry-After, and words of the detail
FAILURES: dict[str, tuple[int, str, int | None, str]] = {
    "sentence": (502, "The provider returned no label", None, "Sure! The label"),
    "too many requests": (429, "The provider's rate limit is reached", 1, "mock rate limit"),
    "too long": (422, "The text is too long for the provider's model", None, "shorter text"),
    "wait": (429, "The provider's rate limit is reached", 7, "Rate limit reached"),
    "overloaded": (503, "The provider is overloaded", 7, "Overloaded"),
    "no credit": (502, "The account has no credit left", None, "billing"),
    "key": (502, "The provider does not accept the key", None, "OPENAI_API_KEY"),
    "filter": (502, "The provider rejects the text", None, "another text"),
    "no chat": (502, "The provider does not offer this", None, "OPENAI_MODEL"),
    "unwell": (502, "The provider failed", 1, "status 500"),
    "unknown": (502, "The provider rejected the request", None, "model=unknown"),
}


def respond(seen: ReceivedRequest) -> Action:
    """Answer as PROVIDED has it, and 404 at other addresses."""
    if seen.path != imitations.CHAT:
        return scripted.error(404)
    model = seen.body["model"]
    if model == "no logprobs" and "logprobs" not in seen.body:
        return scripted.chat("POSITIVE")
    return PROVIDED[model]


def model(name: str, base_url: str, **settings: str) -> dict[str, object]:
    return {
        "model_name": name,
        "litellm_params": {
            "model": f"openai/{name}",
            "api_base": base_url,
            "api_key": LOCAL_KEY,
            **settings,
        },
    }


@pytest.fixture(scope="module")
def proxy(provider_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Run the proxy, without a database, and the providers behind it."""
    folder: Path = tmp_path_factory.mktemp("litellm")
    with imitated(respond) as provider:
        models = [
            *(model(name, NOWHERE, mock_response=answer) for name, answer in MOCKED.items()),
            *(model(name, provider.url) for name in PROVIDED),
            model("local", provider_url, model=f"openai/{MODEL}"),
        ]
        configuration = {
            "model_list": models,
            "router_settings": {"num_retries": 0},  # its own would take the time of each failure
            "general_settings": {"master_key": KEY},
        }
        (folder / "config.yaml").write_text(json.dumps(configuration))  # JSON is YAML
        url = f"http://127.0.0.1:{(port := free_port())}"
        command = [
            str(shutil.which("litellm")),
            *("--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)),
        ]
        # Its Python is another one: PYTHONPATH would give it the modules of this one
        settings = OFFLINE | {"PYTHONPATH": ""}
        with program(command, folder / "litellm.log", f"{url}/health/liveliness", **settings):
            yield Address(f"{url}/v1")


def test_the_local_provider_behind_it(proxy: Address, run_service: Service) -> None:
    with run_service(OPENAI_BASE_URL=proxy.url, OPENAI_MODEL="local") as url:
        assert requests.get(f"{url}/ready", timeout=10).status_code == 200
        answer = ask(url, ["great", "awful"])
        assert [one["label"] for one in answer.json()] == ["POSITIVE", "NEGATIVE"]
        assert answer.headers["X-Provider-Route"] == "decisions"
    expected = pytest.approx(answer.json()[0]["score"], abs=1e-6)
    for route in ("decisions", "chat", "systemone", "plain"):
        [outcome] = predict(proxy, "great", key=KEY, model="local", route=route, deadline_s=60)
        assert outcome.predictions == [("POSITIVE", None if route == "plain" else expected)]


def test_a_label_of_its_own(proxy: Address, run_service: Service) -> None:
    """It offers more routes than the provider behind it has."""
    with run_service(OPENAI_BASE_URL=proxy.url, OPENAI_MODEL="label") as url:
        assert requests.get(f"{url}/ready", timeout=10).status_code == 200
        answer = ask(url)
        assert answer.json() == [{"label": "POSITIVE", "score": None}]
        assert answer.headers["X-Provider-Route"] == "chat"
        assert answer.headers["X-Provider-Route-Why"] == (
            "decisions: not offered (500); "
            "chat: the provider accepted logprobs and ignored them; systemone: not offered (500)"
        )


@pytest.mark.parametrize(
    ("name", "route", "score"),
    [
        ("likely", "chat", math.exp(math.log(0.6)) / 0.8),
        ("thinks", "chat", None),
        ("no logprobs", "plain", None),
    ],
)
def test_a_chat_model_behind_it(proxy: Address, name: str, route: str, score: float | None) -> None:
    [outcome] = predict(proxy, "one", key=KEY, model=name, deadline_s=60)
    assert outcome.predictions == [("POSITIVE", score and pytest.approx(score))], outcome.problem
    assert outcome.headers["X-Provider-Route"] == route


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_keeps_its_meaning(proxy: Address, name: str) -> None:
    status, title, retry_after_s, words = FAILURES[name]
    [outcome] = predict(proxy, "one", key=KEY, model=name, route="chat", deadline_s=60)
    assert outcome.problem is not None
    assert (outcome.status, outcome.problem.title) == (status, title), outcome.problem
    assert outcome.problem.retry_after_s == retry_after_s
    assert words in outcome.problem.detail


def test_a_wrong_key(proxy: Address, run_service: Service) -> None:
    with run_service(
        OPENAI_BASE_URL=proxy.url, OPENAI_MODEL="label", OPENAI_API_KEY="sk-of-somebody-else"
    ) as url:
        title = "The provider does not accept the key"
        ready = requests.get(f"{url}/ready", timeout=10)
        assert_problem(ready, 502, title)
        assert "OPENAI_API_KEY" in assert_problem(ask(url), 502, title)["detail"]


def test_without_a_model(proxy: Address) -> None:
    problem = check(proxy, key=KEY, model=None)
    assert problem is not None and problem.title == "No model is chosen"
    assert "OPENAI_MODEL" in problem.detail and "It has: label," in problem.detail
    problem = check(proxy, key="sk-of-somebody-else", model=None)
    assert problem is not None and "not with this key" in problem.detail

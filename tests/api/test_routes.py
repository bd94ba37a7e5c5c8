"""Route selection over real connections, with a provider that offers what a test scripts."""

import math
from collections.abc import Iterator

import pytest
import requests

from tests.api import scripted
from tests.api.conftest import Service, ask, assert_problem
from tests.api.scripted import ScriptedProvider

MISSING = scripted.error(404, "Invalid URL")
LOGPROBS = {
    "POS": math.log(0.6),
    "Pos": math.log(0.2),
    " NEGATIVE": math.log(0.1),
    "The": math.log(0.1),
}


@pytest.fixture
def scripted_provider(provider: ScriptedProvider) -> Iterator[ScriptedProvider]:
    provider.reset_script()
    provider.otherwise = MISSING
    yield provider


def test_logprobs_are_a_softmax_over_the_labels(
    scripted_provider: ScriptedProvider, run_service: Service
) -> None:
    scripted_provider.by_path["/v1/chat/completions"] = scripted.chat("POSITIVE", LOGPROBS)
    with run_service(OPENAI_BASE_URL=scripted_provider.url) as url:
        answer = ask(url)
        assert answer.json() == [{"label": "POSITIVE", "score": pytest.approx(0.8 / 0.9)}]
        assert answer.headers["X-Provider-Route"] == "chat"
        assert answer.headers["X-Provider-Route-Why"] == "decisions: not offered (404)"
        assert answer.headers["X-Provider-Score"] == "softmax over the labels"
        assert requests.get(f"{url}/health", timeout=30).json()["model"] == "m", (
            "the only model is used by default"
        )
        scripted_provider.seen.clear()
        assert ask(url).status_code == 200
        [seen] = scripted_provider.seen
        assert seen.path == "/v1/chat/completions", (
            "the route is selected once, not for each request"
        )
        assert seen.body["logprobs"] is True and seen.body["top_logprobs"] == 20


def test_ignored_logprobs(scripted_provider: ScriptedProvider, run_service: Service) -> None:
    scripted_provider.by_path["/v1/chat/completions"] = scripted.chat("Positive.")
    with run_service(OPENAI_BASE_URL=scripted_provider.url) as url:
        answer = ask(url)
        assert answer.json() == [{"label": "POSITIVE", "score": None}], "no score is invented"
        assert (
            answer.headers["X-Provider-Score"]
            == "none: the provider accepted logprobs and ignored them"
        )
        why = answer.headers["X-Provider-Route-Why"]
        assert (
            why == "decisions: not offered (404); "
            "chat: the provider accepted logprobs and ignored them; systemone: not offered (404)"
        )


def test_systemone_is_better_than_chat_without_logprobs(
    scripted_provider: ScriptedProvider, run_service: Service
) -> None:
    scripted_provider.by_path["/v1/chat/completions"] = scripted.chat("POSITIVE")
    scripted_provider.by_path["/v1/systemone"] = scripted.systemone(
        "NEGATIVE", {"POSITIVE": 0.25, "NEGATIVE": 0.75}
    )
    with run_service(OPENAI_BASE_URL=scripted_provider.url) as url:
        answer = ask(url)
        assert answer.json() == [{"label": "NEGATIVE", "score": 0.75}]
        assert answer.headers["X-Provider-Route"] == "systemone"


def test_rejected_logprobs(scripted_provider: ScriptedProvider, run_service: Service) -> None:
    rejected = scripted.error(400, "Unsupported parameter: 'logprobs'", "unsupported_parameter")
    scripted_provider.script.extend([MISSING, rejected, MISSING, scripted.chat(" negative\n")])
    scripted_provider.by_path["/v1/chat/completions"] = scripted.chat("I think it is negative")
    with run_service(OPENAI_BASE_URL=scripted_provider.url) as url:
        answer = ask(url)
        assert answer.json() == [{"label": "NEGATIVE", "score": None}]
        assert answer.headers["X-Provider-Route"] == "plain"
        assert "logprobs" not in scripted_provider.seen[-1].body
        assert_problem(ask(url), 502, "The provider returned no label")


def test_a_provider_with_nothing(scripted_provider: ScriptedProvider, run_service: Service) -> None:
    with run_service(OPENAI_BASE_URL=scripted_provider.url) as url:
        assert (
            "OPENAI_BASE_URL"
            in assert_problem(ask(url), 502, "The provider does not offer this")["detail"]
        )
        assert [seen.path for seen in scripted_provider.seen] == [
            "/v1/decisions",
            "/v1/chat/completions",
            "/v1/systemone",
            "/v1/chat/completions",
        ]


def test_a_rejected_text_says_nothing_about_the_route(
    scripted_provider: ScriptedProvider, run_service: Service
) -> None:
    scripted_provider.by_path["/v1/decisions"] = scripted.decision()
    scripted_provider.script.append(scripted.error(400, "Not this.", "content_policy_violation"))
    with run_service(OPENAI_BASE_URL=scripted_provider.url) as url:
        assert_problem(ask(url), 502, "The provider rejects the text")
        assert ask(url).headers["X-Provider-Route"] == "decisions"


@pytest.mark.parametrize(
    "message",
    [{"refusal": "No."}, {"content": None}, {"content": ""}],
    ids=["refusal", "null", "empty"],
)
def test_forced_route_and_chat_refusals(
    scripted_provider: ScriptedProvider, run_service: Service, message: dict
) -> None:
    scripted_provider.by_path["/v1/chat/completions"] = scripted.chat(
        **{"content": "POSITIVE"} | message
    )
    with run_service(OPENAI_BASE_URL=scripted_provider.url, API_ROUTE="plain") as url:
        assert_problem(ask(url), 502, "The provider returned no label")
        assert len(scripted_provider.seen) == 1, "nothing else is tried"


def test_labels_and_prices_are_settings(
    scripted_provider: ScriptedProvider, run_service: Service, tmp_path
) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('["m*"]\ninput = 2.5\noutput = 10\n')
    scripted_provider.by_path["/v1/chat/completions"] = scripted.chat(
        "sport", {"sport": math.log(0.7), "politics": math.log(0.2), "science": math.log(0.1)}
    )
    with run_service(
        OPENAI_BASE_URL=scripted_provider.url,
        API_LABELS="politics, sport, science",
        API_PRICES=str(prices),
    ) as url:
        answer = ask(url, ["one", "two"])
        assert answer.json() == [{"label": "sport", "score": pytest.approx(0.7)}] * 2
        assert answer.headers["X-Provider-Tokens"] == "input=80, output=2"
        assert answer.headers["X-Provider-Cost"] == "0.000220000 USD"
        assert (
            'tokens;desc="80 in, 2 out", cost;desc="0.000220000 USD"'
            in answer.headers["Server-Timing"]
        )
        metrics = requests.get(f"{url}/metrics", timeout=30).text
        assert 'hostlab_provider_tokens_total{direction="input"} 80.0' in metrics
        assert 'hostlab_provider_cost_total{currency="USD"} 0.00022' in metrics
        state = requests.get(f"{url}/provider", timeout=30).json()
        assert (state["texts"], state["cost"], state["paid"]) == (2, pytest.approx(0.00022), True)


def test_several_models(scripted_provider: ScriptedProvider, run_service: Service) -> None:
    before, scripted_provider.models = (
        scripted_provider.models,
        scripted.reply(200, {"object": "list", "data": [{"id": "a"}, {"id": "b"}]}),
    )
    try:
        with run_service(OPENAI_BASE_URL=scripted_provider.url) as url:
            for answer in (ask(url), requests.get(f"{url}/ready", timeout=30)):
                problem = assert_problem(answer, 503, "No model is chosen")
                assert "OPENAI_MODEL" in problem["detail"] and "a, b" in problem["detail"]
            assert scripted_provider.seen == []
    finally:
        scripted_provider.models = before


@pytest.mark.parametrize(
    "models",
    [
        scripted.reply(200, b"<html>", Content_Type="text/html"),
        scripted.reply(200, b"[1]"),
        scripted.reset,
        scripted.error(401),
    ],
    ids=["page", "list", "reset", "401"],
)
def test_not_ready(
    scripted_provider: ScriptedProvider, run_service: Service, models: scripted.Action
) -> None:
    before, scripted_provider.models = scripted_provider.models, models
    try:
        with run_service(OPENAI_BASE_URL=scripted_provider.url, OPENAI_MODEL="m") as url:
            assert requests.get(f"{url}/ready", timeout=30).status_code == 502
            assert all(set(seen.body) == {"model"} for seen in scripted_provider.seen), (
                "a readiness check sends no text and costs nothing"
            )
    finally:
        scripted_provider.models = before

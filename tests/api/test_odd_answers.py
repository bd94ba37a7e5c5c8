"""An answer that was paid for is not lost, whatever else is odd in the response."""

import pytest

from deployments.api.prices import Price
from tests.api import scripted
from tests.api.completions import USAGE, completion, decision, systemone, token
from tests.api.imitations import CHAT
from tests.api.in_process import Outcome, imitated, predict
from tests.api.scripted import Action

PRICES = {"*": Price(1.0, 2.0)}
HUGE = 10**400  # a counter of Prometheus is a float


def outcome_of(answer: Action, route: str) -> Outcome:
    with imitated(lambda seen: answer) as provider:
        [outcome] = predict(provider, "one", route=route, prices=PRICES)
        assert outcome.problem is None, outcome.problem
        assert outcome.state is not None and outcome.state.texts == 1
        return outcome


@pytest.mark.parametrize(
    "usage",
    [
        None,  # microsoft/autogen#1579
        {},
        {"prompt_tokens": None, "completion_tokens": None},  # microsoft/autogen#6352
        {"prompt_tokens": 40},
        {"prompt_tokens": 40, "completion_tokens": "1"},
        {"prompt_tokens": -1, "completion_tokens": 1},
        {"prompt_tokens": float("nan"), "completion_tokens": 1},
        {"prompt_tokens": HUGE, "completion_tokens": 1},
        [40, 1],
        "41",
    ],
    ids=lambda usage: str(usage)[:60],
)
@pytest.mark.parametrize("route", ["chat", "plain", "decisions", "systemone"])
def test_tokens_that_are_not_counted(usage: object, route: str) -> None:
    if isinstance(usage, dict):
        names = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens"}
        usage = usage | {names[name]: value for name, value in usage.items()}
    answers = {"decisions": decision(usage), "systemone": systemone(usage)}
    outcome = outcome_of(answers.get(route, completion("POSITIVE", usage=usage)), route)
    assert outcome.predictions[0][0] == "POSITIVE"
    assert outcome.headers["X-Provider-Tokens"] == outcome.headers["X-Provider-Cost"] == "unknown"
    assert outcome.state is not None
    assert (outcome.state.uncounted_texts, outcome.state.cost) == (1, None)


def test_counts_with_a_decimal_point() -> None:
    usage = {"prompt_tokens": 40.0, "completion_tokens": 1.0}
    outcome = outcome_of(completion("POSITIVE", usage=usage), "plain")
    assert outcome.headers["X-Provider-Tokens"] == "input=40, output=1"
    assert outcome.headers["X-Provider-Cost"] == "0.000042000 USD"


@pytest.mark.parametrize(
    "tokens",
    [
        [{}],
        [None],
        ["POSITIVE"],
        [token("POSITIVE") | {"top_logprobs": "x"}],
        [token("POSITIVE") | {"logprob": None}],
        [token("POSITIVE") | {"logprob": 1000.0}],
        [token("POSITIVE") | {"token": None}],
        [token("POSITIVE") | {"top_logprobs": [{"token": "POSITIVE", "logprob": float("nan")}]}],
        # deepseek-ai/DeepSeek-V3.2-Exp#49: the likely tokens are always missing
        [token("POSITIVE") | {"top_logprobs": []}],
        [token("POSITIVE") | {"top_logprobs": None}],
    ],
    ids=str,
)
def test_logprobs_that_cannot_be_read(tokens: object) -> None:
    outcome = outcome_of(completion("POSITIVE", tokens=tokens), "chat")
    assert outcome.predictions == [("POSITIVE", None)]
    assert outcome.headers["X-Provider-Score"].startswith("none: the provider")
    assert outcome.headers["X-Provider-Tokens"] == "input=40, output=1"


COUNTED = {"input_tokens": 40, "output_tokens": 1}


@pytest.mark.parametrize(
    "probabilities",
    [
        None,
        {},
        [],
        "x",
        [{"value": "POSITIVE"}],
        [{"value": "POSITIVE", "probability": 7.0}],
        [{"value": "NEGATIVE", "probability": 1.0}],
        {"POSITIVE": 7.0},
    ],
    ids=str,
)
@pytest.mark.parametrize("route", ["decisions", "systemone"])
def test_probabilities_that_cannot_be_read(probabilities: object, route: str) -> None:
    answer = decision if route == "decisions" else systemone
    outcome = outcome_of(answer(COUNTED, probabilities=probabilities), route)
    assert outcome.predictions == [("POSITIVE", None)]
    assert outcome.headers["X-Provider-Score"] == (
        "none: the provider's probabilities cannot be read"
    )
    assert outcome.headers["X-Provider-Tokens"] == "input=40, output=1"


def test_an_error_that_comes_with_an_answer_changes_nothing() -> None:
    body = {
        "choices": [{"message": {"content": "POSITIVE"}}],
        "usage": USAGE,
        "error": {"code": 500},
    }
    outcome = outcome_of(scripted.reply(200, body), "plain")
    assert outcome.predictions == [("POSITIVE", None)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{"message": None}]},
        {"choices": [{"message": {"content": 7}}]},
        {"choices": [{"message": {"content": [{"type": "text"}]}}]},
        {"choices": {"0": {"message": {"content": "POSITIVE"}}}},
        b"[" * 100_000,
        b'{"choices": ' * 1000,
    ],
    ids=lambda body: str(body)[:40],
)
@pytest.mark.parametrize("route", ["chat", "plain", "auto"])
def test_no_answer_in_it(body: object, route: str) -> None:
    with imitated(lambda seen: scripted.reply(200, body)) as provider:
        [outcome] = predict(provider, "one", route=route)
        assert outcome.problem is not None and outcome.status == 502
        assert len([seen for seen in provider.seen if seen.path == CHAT]) <= 2, "no retries"

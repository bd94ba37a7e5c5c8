"""Each check of lesson 05, given solutions that are right, missing, and wrong."""

import time
from collections.abc import Callable
from pathlib import Path

import openai
import pytest
import requests

from hostlab import get
from hostlab.methods.api.deployment import SystemThroughApi
from notebooks.lessons.check_api import check_cost, check_in_time, check_retry
from tests.notebooks.conftest import raising, unsolved
from tests.notebooks.test_checks_plan_b import asked

METHOD = "api"


def remembers() -> Callable[..., str | None]:
    """Return a right solution that asks once for each text."""
    labels: dict[str, str] = {}

    def in_time(url: str, text: str) -> str | None:
        if label := labels.get(text) or asked(url, text, 1):
            labels[text] = label
        return label

    return in_time


@pytest.mark.parametrize(
    ("in_time", "expected", "hint"),
    [
        (lambda url, text: asked(url, text, 1), "[OK]", "you gave up after"),
        (unsolved, "[--]", "in_time()"),
        (remembers(), "[OK]", "you gave up after"),
        (lambda url, text: [asked(url, text, 1), None][1], "[--]", "always returned None"),
        (raising, "[FAIL]", "ZeroDivisionError: division by zero"),
        (lambda url, text: asked(url, text, 0.05), "[FAIL]", "discarded 8 of 8 responses"),
        (lambda url, text: asked(url, text, 60), "[FAIL]", "returned after 4."),
        (lambda url, text: asked(url, text, 1) or "NEGATIVE", "[FAIL]", "it should be None"),
        (
            lambda url, text: requests.post(
                f"{url}/predict", json={"text": text}, timeout=1
            ).json(),
            "[FAIL]",
            "only the label, 'POSITIVE'",
        ),
        (
            lambda url, text: requests.post(
                f"{url}/predict", json={"text": text}, timeout=1
            ).json()[0]["label"],
            "[FAIL]",
            "The provider was slow, and your",
        ),
    ],
)
def test_check_in_time(
    in_time: Callable, expected: str, hint: str, service: SystemThroughApi, verdict: Callable
) -> None:
    output = verdict(check_in_time, in_time, service)
    assert output.startswith(expected) and hint in output, output


def label_of(client: openai.OpenAI, model: str, text: str) -> str:
    return (
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
        .choices[0]
        .message.content
    )


def retries_until_success(
    client: openai.OpenAI, model: str, text: str, wait: Callable[[openai.RateLimitError], float]
) -> str:
    while True:
        try:
            return label_of(client, model, text)
        except openai.RateLimitError as error:
            time.sleep(wait(error))


def retries_whatever_happens(client: openai.OpenAI, model: str, text: str) -> str:
    while True:
        try:
            return label_of(client, model, text)
        except openai.APIStatusError as error:
            time.sleep(float(error.response.headers.get("retry-after", 0.2)))


def retry_after(error: openai.RateLimitError) -> float:
    return float(error.response.headers["retry-after"])


def sends_one_more(client: openai.OpenAI, model: str, text: str) -> str:
    retries_until_success(client, model, text, retry_after)
    return label_of(client, model, text)


@pytest.mark.parametrize(
    ("ask_with_retry", "expected", "hint"),
    [
        (
            lambda *arguments: retries_until_success(*arguments, retry_after),
            "[OK]",
            "sent 5 requests, was rejected 3 times",
        ),
        (unsolved, "[--]", "ask_with_retry()"),
        (raising, "[FAIL]", "gave up. Requests sent: 0. ZeroDivisionError"),
        (lambda *arguments: "POSITIVE", "[FAIL]", "sent no request"),
        (label_of, "[FAIL]", "gave up. Requests sent: 1. RateLimitError"),
        (
            lambda client, *rest: label_of(client.with_options(max_retries=5), *rest),
            "[OK]",
            "it didn't retry",
        ),
        (
            lambda *arguments: retries_until_success(*arguments, lambda error: 0.2),
            "[FAIL]",
            "wait 1 s. Your function tried again after 0.",
        ),
        (
            lambda *arguments: retries_until_success(*arguments, lambda error: 1.0),
            "[FAIL]",
            "wait 3 s. Your function tried again after 1.",
        ),
        (
            lambda *arguments: retries_until_success(*arguments, lambda error: 3.0),
            "[FAIL]",
            "wait 1 s, but your function waited 3.",
        ),
        (retries_whatever_happens, "[FAIL]", "rejected the key (401)"),
        (
            lambda client, model, text: (
                label_of(client.with_options(max_retries=5), model, text) and None
            ),
            "[--]",
            "It should return the label",
        ),
        (sends_one_more, "[FAIL]", "4 requests, where 3 were enough"),
    ],
)
def test_check_retry(
    ask_with_retry: Callable, expected: str, hint: str, service: SystemThroughApi, verdict: Callable
) -> None:
    output = verdict(check_retry, ask_with_retry, service)
    assert output.startswith(expected) and hint in output, output


def cost(*factors: float) -> Callable[..., float]:
    """Return a solution with factors for input tokens, output tokens, and their total.

    With 1, 1, 1, it is right.
    """

    def cost_of_a_million(
        client: openai.OpenAI, model: str, texts: list[str], price_in: float, price_out: float
    ) -> float:
        used = [
            client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": text}]
            ).usage
            for text in texts
        ]
        tokens_in, tokens_out = (
            sum(getattr(one, name) for one in used) / len(texts)
            for name in ("prompt_tokens", "completion_tokens")
        )
        return (tokens_in * price_in * factors[0] + tokens_out * price_out * factors[1]) * factors[
            2
        ]

    return cost_of_a_million


@pytest.mark.parametrize(
    ("solution", "expected", "hint"),
    [
        (cost(1, 1, 1), "[OK]", "1.0 out, on average"),
        (unsolved, "[--]", "cost_of_a_million()"),
        (raising, "[FAIL]", "ZeroDivisionError"),
        (lambda *_: "much", "[FAIL]", "isn't a number"),
        (cost(1, 1, 1e-6), "[FAIL]", "a millionth of the expected cost"),
        (cost(1, 1, 1e6), "[FAIL]", "a million times the expected cost"),
        (cost(1, 1, 5), "[FAIL]", "is the cost of 5 million requests"),
        (cost(1, 0, 1), "[FAIL]", "The provider also generates output"),
        (
            lambda client, model, texts, price_in, price_out: cost(1, 1, 1)(
                client, model, texts, price_out, price_in
            ),
            "[FAIL]",
            "swapped the two prices",
        ),
        # Swapped prices give at most PRICE_OUT / PRICE_IN times the cost, which is 4.
        (cost(1, 1, 7), "[FAIL]", "work through the numbers by hand"),
    ],
)
def test_check_cost(
    solution: Callable, expected: str, hint: str, service: SystemThroughApi, verdict: Callable
) -> None:
    output = verdict(check_cost, solution, service)
    assert output.startswith(expected) and hint in output, output


def test_a_check_restores_the_provider(service: SystemThroughApi, verdict: Callable) -> None:
    verdict(check_in_time, lambda url, text: asked(url, text, 60), service)
    assert asked(service.url, "What a lovely film!", 10) == "POSITIVE"


def test_a_check_says_that_the_service_does_not_run(
    verdict: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    assert verdict(check_retry, label_of, get("api")).startswith(
        "[FAIL] The service that this exercise needs did not respond."
    )

"""The circuit breaker of the service, over real connections."""

import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.api import scripted
from tests.api.conftest import Service, ask, assert_problem
from tests.api.scripted import ScriptedProvider


def test_breaker_opens_lets_one_trial_through_and_closes(
    provider: ScriptedProvider, run_service: Service
) -> None:
    provider.reset_script()
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
        assert provider.seen == [], "no call passes while it is open"
        assert requests.get(f"{url}/provider", timeout=30).json()["breaker"] == "open"

        _until(url, "half-open")
        assert_problem(ask(url), 502, "The provider failed")
        assert len(provider.seen) == 1, "one trial"
        assert_problem(ask(url), 503, "Circuit breaker open")
        assert len(provider.seen) == 1, "which failed, so it is open again"

        _until(url, "half-open")
        provider.reset_script()
        provider.script.append(scripted.hang)
        with ThreadPoolExecutor(1) as pool:
            trial = pool.submit(ask, url)
            while not provider.seen:
                time.sleep(0.02)
            assert_problem(ask(url), 503, "Circuit breaker open")
            assert len(provider.seen) == 1, "no other call passes during the trial"
            provider.reset_script()  # ends the trial without a response: it failed
            trial.result()
        _until(url, "half-open")
        assert ask(url, ["good"] * 8).status_code == 200, "its first text is the trial"
        assert [ask(url).status_code for _ in range(3)] == [200] * 3
        assert requests.get(f"{url}/provider", timeout=30).json()["breaker"] == "closed"


def _until(url: str, state: str) -> None:
    deadline = time.monotonic() + 30
    while requests.get(f"{url}/provider", timeout=30).json()["breaker"] != state:
        assert time.monotonic() < deadline
        time.sleep(0.1)

"""The checks of lesson 02, given solutions that are right, missing, and wrong."""

import re
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
import requests

from hostlab.deployment import Deployment
from notebooks.lessons.check_separate_process import (
    check_hop,
    check_probe,
    check_stubborn,
    check_timeout,
)
from tests.notebooks.conftest import unsolved

METHOD = "separate-process"


def label_of(url: str, text: str, timeout_s: float | None) -> str:
    response = requests.post(f"{url}/predict", json={"text": text}, timeout=timeout_s)
    response.raise_for_status()
    return response.json()[0]["label"]


def or_else(instead: Any, timeout_s: float | None) -> Callable[[str, str], Any]:
    def ask(url: str, text: str) -> Any:
        try:
            return label_of(url, text, timeout_s)
        except requests.RequestException:
            return instead

    return ask


def only_the_timeout(url: str, text: str) -> str | None:
    try:
        return requests.post(f"{url}/predict", json={"text": text}, timeout=1).json()[0]["label"]
    except requests.Timeout:
        return None


def asks_until_it_works(url: str, text: str) -> str | None:
    for _ in range(40):  # longer than the check waits, but not endless
        try:
            return label_of(url, text, 1)
        except requests.Timeout:
            return None
        except requests.RequestException:
            time.sleep(0.25)
    return None


def fails_if_nothing_listens(url: str, text: str) -> str | None:
    try:
        response = requests.post(f"{url}/predict", json={"text": text}, timeout=1)
        return response.json()[0]["label"] if response.ok else None
    except requests.Timeout:
        return None


@pytest.mark.parametrize(
    ("ask", "expected", "hint"),
    [
        (or_else(None, 1), "[OK]", "returned None after 1"),
        (unsolved, "[--]", "ask()"),
        (lambda url, text: "POSITIVE", "[FAIL]", "The service says 'NEGATIVE'"),
        (lambda url, text: label_of(url, text, 1), "[FAIL]", "raised ReadTimeout"),
        (or_else("UNKNOWN", 1), "[FAIL]", "returned 'UNKNOWN'"),
        (or_else(None, 3), "[FAIL]", "gave up after 3"),
        (or_else(None, None), "[FAIL]", "still waiting after 6 s"),
        (only_the_timeout, "[FAIL]", "returns a 502 that says why. ask() raised KeyError: 0"),
        (asks_until_it_works, "[FAIL]", "ask() had not returned after 6 s"),
        (
            fails_if_nothing_listens,
            "[FAIL]",
            "an address at which nothing listens. ask() raised ConnectionError",
        ),
    ],
)
def test_check_timeout(
    ask: Callable, expected: str, hint: str, service: Deployment, verdict: Callable
) -> None:
    output = verdict(check_timeout, ask, service)
    assert output.startswith(expected) and hint in output


def hop(url: str, part: str = "hop") -> float:
    found = []
    with requests.Session() as session:
        for _ in range(30):
            started = time.perf_counter()
            response = session.post(
                f"{url}/predict", json={"text": "An utterly charming film."}, timeout=10
            )
            latency_ms = (time.perf_counter() - started) * 1000
            named_ms = sum(
                map(float, re.findall(r"dur=([\d.]+)", response.headers["Server-Timing"]))
            )
            found.append(
                {"hop": latency_ms - named_ms, "latency": latency_ms, "named": named_ms}[part]
            )
    return median(found[10:])


@pytest.mark.parametrize(
    ("hop_ms", "expected", "hint"),
    [
        (hop, "[OK]", "The check saw 30 requests"),
        (unsolved, "[--]", "hop_ms()"),
        (lambda url: "4 ms", "[FAIL]", "not a number"),
        (lambda url: hop(url) / 1000, "[FAIL]", "Which unit"),
        (lambda url: hop(url) - 1000, "[FAIL]", "did you subtract milliseconds from seconds"),
        (lambda url: hop(url, "latency"), "[FAIL]", "the whole latency"),
        (lambda url: hop(url, "named"), "[FAIL]", "the service itself reports"),
        (lambda url: hop(url) + 1000, "[FAIL]", "the median hop was"),
        (lambda url: 4.2, "[FAIL]", "sent 0 requests"),
        (lambda url: [][0], "[FAIL]", "IndexError"),
    ],
)
def test_check_hop(
    hop_ms: Callable, expected: str, hint: str, service: Deployment, verdict: Callable
) -> None:
    output = verdict(check_hop, hop_ms, service)
    assert output.startswith(expected) and hint in output


def probe(path: str, timeout_s: float | None) -> Callable[[str], bool]:
    def is_ready(url: str) -> bool:
        try:
            return requests.get(url + path, timeout=timeout_s).status_code == 200
        except requests.RequestException:
            return False

    return is_ready


@pytest.mark.parametrize(
    ("is_ready", "expected", "hint"),
    [
        (probe("/ready", 1), "[OK]", "all five cases"),
        (unsolved, "[--]", "is_ready()"),
        (lambda url: False, "[FAIL]", "Everything worked: is_ready() returned False"),
        (probe("/health", 1), "[FAIL]", "hung: is_ready() returned True"),
        (probe("/ready", None), "[FAIL]", "took at least"),
        (lambda url: requests.get(f"{url}/ready", timeout=1).ok, "[FAIL]", "raised ReadTimeout"),
    ],
)
def test_check_probe(
    is_ready: Callable, expected: str, hint: str, service: Deployment, verdict: Callable
) -> None:
    output = verdict(check_probe, is_ready, service)
    assert output.startswith(expected) and hint in output
    assert service.status().state == "running"


def asks_again(wait_s: float) -> Callable[[str, str], str]:
    def stubborn(url: str, text: str) -> str:
        while True:
            try:
                return label_of(url, text, 30)
            except requests.RequestException:
                time.sleep(wait_s)

    return stubborn


@pytest.mark.parametrize(
    ("stubborn", "expected", "hint"),
    [
        (asks_again(1.0), "[OK]", "none failed"),
        (unsolved, "[--]", "stubborn()"),
        (lambda url, text: label_of(url, text, 30), "[FAIL]", "raised HTTPError: 50"),
        (or_else("POSITIVE", 30), "[FAIL]", "'POSITIVE' for 'I hated every minute.'"),
        (asks_again(0.05), "[FAIL]", "Retry-After"),
    ],
)
def test_check_stubborn(
    stubborn: Callable, expected: str, hint: str, service: Deployment, verdict: Callable
) -> None:
    output = verdict(check_stubborn, stubborn, service)
    assert output.startswith(expected) and hint in output
    assert service.status().state == "running"

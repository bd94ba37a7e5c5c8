"""Whatever a service sends, a request to it ends, and leads nowhere else."""

import time
from collections.abc import Callable

import pytest
import requests

from hostlab.bounded_http import ResponseTooLarge, bounded_session
from hostlab.client import Client
from hostlab.errors import RequestFailed
from hostlab.measure.load.generator import ClosedLoad
from tests.guests import servers

TIMEOUT_S = 1.0
ENDS_WITHIN_S = 5.0  # on a busy machine
HOSTILE: list[tuple[Callable, type[Exception]]] = [
    (servers.endless_body, ResponseTooLarge),
    (servers.endless_chunks, requests.RequestException),  # too large, or too late
    (servers.endless_headers, requests.ConnectionError),
    (servers.endless_interim_responses, requests.RequestException),
    (servers.slow_drip, requests.Timeout),
    (servers.not_http, requests.ConnectionError),
]


@pytest.mark.parametrize(("respond", "error"), HOSTILE, ids=lambda one: one.__name__)
def test_every_request_ends(respond: Callable, error: type[Exception]) -> None:
    with servers.raw(respond) as url, bounded_session() as session:
        started = time.monotonic()
        with pytest.raises(error):
            session.get(url, timeout=TIMEOUT_S)
        assert time.monotonic() - started < ENDS_WITHIN_S


def test_a_redirect_is_not_followed() -> None:
    with servers.raw(servers.redirect) as url, bounded_session() as session:
        response = session.get(url, timeout=TIMEOUT_S)
        assert response.status_code == 307 and response.url == f"{url}/"
        assert response.headers["Location"] == servers.METADATA


def test_nothing_is_unpacked() -> None:
    with servers.raw(servers.packed) as url, bounded_session() as session:
        assert len(session.get(url, timeout=ENDS_WITHIN_S).content) < 200_000


@pytest.mark.parametrize(
    ("respond", "title"),
    [
        (servers.endless_body, "Too large"),
        (servers.slow_drip, "Too late"),
        (servers.redirect, "Unexpected response"),
        (servers.not_http, "No connection"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_the_client_says_what_happened(respond: Callable, title: str) -> None:
    with servers.raw(respond) as url, Client(url, TIMEOUT_S) as client:
        with pytest.raises(RequestFailed) as failed:
            client.ask("a text")
        assert failed.value.title == title


@pytest.mark.parametrize("respond", [servers.endless_body, servers.endless_headers])
def test_a_load_on_an_endless_response_ends_and_counts_it_as_lost(respond: Callable) -> None:
    with servers.raw(respond) as url:
        started = time.monotonic()
        with ClosedLoad(url, users=2, timeout_s=TIMEOUT_S) as load:
            time.sleep(0.5)
        assert time.monotonic() - started < ENDS_WITHIN_S
        assert load.samples and load.lost == load.samples

"""The client's split of a latency into its parts."""

import json
from http.server import BaseHTTPRequestHandler

import pytest

from hostlab.client import Client, Timing, timing
from hostlab.errors import RequestFailed
from tests.guests.servers import served


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("queue;dur=1.5, model;dur=10.0", Timing(8.5, 1.5, 10.0, 0.0)),
        ("upstream;dur=15", Timing(5.0, None, None, 15.0)),
        ("queue;dur=1, model;dur=2, upstream;dur=3", Timing(14.0, 1.0, 2.0, 3.0)),
        ('db;dur=5, model;dur=10;desc="x"', Timing(10.0, None, 10.0, 0.0)),
        (None, Timing(None, None, None, None)),
        ("nonsense", Timing(None, None, None, None)),
    ],
)
def test_timing(header: str | None, expected: Timing) -> None:
    assert timing(header, latency_ms=20.0) == expected


def test_no_connection_says_what_to_do() -> None:
    with (
        pytest.raises(RequestFailed, match="hostlab status") as failed,
        Client("http://127.0.0.1:9") as client,
    ):
        client.ask("text")
    assert failed.value.status is None


@pytest.mark.parametrize(
    "found",
    [
        {"label": 5, "score": 0.5},
        {"label": ["a"], "score": 0.5},
        {"label": "x" * 1000, "score": 0.5},
        {"label": "\ud800", "score": 0.5},
        {"label": "a", "score": "0.5"},
        {"label": "a", "score": float("nan")},
        {"label": "a", "score": 10**400},
        "a",
    ],
    ids=lambda found: str(found)[:30],
)
def test_what_is_no_prediction_is_an_error(found: object) -> None:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.dumps([found]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with (
        served(Handler) as url,
        Client(url) as client,
        pytest.raises(RequestFailed, match="Not our contract"),
    ):
        client.ask("text")


def test_a_service_that_is_wrong_about_its_time_has_no_parts() -> None:
    assert timing("model;dur=500", latency_ms=20.0) == Timing(None, None, None, None)

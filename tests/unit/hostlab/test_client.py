"""The client's split of a latency into its parts."""

import pytest

from hostlab.client import Client, Timing, timing
from hostlab.errors import RequestFailed


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

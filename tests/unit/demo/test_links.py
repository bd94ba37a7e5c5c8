"""An address of this machine is a link only where it leads somewhere."""

import pytest

from demo.board import Card
from demo.page import opened_on_this_machine
from demo.tabs.services.view import card
from demo.texts import LANGUAGES, texts_in
from hostlab.types import Status

URL = "http://127.0.0.1:5000"


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_who_can_follow_a_link_gets_one(language: str) -> None:
    texts, running = texts_in(language), Card("docker", Status("docker", "running", URL))
    assert f'href="{URL}/docs"' in card(running, texts, linked=True)
    elsewhere = card(running, texts)
    assert "href" not in elsewhere and URL in elsewhere
    assert texts("services.address_there") in elsewhere


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"origin": "http://127.0.0.1:7860", "host": "127.0.0.1:7860"}, True),
        ({"origin": "http://localhost:8888", "host": "127.0.0.1:7860"}, True),
        ({"origin": "http://[::1]:7860"}, True),
        ({"host": "localhost:7860"}, True),
        ({"origin": "https://hub.example.org", "host": "127.0.0.1:7860"}, False),
        ({"origin": "http://192.0.2.7:7860", "host": "192.0.2.7:7860"}, False),
        ({"origin": "http://teacher.local:7860"}, False),
        ({"origin": "null", "host": "127.0.0.1:7860"}, False),
        ({"host": "example.org"}, False),
        ({}, False),
    ],
)
def test_whether_the_browser_runs_here(headers: dict[str, str], expected: bool) -> None:
    assert opened_on_this_machine(headers) is expected

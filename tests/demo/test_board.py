"""The board over real services: what it reports when a start fails, and what it leaves behind."""

import time
from collections.abc import Iterator

import pytest

from demo.board import AUTOSTARTED, Board
from hostlab import get
from hostlab.errors import BadInput


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    yield board
    board.close()
    get(AUTOSTARTED).stop()


def test_a_start_that_fails_says_why_and_can_be_tried_again(board, monkeypatch):
    monkeypatch.setenv("MODEL_ID", "/nowhere/at/all")
    card = board.run_now(board.start, AUTOSTARTED)
    assert card.state == "stopped"
    assert "did not start" in card.failure.message
    assert "/nowhere/at/all" in card.failure.log_tail
    assert "last log lines" not in card.failure.message

    monkeypatch.delenv("MODEL_ID")
    card = board.run_now(board.start, AUTOSTARTED)
    assert card.state == "running"
    assert card.failure is None
    assert AUTOSTARTED in [service.method for service in board.running()]


def test_what_a_button_started_stays(board):
    board.run_now(board.start, AUTOSTARTED)
    ended, stays = board.close()
    assert ended == []
    assert AUTOSTARTED in [status.method for status in stays]
    assert get(AUTOSTARTED).status().state == "running"


def test_what_is_still_starting_ends(board):
    board.start(AUTOSTARTED)
    ended, _ = board.close()
    assert ended == [AUTOSTARTED]
    assert get(AUTOSTARTED).status().state == "stopped"
    board.start(AUTOSTARTED)  # nothing starts on a closed board
    assert get(AUTOSTARTED).status().state == "stopped"


def test_an_unknown_method_is_rejected(board):
    with pytest.raises(BadInput, match="no method 'mainframe'"):
        board.run_now(board.start, "mainframe")


def test_a_kill_and_what_cannot_be_scaled(board):
    board.run_now(board.start, AUTOSTARTED)
    start = board.start_of(AUTOSTARTED)
    assert start.cold_ms > 0
    assert start.first_ms is None
    card = board.run_now(board.kill, AUTOSTARTED)
    assert card.state == "failed" and card.startable, "its only process is gone"
    assert board.start_of(AUTOSTARTED) == start, "it is still the same run"
    card = board.run_now(board.kill, AUTOSTARTED)
    assert "no running process" in card.failure.message
    card = board.run_now(lambda method: board.scale(method, 2), AUTOSTARTED)
    assert "cannot be scaled" in card.failure.message


def test_components_are_polled_only_while_somebody_reads_them(board):
    def poll() -> tuple:
        time.sleep(0.5)  # polls take a share of the time, so the next one is not due at once
        board.poll()
        return next(card.components for card in board.cards() if card.method == AUTOSTARTED)

    board.run_now(board.start, AUTOSTARTED)
    assert poll() == ()
    board.cards(components=True)
    seen, until = (), time.monotonic() + 60
    while not (seen and seen[0].cpu_percent is not None) and time.monotonic() < until:
        seen = poll()
    (service,) = seen
    assert (service.component.kind, service.component.state) == ("process", "running")
    assert service.component.memory_bytes > 0
    assert service.cpu_percent >= 0


def test_what_is_busy_is_not_scaled_at_the_same_time(board):
    board.start(AUTOSTARTED)
    with pytest.raises(BadInput, match="starting right now"):
        board.scale(AUTOSTARTED, 2)

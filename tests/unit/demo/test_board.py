"""The board over real services: what it tells when a start fails, and what it leaves behind."""

from collections.abc import Iterator

import pytest

from demo.board import UNASKED, Board
from deployments import get
from deployments.errors import BadInput


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    yield board
    board.close()
    get(UNASKED).stop()


def test_a_start_that_fails_says_why_and_can_be_tried_again(board, monkeypatch):
    monkeypatch.setenv("MODEL_ID", "/nowhere/at/all")
    card = board.run_now(board.start, UNASKED)
    assert card.state == "stopped"
    assert "did not start" in card.failure.message
    assert "/nowhere/at/all" in card.failure.log_tail
    assert "last log lines" not in card.failure.message

    monkeypatch.delenv("MODEL_ID")
    card = board.run_now(board.start, UNASKED)
    assert card.state == "running"
    assert card.failure is None
    assert UNASKED in [service.method for service in board.running()]


def test_what_a_button_started_stays(board):
    board.run_now(board.start, UNASKED)
    ended, stays = board.close()
    assert ended == []
    assert UNASKED in [status.method for status in stays]
    assert get(UNASKED).status().state == "running"


def test_what_is_still_starting_ends(board):
    board.start(UNASKED)
    ended, _ = board.close()
    assert ended == [UNASKED]
    assert get(UNASKED).status().state == "stopped"
    board.start(UNASKED)  # nothing starts on a closed board
    assert get(UNASKED).status().state == "stopped"


def test_a_method_that_is_none_is_refused(board):
    with pytest.raises(BadInput, match="no method 'mainframe'"):
        board.run_now(board.start, "mainframe")

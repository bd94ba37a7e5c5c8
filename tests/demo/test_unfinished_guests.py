"""Guests that are not there, are another program, or lack something: what the tab shows."""

import re
import time

from demo.board import Board
from demo.guest_watcher import GuestWatcher
from demo.guests import GuestFigures, GuestList
from demo.tabs.guests import view
from demo.tabs.guests.check import GuestCheck
from demo.texts import texts_in
from hostlab.guests.findings import Finding
from hostlab.runtime.ports import free_port
from tests.guests import servers
from tests.guests.test_unfinished_services import Beginning, Files

EN = texts_in("en")


def checked(guests: GuestList, address: str, name: str = "") -> GuestCheck:
    check = GuestCheck(guests, address, name).start()
    check.wait(60)
    assert check.over
    return check


def test_nobody_at_an_address_is_said_so() -> None:
    shown = view.check(checked(GuestList(), f"127.0.0.1:{free_port()}"), EN)
    assert "nobody answers at" in shown and "<li" not in shown


def test_another_program_is_one_sentence_and_its_checks_are_folded() -> None:
    with servers.served(Files) as url:
        shown = view.check(checked(GuestList(), url), EN)
    assert "another program answers at this address" in shown
    assert shown.index("<details") < shown.index("<li") and "DOCTYPE" not in shown


def test_the_checks_are_in_two_groups() -> None:
    with servers.served(Beginning) as url:
        shown = view.check(checked(GuestList(), url), EN)
    groups = re.findall(r"<h3.*?>(.*?)</h3>", shown)
    assert groups[0] == "What a guest must do: 1 of 2 missing"
    assert groups[1].startswith("What would be better: ")


def test_a_taken_name_does_not_hide_the_checks() -> None:
    guests = GuestList()
    guests.add("Anna", "http://127.0.0.1:1", [])
    with servers.served(Beginning) as url:
        shown = view.check(checked(guests, url, "Anna"), EN)
    assert "The name Anna is taken" in shown and "What a guest must do" in shown


def test_a_guest_whose_ready_was_never_right_predicts() -> None:
    class Unready(Beginning):
        """It has no do_GET, so /ready gets a page with status 501."""

    board, guests = Board(), GuestList()
    with servers.served(Unready) as url:
        checked(guests, url, "Anna")
        watcher = GuestWatcher(guests, board.machine, board._closed)
        watcher.probe()
        [guest] = guests.all()
        assert guest.away_since is None
        assert "predicts, but /ready does not answer as it should (status 501)" in view.board(
            [guest], EN
        )
    watcher.close()
    board._poller.close()


def test_who_is_away_has_no_rank() -> None:
    guests = GuestList()
    for name, p50_ms in (("Anna", 1.0), ("Boris", 2.0)):
        guests.add(name, f"http://127.0.0.1:{p50_ms:.0f}", [Finding("responds")])
        guests.all()[-1].figures = GuestFigures(p50_ms=p50_ms)
    guests.all()[0].away_since = time.time()
    shown = view.board(guests.all(), EN)
    rows = re.findall(r'<tr data-guest="(\w+)".*?<th scope="row">(\d+)?', shown, re.DOTALL)
    assert rows == [("Boris", "1"), ("Anna", "")]

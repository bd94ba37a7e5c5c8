"""Guests of the demo: their names, the check that lets them in, the watch, and the measurement."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from demo.board import Board
from demo.guest_watcher import GuestWatcher
from demo.guests import MAX_GUESTS, Guest, GuestList, GuestRejected
from demo.run_queue import RunQueue
from demo.tabs.compare.comparison import compare
from demo.tabs.guests import view
from demo.tabs.guests.check import GuestCheck
from demo.tabs.guests.measurement import GuestMeasurement
from demo.tabs.load.plan import Plan
from demo.tabs.load.run import LoadRun
from demo.texts import texts_in
from hostlab import get
from hostlab.deployment import Deployment
from hostlab.guests import probe
from hostlab.guests.findings import Finding
from hostlab.runtime.ports import free_port
from tests.guests import servers

EN, RU = texts_in("en"), texts_in("ru")
URL = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def ours() -> Iterator[Deployment]:
    with get("in-process").start() as service:
        yield service


@pytest.fixture
def guests() -> GuestList:
    return GuestList()


def checked(guests: GuestList, address: str, name: str = "") -> GuestCheck:
    check = GuestCheck(guests, address, name).start()
    check.wait(60)
    assert check.over
    return check


@pytest.mark.parametrize(
    ("typed", "name"),
    [("", "127.0.0.1:1"), ("  Anna  K. ", "Anna K."), ("Маша", "Маша"), ("team-7", "team-7")],
)
def test_a_name_is_as_typed_or_the_address(guests: GuestList, typed: str, name: str) -> None:
    assert guests.name_for(typed, URL) == name


@pytest.mark.parametrize("typed", ["<b>", '"]{}', "a" * 31, "=1+1", "a\u202eb"])
def test_a_name_has_letters_digits_and_a_few_signs(guests: GuestList, typed: str) -> None:
    with pytest.raises(GuestRejected, match="name"):
        guests.name_for(typed, URL)


def test_a_name_stands_for_one_guest(guests: GuestList) -> None:
    guests.add("Anna", URL, [])
    for taken in ("Anna", "in-process"):
        with pytest.raises(GuestRejected, match="name_taken"):
            guests.name_for(taken, "http://127.0.0.1:2")
    guests.add(guests.name_for("Anna", URL), URL, [Finding("responds")])
    [guest] = guests.all()
    assert guest.findings, "the guest was checked again"


def test_a_class_is_enough(guests: GuestList) -> None:
    for number in range(MAX_GUESTS):
        guests.add(str(number), f"http://127.0.0.1:{number + 1}", [])
    with pytest.raises(GuestRejected, match="full"):
        guests.name_for("one more", "http://127.0.0.1:1000")
    assert guests.name_for("renamed", URL) == "renamed"


def test_one_that_conforms_is_added(guests: GuestList, ours: Deployment) -> None:
    check = checked(guests, ours.url, "Anna")
    assert check.added and guests.url("Anna") == ours.url
    assert "It follows the contract" in view.check(check, EN)


def test_one_that_differs_is_added_with_its_differences(
    guests: GuestList, ours: Deployment
) -> None:
    with servers.careless(ours.url) as url:
        check = checked(guests, url, "Boris")
    assert check.added
    assert view.check(check, EN).count("<li") == view.check(check, RU).count("<li") == 3
    assert "Boris: отличий от контракта: 3" in view.checks(guests.all(), RU)


@pytest.mark.parametrize(
    ("respond", "sentence"),
    [
        (servers.endless_body, "doesn&#39;t end"),
        (servers.slow_drip, "no complete response"),
        (servers.redirect, "A redirect to http://169.254.169.254"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_a_hostile_one_is_not(
    guests: GuestList, monkeypatch: pytest.MonkeyPatch, respond: Callable, sentence: str
) -> None:
    monkeypatch.setattr(probe, "TIMEOUT_S", 1.0)
    with servers.raw(respond) as url:
        check = checked(guests, url)
    assert not check.added and not guests.all()
    shown = view.check(check, EN)
    assert "Not added" in shown and sentence.lower() in shown.lower()


def test_an_address_that_is_not_allowed_is_explained_in_the_readers_language(
    guests: GuestList,
) -> None:
    check = checked(guests, "http://169.254.169.254/latest")
    assert "more than scheme" in view.check(check, EN)
    check = checked(guests, "http://169.254.169.254")
    assert "can&#39;t be used" in view.check(check, EN)
    assert "не подходит" in view.check(check, RU)


def test_markup_stays_text_everywhere(guests: GuestList, ours: Deployment) -> None:
    with servers.with_markup(ours.url) as url:
        check = checked(guests, url, "Eve")
        guests.all()[0].figures.error = servers.MARKUP
        shown = view.check(check, EN) + view.checks(guests.all(), EN) + view.board(guests.all(), EN)
    assert check.added and "&lt;img" in shown
    assert "<img" not in shown and "<script" not in shown and "<b>POSITIVE" not in shown


def test_a_guest_is_a_row_of_compare_and_load(ours: Deployment) -> None:
    board = Board()
    board.guests.add("Anna", ours.url, [])
    endpoint = board.guests.all()[0].endpoint
    assert endpoint in board.endpoints()
    *_, comparison = compare([endpoint], ["Fine."], 2, threading.Lock(), board.start_of)
    assert [row.method for row in comparison.rows] == ["Anna"] and comparison.rows[0].summary
    plan = Plan(("Anna",), "closed", 2, seconds=1.0)
    load = LoadRun(plan, board.run_queue, board.autoscaler, board.guests.url).start()
    load.join()
    assert load.tracks["Anna"].phases[0].figures.per_s > 0
    board._poller.close()


def test_who_goes_away_and_comes_back_is_seen(guests: GuestList, ours: Deployment) -> None:
    machine, closed, port = threading.Lock(), threading.Event(), free_port()
    watcher = GuestWatcher(guests, machine, closed)
    guest = Guest("Boris", f"http://127.0.0.1:{port}", [])
    guests._guests[guest.name] = guest

    def until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline
            watcher.probe()
            time.sleep(0.05)

    # It has no /ready, which is no outage.
    with servers.careless(ours.url, port):
        until(lambda: watcher._probes and all(one.done() for one in watcher._probes.values()))
        assert guest.away_since is None
    until(lambda: guest.away_since is not None)
    assert "away since" in view.board([guest], EN) and not guest.outages_s
    with servers.careless(ours.url, port):
        until(lambda: len(guest.outages_s) == 1)
    assert guest.outages_s[0] > 0
    watcher.close()


def test_one_late_response_is_no_outage() -> None:
    guest = Guest("Anna", URL, [])
    guest.note(None)
    assert guest.away_since is None
    guest.note(True)
    guest.note(None)
    assert guest.away_since is None
    guest.note(None)
    assert guest.away_since is not None


def test_the_board_ranks_by_latency_those_without_one_last(
    guests: GuestList, ours: Deployment
) -> None:
    guests.add("Dead", URL, [])
    guests.add("Anna", ours.url, [])
    run = GuestMeasurement(guests.all(), RunQueue(threading.Lock())).start()
    run.join()
    dead, anna = guests.all()
    assert anna.figures.p50_ms and anna.figures.per_s and not anna.figures.error
    assert dead.figures.p50_ms is None and "accepts no connection" in dead.figures.error
    shown = view.board(guests.all(), EN)
    rows = [shown.index(f'data-guest="{name}"') for name in ("Anna", "Dead")]
    assert rows[0] < shown.index("1. <span") < rows[1]

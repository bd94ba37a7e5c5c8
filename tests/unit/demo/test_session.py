import sys
import threading

from demo import session
from demo.session import Reader, Sessions, new_key
from demo.tabs.compare.comparison import Comparison


def test_a_key_brings_back_its_own_history_only():
    sessions, mine, yours = Sessions(), new_key(), new_key()
    sessions.of(mine).add(Comparison(["my text"], 5, []))
    assert [one.texts for one in sessions.of(mine).entries(Comparison)] == [["my text"]]
    assert sessions.of(yours).entries(Comparison) == []


def test_what_is_kept_has_an_end(monkeypatch):
    monkeypatch.setattr(session, "MAX_READERS", 2)
    monkeypatch.setattr(session, "MAX_ENTRIES", 3)
    sessions = Sessions()
    for number in range(5):
        sessions.of("first").add(Comparison([str(number)], 5, []))
        sessions.of("first").add(number)
    assert [one.texts for one in sessions.of("first").entries(Comparison)] == [["2"], ["3"], ["4"]]
    assert sessions.of("first").entries(int) == [2, 3, 4]
    sessions.of("second")
    sessions.of("first")
    sessions.of("third")
    assert sessions.of("first").entries(int) == [2, 3, 4], "it was there after the second"


def test_what_was_asked_while_the_page_loaded_is_kept():
    sessions, reader = Sessions(), Reader()
    sessions.of("mine").add(Comparison(["yesterday"], 5, []))
    reader.session.add(Comparison(["too quick"], 5, []))
    reader.join(sessions.of("mine"))
    reader.join(sessions.of("mine"))
    assert [one.texts for one in sessions.of("mine").entries(Comparison)] == [
        ["yesterday"],
        ["too quick"],
    ]
    assert Reader().session.entries(Comparison) == []


def test_what_several_pages_add_at_the_same_time_is_all_kept(monkeypatch):
    monkeypatch.setattr(session, "MAX_ENTRIES", 10_000)
    shared, pages, interval = Sessions().of("mine"), threading.Barrier(8), sys.getswitchinterval()

    def add() -> None:
        pages.wait()
        for number in range(200):
            shared.add(number)

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=add) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert len(shared.entries(int)) == 8 * 200

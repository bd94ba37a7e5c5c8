"""The comparison against real HTTP servers that respond, fail, or hang on command."""

import threading
from dataclasses import replace
from html import escape

import pytest

from demo.jobs import StartTiming
from demo.tabs.compare import view as compare_html
from demo.tabs.compare.comparison import compare
from demo.texts import texts_in
from tests.demo.contract_server import service


def rows_of(comparison):
    return {row.method: row for row in comparison.rows}


def test_each_is_measured_as_often_as_asked_without_the_warm_up():
    with service("one") as one, service("two") as two:
        *_, last = compare([one, two], ["a text"], 7, threading.Lock())
    assert last.stage == "done"
    assert [row.method for row in last.rows] == ["one", "two"]
    assert all(
        len(row.measured) == 7 and row.summary.count == 7 and row.error is None for row in last.rows
    )
    assert last.labels == {"POSITIVE"}
    assert last.spread == 0


def test_a_slow_one_holds_nobody_up():
    gate = threading.Event()
    with service("slow", gate=gate) as slow, service("fast", label="NEGATIVE") as fast:
        steps = compare([slow, fast], ["a text"], 1, threading.Lock())
        next(steps)
        rows = rows_of(next(steps))
        assert rows["fast"].prediction.label == "NEGATIVE"
        assert rows["slow"].prediction is None
        gate.set()
        *_, last = steps
    assert last.labels == {"POSITIVE", "NEGATIVE"}


def test_one_that_fails_has_its_error_and_is_not_measured():
    with service("dead", fails_after=0) as dead, service("gone") as gone, service("alive") as alive:
        gone = replace(gone, url="http://127.0.0.1:9")  # the port `discard`: nobody listens
        *_, last = compare([dead, gone, alive], ["a text"], 3, threading.Lock())
    rows = rows_of(last)
    assert "The queue is full" in rows["dead"].error
    assert "accepts no connection" in rows["gone"].error
    assert rows["dead"].measured == rows["gone"].measured == []
    assert rows["alive"].summary.count == 3


def test_one_that_fails_while_measured_keeps_what_it_had_and_the_others_go_on():
    with service("fading", fails_after=4) as fading, service("alive") as alive:
        *_, last = compare([fading, alive], ["a text"], 9, threading.Lock())
    rows = rows_of(last)
    assert "The queue is full" in rows["fading"].error
    assert rows["fading"].summary.count == 2, (
        "four answers: one to the question, one to warm up, two measured"
    )
    assert rows["alive"].summary.count == 9


def test_with_nobody_answering_it_ends():
    with service("dead", fails_after=0) as dead:
        *_, last = compare([dead], ["a text"], 3, threading.Lock())
    assert last.stage == "done"
    assert last.labels == set()
    assert last.spread is None


def test_two_people_measure_one_after_the_other():
    machine = threading.Lock()
    with service("one") as one:
        steps = compare([one], ["a text"], 3, machine)
        machine.acquire()
        waiting = threading.Thread(target=list, args=(steps,))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive(), "it measured while somebody else did"
        machine.release()
        waiting.join(30)
        assert not waiting.is_alive()


def test_who_waits_for_a_load_already_has_the_predictions():
    machine = threading.Lock()
    with service("in-process") as one, machine:
        steps = compare([one], ["fine"], 3, machine)
        comparison = next(step for step in steps if step.stage == "waiting")
        assert comparison.rows[0].prediction.label == "POSITIVE" and not comparison.rows[0].measured
        assert escape(texts_in("en")("compare.waiting_machine")) in compare_html.results(
            comparison, texts_in("en")
        )
        machine.release()
        *_, last = steps
        assert last.stage == "done" and len(last.rows[0].measured) == 3
        machine.acquire()  # for the end of the `with`


def test_of_several_texts_it_tells_how_often_all_agree():
    with service("one", fails_after=2) as one, service("two") as two, service("three") as three:
        *_, last = compare([one, two, three], ["first", "second", "third"], 0, threading.Lock())
    rows = rows_of(last)
    assert [len(row.labeled) for row in last.rows] == [2, 3, 3], (
        "one that fails is asked no more, the others go on"
    )
    assert "The queue is full" in rows["one"].error
    assert [answer.text for answer in rows["two"].predictions] == ["first", "second", "third"]
    assert (last.agreed, last.compared, last.spread, last.stage) == (3, 3, 0, "done")
    rows["two"].predictions[1] = replace(rows["two"].predictions[1], label="NEGATIVE", score=0.6)
    assert (last.agreed, last.compared) == (2, 3)
    assert last.spread == pytest.approx(0.3)


def test_each_round_of_a_measurement_takes_the_next_text():
    with service("one") as one, service("two") as two:
        *_, last = compare([one, two], ["first", "second"], 3, threading.Lock())
    assert all(
        [answer.text for answer in row.measured] == ["second", "first", "second"]
        for row in last.rows
    )


def test_the_first_request_after_a_start_is_kept():
    started = StartTiming("a run", 1234.0)
    with service("one") as one, service("two") as two:
        *_, last = compare([one, two], ["a text"], 1, threading.Lock(), {"one": started}.get)
        first_ms = rows_of(last)["one"].prediction.latency_ms
        *_, again = compare([one, two], ["a text"], 1, threading.Lock(), {"one": started}.get)
    assert rows_of(again)["one"].start.first_ms == first_ms
    assert rows_of(again)["two"].start is None

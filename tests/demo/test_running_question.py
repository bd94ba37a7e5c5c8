"""A question in its thread: asked once, kept once, and shown as long as nothing else is chosen."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from demo.session import Reader
from demo.status_poller import Endpoint
from demo.tabs.compare import export, outcome, running, view
from demo.tabs.compare.asking import NO_NOTICE, AskingStep
from demo.tabs.compare.comparison import Comparison, compare
from demo.tabs.compare.running import ReaderQuestion, RunningQuestion, ask_once
from tests.demo.contract_server import service

ONE = ReaderQuestion("fine", 3, frozenset())
TWO = ReaderQuestion("poor", 3, frozenset())


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
def endpoint(gate: threading.Event) -> Iterator[Endpoint]:
    """A method that answers once the gate is open."""
    with service("in-process", gate=gate) as endpoint:
        yield endpoint
        gate.set()


def steps(
    endpoint: Endpoint, question: ReaderQuestion, machine: AbstractContextManager | None = None
) -> Callable[[], Iterator[AskingStep]]:
    def make() -> Iterator[AskingStep]:
        texts, lock = [question.typed], machine or threading.Lock()
        for comparison in compare([endpoint], texts, question.repeats, lock):
            yield AskingStep(NO_NOTICE, comparison)

    return make


def texts(reader: Reader) -> list[str]:
    return [one.texts[0] for one in reader.session.entries(Comparison)]


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_many_clicks_at_the_same_time_ask_once(endpoint: Endpoint, gate: threading.Event) -> None:
    reader, clicks = Reader(), threading.Barrier(8)
    asked: list[RunningQuestion] = []

    def click() -> None:
        clicks.wait()
        asked.append(ask_once(reader, ONE, steps(endpoint, ONE)))

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gate.set()
    reader.asking.join()
    assert set(asked) == {reader.asking} and texts(reader) == ["fine"]
    lines = export.as_csv(reader.session.entries(Comparison)).splitlines()
    assert len(lines) == 1 + 1 + ONE.repeats, "the CSV has each prediction once"


def test_a_second_click_after_a_fast_answer_is_the_same_click_and_a_later_one_is_not(
    endpoint: Endpoint, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.set()
    reader = Reader()
    first = ask_once(reader, ONE, steps(endpoint, ONE))
    first.join()
    monkeypatch.setattr(running, "DOUBLE_CLICK_S", 3600.0)
    assert ask_once(reader, ONE, steps(endpoint, ONE)) is first
    monkeypatch.setattr(running, "DOUBLE_CLICK_S", 0.0)
    ask_once(reader, ONE, steps(endpoint, ONE)).join()
    assert texts(reader) == ["fine", "fine"]


@pytest.mark.parametrize(
    "other",
    [TWO, ReaderQuestion("fine", 4, frozenset()), ReaderQuestion("fine", 3, frozenset({"docker"}))],
)
def test_another_question_ends_the_one_before_which_keeps_what_it_has(
    endpoint: Endpoint, gate: threading.Event, other: ReaderQuestion
) -> None:
    reader = Reader()
    first = ask_once(reader, ONE, steps(endpoint, ONE))
    wait_for(lambda: first.comparison)
    second = ask_once(reader, other, steps(endpoint, other))
    gate.set()
    first.join()
    second.join()
    assert texts(reader) == ["fine", other.typed]
    assert [one.stage for one in reader.session.entries(Comparison)] == ["stopped", "done"]
    assert reader.shown is second.comparison
    assert "Stopped before" in str(first.results("en"))


def test_a_look_at_an_older_question_neither_repeats_nor_hides_the_one_that_is_measured(
    endpoint: Endpoint, gate: threading.Event
) -> None:
    gate.set()
    reader, machine = Reader(), threading.Lock()
    ask_once(reader, ONE, steps(endpoint, ONE)).join()
    older = reader.shown
    with machine:  # so that the measurement waits
        second = ask_once(reader, TWO, steps(endpoint, TWO, machine))
        wait_for(lambda: second.comparison and second.comparison.stage == "waiting")
        reader.shown = older
        before = outcome.showing(reader)
        assert outcome.look_again_s(reader) == outcome.MEASURING_S
    second.join()
    assert texts(reader) == ["fine", "poor"]
    assert reader.shown is older
    assert outcome.results(reader) == view.results(older, reader.texts)
    assert outcome.showing(reader) != before, "the page learns that the other has ended"
    assert second.comparison.stage == "done" and outcome.look_again_s(reader) == outcome.IDLE_S


def test_a_question_goes_on_when_its_page_is_gone_and_another_page_sees_it(
    endpoint: Endpoint, gate: threading.Event
) -> None:
    reader, reloaded = Reader(), Reader()
    asked = ask_once(reader, ONE, steps(endpoint, ONE))
    wait_for(lambda: asked.comparison)
    reloaded.join(reader.session)
    assert outcome.look_again_s(reloaded) == outcome.ASKING_S
    before = outcome.showing(reloaded)
    gate.set()
    asked.join()
    assert outcome.showing(reloaded) != before
    assert "POSITIVE" in outcome.results(reloaded)


def test_an_unforeseen_error_is_shown_and_ends_it() -> None:
    def broken() -> Iterator[AskingStep]:
        yield AskingStep(NO_NOTICE, Comparison(["fine"], 3, []))
        raise RuntimeError("a fault of ours")

    reader = Reader()
    asked = ask_once(reader, ONE, broken)
    asked.join()
    assert "a fault of ours" in asked.notice and asked.over
    assert asked.comparison.stage == "stopped"

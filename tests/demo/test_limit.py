"""The search for a limit as the page runs and shows it, against servers with known delays."""

import re
import threading
import time

import pytest

from demo.guests import Guest
from demo.run_queue import RunQueue
from demo.session import Session
from demo.tabs.load import limit_view
from demo.tabs.load.limit_run import LimitRun
from demo.texts import texts_in
from hostlab.errors import BadInput
from hostlab.measure.limit.measure import LimitRow
from hostlab.measure.limit.plan import Bound, LimitPlan
from hostlab.measure.limit.search import RateTrial
from tests.measure.load.servers import Known, known_delay

METHODS = ("in-process", "docker")
SOON = LimitPlan(Bound(95, 100, 1), start_per_s=40.0, min_trial_s=1.0, budget_s=60.0)


def trial(rate_per_s: float, latency_ms: float | None, lost: int = 0) -> RateTrial:
    strain = SOON.bound.strain(latency_ms, lost / 100)
    return RateTrial(
        rate_per_s, rate_per_s / 20, rate_per_s / 20 + 1, 100, lost, latency_ms, strain
    )


@pytest.fixture
def queue() -> RunQueue:
    return RunQueue(threading.Lock())


@pytest.fixture
def ended(queue: RunQueue) -> LimitRun:
    """A search that has ended, with a full result, and one that an error ended."""
    run = LimitRun(METHODS, SOON, queue)
    trials = [trial(40, 20.0), trial(80, 500.0), trial(60, 40.0, lost=5)]
    found = LimitRow("in-process", 40, 60, 20.0, trials, elapsed_s=5.0, ending="found")
    failed = LimitRow("docker", ending="failed", error="docker <died>.", elapsed_s=1.0)
    run.rows, run.state = [found, failed], "ended"
    return run


def test_a_search_runs_and_its_methods_that_do_not_run_have_a_reason(
    queue: RunQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    with known_delay("in-process", delay_ms=20, one_worker=1) as server:
        services = {"in-process": server, "docker": Known("docker", "", "stopped")}
        monkeypatch.setattr("demo.tabs.load.limit_run.get", services.__getitem__)
        run = LimitRun(METHODS, SOON, queue).start()
        while not (run.rows and run.rows[0].trials):
            time.sleep(0.05)
        assert 0 < run.left_s < 120
        assert "requests per second" in limit_view.state(run, texts_in("en"), 0, 0)
        assert limit_view.results(run, texts_in("en")).count("<figure") == 3
        run.join()
    known, absent = run.rows
    assert known.held_per_s and known.broke_per_s and not known.error
    assert "does not run" in absent.error and run.over and queue.current is None
    assert [row["method"] for row in run.as_dict()["rows"]] == list(METHODS)


def test_a_guest_has_a_limit_like_a_method_and_one_that_is_away_has_a_reason(
    queue: RunQueue,
) -> None:
    with known_delay(delay_ms=20, one_worker=1) as server:
        guests = [Guest("Anna", server.url, []), Guest("Boris", server.url, [], away_since=1.0)]
        run = LimitRun(("Anna", "Boris"), SOON, queue, guests).start()
        run.join()
    anna, boris = run.rows
    assert 0 < anna.held_per_s < anna.broke_per_s and not anna.error
    assert boris.error == "Boris does not respond. Its owner has to start it."
    assert limit_view.results(run, texts_in("en")).count("Anna") > 1


def test_stop_keeps_what_was_found(queue: RunQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    with known_delay("in-process", delay_ms=5) as server:
        monkeypatch.setattr("demo.tabs.load.limit_run.get", lambda method: server)
        run = LimitRun(("in-process",), SOON, queue).start()
        while not (run.rows and len(run.rows[0].trials) == 2 and run.rows[0].unfinished):
            time.sleep(0.05)
        run.stop()
        run.join()
    assert run.rows[0].held_per_s == 80
    shown = limit_view.results(run, texts_in("en"))
    assert "80 requests per second held. The search was stopped." in shown


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_result_is_shown_in_both_languages(ended: LimitRun, language: str) -> None:
    texts = texts_in(language)
    shown = limit_view.state(ended, texts, 0, 0) + limit_view.results(ended, texts)
    assert texts("limit.found", held="40", broke="60") in shown
    assert "docker &lt;died&gt;." in shown and "<died>" not in shown
    assert shown.count("hl-limits") == 1, "a table"
    assert texts("limit.verdict_broke") in shown


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_sentence_agrees_with_all_steps(ended: LimitRun, language: str) -> None:
    texts = texts_in(language)
    row = ended.rows[0]
    row.trials = [trial(5, 500.0), trial(5, 500.0), trial(2.5, 110.0)]
    row.held_per_s, row.broke_per_s, row.ending = None, 5.0, "budget"
    said = limit_view.sentence(row, ended, texts)
    rate = texts.number("2.5")
    assert said.endswith(texts("limit.open", rate=rate, held=0, count=1))
    assert texts("limit.once", rate="5") not in said
    row.trials = [trial(40, 20.0), trial(80, 500.0)]
    row.held_per_s, row.broke_per_s, row.ending = 40.0, 80.0, "found"
    said = limit_view.sentence(row, ended, texts)
    assert texts("limit.once", rate="40") in said and texts("limit.once", rate="80") in said


def test_what_is_found_stands_below_the_charts(ended: LimitRun) -> None:
    shown = limit_view.results(ended, texts_in("en"))
    assert shown.index("hl-limit-charts") < shown.index("hl-found") < shown.index('hl-limits"')


def test_the_bound_is_drawn_and_what_breaks_it_is_marked(ended: LimitRun) -> None:
    shown = limit_view.results(ended, texts_in("en"))
    rate, latency, errors = re.findall(r"<figure.*?</figure>", shown, re.DOTALL)
    assert rate.count("hl-bound-line") == 0 and rate.count("hl-cross") == 2
    assert latency.count("hl-bound-line") == errors.count("hl-bound-line") == 1
    assert latency.count("hl-cross") == errors.count("hl-cross") == 1, "each by its own bound"
    assert 'hl-y" style="--at:1">400<' in latency, "500 ms are drawn at three times the bound"
    assert "<small>↑ 500</small>" in latency, "with their value"


def test_each_reader_has_one_search_at_a_time_and_a_bad_one_is_rejected(queue: RunQueue) -> None:
    with pytest.raises(BadInput, match="no method whose limit"):
        LimitRun((), SOON, queue)
    with pytest.raises(BadInput, match="1 to 10000 ms"):
        LimitRun(METHODS, LimitPlan(Bound(95, 0)), queue)
    session, run = Session(), LimitRun(METHODS, SOON, queue)
    session.add(run)
    assert queue.run_for(session, LimitRun) is run

"""How long a killed method lost requests, as the Load tab counts it."""

import pytest

from demo.run_queue import RunQueue
from demo.tabs.load import view
from demo.tabs.load.outage import outages
from demo.tabs.load.plan import Plan
from demo.tabs.load.run import LoadRun
from demo.tabs.load.track import LoadEvent
from demo.texts import texts_in
from hostlab.measure.load.generator import Sample


def samples(lost: set[int], until_s: int = 20) -> list[Sample]:
    """Ten requests a second; those that are due at the seconds in `lost` are lost."""
    return [
        Sample(tenth / 10, 0.0, 5.0, 503 if tenth // 10 in lost else 200)
        for tenth in range(10 * until_s)
    ]


def test_an_outage_reaches_from_the_first_lost_request_to_the_first_answer():
    (found,) = outages(samples({5, 6, 7}), [4.7])
    assert (found.from_s, found.until_s, found.lost) == (5.0, 8.0, 30)


def test_what_is_lost_before_the_kill_or_long_after_it_is_not_its_outage():
    (found,) = outages(samples({1, 5, 9}), [4.7])
    assert (found.from_s, found.until_s, found.lost) == (5.0, 6.0, 10)


def test_a_method_that_is_not_back_has_no_end_and_a_kill_without_loss_no_outage():
    (found,) = outages(samples({18, 19}), [17.0, 18.5])
    assert (found.until_s, found.lost) == (None, 20)
    assert list(outages(samples(set()), [4.0])) == []


def test_two_kills_have_two_outages():
    first, second = outages(samples({3, 10, 11}), [2.9, 9.5])
    assert (first.until_s, second.until_s, second.lost) == (4.0, 12.0, 20)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_charts_show_the_return_and_the_lost_share_stands_beside_p50(language, tmp_path):
    texts = texts_in(language)
    run = LoadRun(Plan(("docker",), "open", 10, seconds=20), RunQueue(None))
    (track,) = run.tracks.values()
    track.follow(10, 0.0)
    track.elapsed_s = 20.0
    track.add([*samples({5, 6, 7})], 0.5, 20.0)
    track.events.append(LoadEvent(4.7, "kill"))
    run.end()
    run.state = "ended"
    shown = view.results(run, texts)
    assert shown.count(texts("load.mark_back")) == 2
    seconds = texts.number("3.0")
    method = texts.title("docker")
    assert texts("load.outage", method=method, seconds=seconds, lost=30) in shown
    figures = track.phases[0].figures
    share = texts.percent(1 - figures.lost / figures.sent)
    assert texts("load.answered", share=share) in shown
    assert texts("load.how_open", connections=400) in shown
    causes = texts("load.cause_status", status=503, count=30)
    assert texts("load.causes", method=method, causes=causes) in shown
    run.load_average = 99.0
    state = view.state(run, texts, 0, 0)
    assert texts.number("99.0") in state
    run.load_average = 0.1
    assert texts.number("99.0") not in view.state(run, texts, 0, 0) and "hl-hint" not in (
        view.state(run, texts, 0, 0)
    )

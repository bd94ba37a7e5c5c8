"""A generator in a process of its own says what the same generator here says, follows changes, and
leaves nothing behind.
"""

import time

import numpy as np
import psutil
import pytest

from hostlab.errors import BadInput, HostingLabError
from hostlab.measure.load.generator import ClosedLoad, OpenLoad
from hostlab.measure.load.isolated import IsolatedLoad
from hostlab.measure.parts.throughput import run
from hostlab.measure.single_load import between, figures, measure_load
from hostlab.measure.steps import finish
from tests.measure.load.servers import Known, at_a_quiet_moment, known_delay


def served(samples, from_s: float, until_s: float) -> int:
    return sum(from_s <= sample.due_s < until_s for sample in samples)


@at_a_quiet_moment
def test_it_agrees_with_the_generator_here():
    """The same seed gives the same arrivals: what differs is only where the generator runs.

    Both run at the same time, on a machine that is as busy for one as for the other. The server's
    delay is what bounds both.
    """
    with (
        known_delay(delay_ms=60, jitter_ms=5) as server,
        IsolatedLoad(server.url, "open", 50) as apart,
    ):
        here = run(OpenLoad(server.url, rate_per_s=50), 3)
    found = [figures(*between(load.samples, 0.5, 3.0), 2.5) for load in (here, apart)]
    assert found[1].sent == pytest.approx(found[0].sent, rel=0.02)
    for name in ("p50_ms", "p95_ms"):
        assert getattr(found[1], name).value == pytest.approx(
            getattr(found[0], name).value, rel=0.1
        )
    assert found[1].per_s == pytest.approx(found[0].per_s, rel=0.1)
    assert found[1].lost == 0 and apart.cpu_s > 0


@pytest.mark.parametrize(("kind", "low", "high"), [("open", 20, 120), ("closed", 2, 12)])
def test_a_change_is_followed_at_once(kind, low, high):
    with known_delay(delay_ms=100) as server, IsolatedLoad(server.url, kind, low) as load:
        time.sleep(2)
        load.change(high)
        changed_s = load.elapsed_s
        time.sleep(2)
        load.change(low)
        back_s = load.elapsed_s
        time.sleep(2)
    # a closed loop of n users does n requests in 100 ms, so that in both the rates are as 1 to 6
    before, middle, after = (
        served(load.samples, 0.5, 2),
        served(load.samples, changed_s + 0.3, changed_s + 1.8),
        served(load.samples, back_s + 0.3, back_s + 1.8),
    )
    assert 4 < middle / before < 9
    assert 4 < middle / after < 9


def test_an_old_long_gap_is_not_waited_for():
    with known_delay() as server, IsolatedLoad(server.url, "open", 0.1) as load:
        time.sleep(0.5)
        load.change(100)
        time.sleep(1)
    assert len(load.samples) > 50, "at one request in ten seconds the next would not have come yet"


def test_it_goes_on_at_another_address():
    with known_delay() as server, IsolatedLoad("http://127.0.0.1:9", "open", 50) as load:
        time.sleep(0.5)
        load.redirect(server.url)
        time.sleep(1)
    assert {sample.status for sample in load.samples} == {None, 200}
    assert load.samples[-1].status == 200


def test_no_process_stays_and_what_was_under_way_is_kept():
    with known_delay(delay_ms=700) as server:
        load = IsolatedLoad(server.url, "open", 40).start()
        process = psutil.Process(load._process.pid)
        time.sleep(1)
        stopped_s = load.elapsed_s
        samples = load.stop()
    assert not process.is_running()
    assert any(sample.due_s + sample.latency_ms / 1000 > stopped_s for sample in samples)
    assert {sample.status for sample in samples} == {200}


def test_a_generator_that_died_is_said_so():
    with known_delay() as server:
        load = IsolatedLoad(server.url, "open", 40).start()
        load._process.kill()
        with pytest.raises(HostingLabError, match="Start the load again"):
            load.stop()


def test_paid_requests_are_refused(monkeypatch):
    def costs(url, texts, spend):
        if not spend:
            raise BadInput("costs money")

    monkeypatch.setattr("hostlab.measure.load.isolated.check_spending", costs)
    with pytest.raises(BadInput, match="costs money"):
        IsolatedLoad("http://127.0.0.1:9", "open", 1).start()


@at_a_quiet_moment
def test_a_given_load_is_measured_on_each_service():
    with known_delay(delay_ms=40) as server:
        result = finish(
            measure_load([server, Known("absent", "", "stopped")], "closed", 4, seconds=2)
        )
    known, absent = result.rows
    # The server holds each request for 40 ms; a busy machine can only add to it.
    assert 50 < known.figures.per_s <= 4 / 0.040
    assert 40 <= known.figures.p50_ms.value < 80 and known.figures.lost == 0
    assert "does not run" in absent.error


@at_a_quiet_moment
def test_figures_leave_out_what_is_not_theirs():
    with known_delay(delay_ms=10) as server:
        load = run(ClosedLoad(server.url, users=2), 1.5)
    due, came = between(load.samples, 0.5, 1.5)
    assert 0 < len(due) < len(load.samples) and came == pytest.approx(len(due), abs=2)
    quick, slow = (
        figures(due, came, 1.0, intervals=with_intervals) for with_intervals in (False, True)
    )
    assert (
        quick.p50_ms.value
        == slow.p50_ms.value
        == pytest.approx(float(np.percentile([one.latency_ms for one in due], 50)))
    )
    assert quick.p50_ms.interval == "none" and slow.p50_ms.interval == "bootstrap"
    assert figures([], 0, 1.0).p50_ms is None
    assert figures(due, came, 1.0, generator_cpu=0.9).p50_ms.note

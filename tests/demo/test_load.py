"""Loads of the page against servers with known delays.

Tests figures, changes, alternating methods, a stop, and the queue.
"""

import re
import threading
import time
from types import SimpleNamespace

import pytest

from demo.charts import ChartEvent, chart
from demo.run_queue import RunQueue
from demo.tabs.load import view
from demo.tabs.load.bins import Bins
from demo.tabs.load.plan import Plan
from demo.tabs.load.run import LoadRun
from demo.tabs.load.track import LoadEvent
from demo.texts import texts_in
from hostlab.errors import BadInput, NotRunning
from hostlab.measure.load.generator import Sample
from tests.measure.load.servers import known_delay

EN = texts_in("en")


@pytest.fixture
def queue() -> RunQueue:
    return RunQueue(threading.Lock())


@pytest.fixture
def hosted(monkeypatch):
    """Put servers in the place of methods: hosted(docker=server). The others do not run."""

    def host(**servers):
        class Service:
            def __init__(self, method):
                self.method, self.server = method, servers.get(method.replace("-", "_"))

            @property
            def url(self):
                if self.server is None:
                    raise NotRunning(f"{self.method} does not run.")
                return self.server.url

            def status(self):
                return self.server.status()

        monkeypatch.setattr("demo.tabs.load.run.get", Service)

    return host


def done(plan: Plan, queue: RunQueue) -> LoadRun:
    run = LoadRun(plan, queue).start()
    run.join()
    return run


def test_methods_follow_one_another_after_a_ramp_up_and_one_does_not_run(hosted, queue):
    with known_delay(delay_ms=50) as server:
        hosted(in_process=server)
        run = done(Plan(("in-process", "docker"), "closed", 8, seconds=2, ramp_s=1), queue)
    known, absent = run.tracks["in-process"], run.tracks["docker"]
    (phase,) = known.phases
    assert (phase.from_s, phase.level) == (1, 8)
    assert phase.figures.seconds == pytest.approx(2, abs=0.15)
    assert phase.figures.per_s == pytest.approx(8 / 0.051, rel=0.1), (
        "ramp-up and warm-up are excluded"
    )
    assert phase.figures.p50_ms.value == pytest.approx(51, rel=0.1)
    first, *_, last = known.bins.figures(3)
    assert first.per_s < 0.8 * last.per_s, "it ramped up"
    assert "does not run" in absent.error and not absent.phases
    assert queue.current is None
    assert {row["method"] for row in run.as_dict()["rows"]} == {"in-process", "docker"}


def test_alternating_methods_each_have_their_own_time(hosted, queue, monkeypatch):
    monkeypatch.setattr("demo.tabs.load.run.BOUT_S", 1.0)
    with known_delay(delay_ms=20) as fast, known_delay(delay_ms=80) as slow:
        hosted(in_process=fast, docker=slow)
        run = done(Plan(("in-process", "docker"), "open", 50, seconds=2, in_turn=True), queue)
    for method, delay_ms in (("in-process", 20), ("docker", 80)):
        track = run.tracks[method]
        assert track.elapsed_s == pytest.approx(2, abs=0.1)
        assert track.phases[0].figures.p50_ms.value == pytest.approx(delay_ms + 1, rel=0.15)
        assert sum(point.per_s for point in track.bins.figures(2)) == pytest.approx(100, rel=0.3)
    assert {point.second for point in track.bins.figures(2)} == {0, 1}


def test_a_load_is_changed_and_stopped_while_it_runs(hosted, queue):
    with known_delay(delay_ms=20) as server:
        hosted(in_process=server)
        run = LoadRun(Plan(("in-process",), "open", 20, seconds=60), queue).start()
        while run.tracks["in-process"].elapsed_s < 1:
            time.sleep(0.05)
        run.change(100)
        with pytest.raises(BadInput, match="requests per second"):
            run.change(10_000)
        while run.tracks["in-process"].elapsed_s < 2:
            time.sleep(0.05)
        assert run.target("kill") == "in-process"
        run.mark("kill", "in-process")
        with pytest.raises(BadInput, match="not under this load"):
            run.mark("kill", "docker")
        during = run.tracks["in-process"].phases[0].figures
        run.stop()
        run.join()
    slow, fast = run.tracks["in-process"].phases
    assert during and during.p50_ms.low is None, (
        "figures are there while it runs, without intervals"
    )
    assert (slow.level, fast.level) == (20, 100) and slow.until_s == fast.from_s
    assert 3 < fast.figures.per_s / slow.figures.per_s < 8
    assert [event.what for event in run.tracks["in-process"].events] == ["change", "kill"]
    assert run.over and run.stopping and fast.figures.seconds < 5


def test_a_method_is_found_at_its_new_address_after_a_restart(hosted, queue):
    with known_delay() as server:
        gone = SimpleNamespace(url="http://127.0.0.1:9", status=server.status)
        hosted(in_process=gone)
        run = LoadRun(Plan(("in-process",), "open", 40, seconds=3), queue).start()
        while run.state != "running" or run.now is None or run.tracks["in-process"].elapsed_s < 1:
            time.sleep(0.05)
        assert run.target("start") == "in-process"
        run.mark("start", "in-process")
        run.join()
    points = run.tracks["in-process"].bins.figures(3)
    assert points[0].lost and not points[0].per_s
    assert points[-1].per_s and not points[-1].lost


def test_one_load_runs_at_a_time_and_the_others_are_queued(hosted, queue):
    with known_delay() as server:
        hosted(in_process=server)
        first = LoadRun(Plan(("in-process",), "open", 20, seconds=60), queue).start()
        while first.state != "running":
            time.sleep(0.02)
        second, third = (
            LoadRun(Plan(("in-process",), "open", 20, seconds=1), queue).start() for _ in range(2)
        )
        while queue.behind(first) < 2:
            time.sleep(0.02)
        assert queue.machine.locked()
        assert second.state == "waiting" and queue.ahead(second)[0] is first
        assert len(queue.ahead(third)) == 2
        third.stop()
        third.join()
        assert queue.behind(first) == 1, "one that stops while it waits blocks nobody"
        first.stop()
        second.join()
    assert second.tracks["in-process"].phases[0].figures.sent > 5
    assert not third.tracks["in-process"].samples
    assert queue.current is None and not queue.machine.locked()


def test_closing_the_queue_stops_running_and_waiting_loads(hosted, queue):
    with known_delay() as server:
        hosted(in_process=server)
        runs = [
            LoadRun(Plan(("in-process",), "open", 20, seconds=60), queue).start() for _ in range(2)
        ]
        while len(queue.ahead(None)) < 2:
            time.sleep(0.02)
        queue.close(timeout_s=20)
        for run in runs:
            run.join()
    assert queue.current is None


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (Plan((), "open", 20), "no method to put the load on"),
        (Plan(("in-process",), "open", 0), "not possible"),
        (Plan(("in-process",), "closed", 2.5), "not possible"),
        (Plan(("in-process",), "closed", 1000), "1 to 256 users"),
        (Plan(("in-process",), "open", 20, seconds=1e6), "1 to 300 seconds"),
        (Plan(("in-process",), "sideways", 20), "no kind of load 'sideways'"),
    ],
)
def test_an_impossible_plan_is_rejected_with_a_reason(plan, sentence, queue):
    with pytest.raises(BadInput, match=sentence):
        LoadRun(plan, queue)


def test_predictions_count_on_arrival_and_latency_when_due():
    bins = Bins()
    bins.add_due(Sample(0.5, 0.0, 1000.0, 200))
    bins.add_arrival(1.5)
    bins.add_due(Sample(2.1, 0.0, 5.0, 503))
    first, second, third = bins.figures(3.0)
    assert (first.per_s, first.p50_ms, second.per_s, second.p50_ms) == (0, 1000.0, 1, None)
    assert (third.lost, third.p99_ms) == (1, None)


def test_a_chart_has_gaps_dots_marks_and_round_axes():
    drawn = chart(
        "Texts <a second>",
        {"docker": [(0.5, 10.0), (1.5, None), (2.5, 37.0), (3.5, 20.0)]},
        4.0,
        texts_in("en"),
        [ChartEvent(2.0, "docker", "<kill>")],
        "Docker: 20",
    )
    (path,) = re.findall(r' d="([^"]*)"', drawn)
    assert path.count("M") == 2 and path.count("L") == 1, "a gap breaks the line"
    assert path.startswith("M125.0 225.0h0"), (
        "a single point is a dot, at an eighth of the width and a quarter of the height"
    )
    assert re.findall(r'hl-y" style="--at:([\d.]+)">([\d.]+)<', drawn) == [
        ("0", "0"),
        ("0.5", "20"),
        ("1", "40"),
    ]
    assert "&lt;kill&gt;" in drawn and "<kill>" not in drawn and "<a second>" not in drawn
    assert 'aria-label="Texts &lt;a second&gt;. Docker: 20"' in drawn
    assert "<script" not in drawn


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_load_is_shown_in_both_languages(hosted, queue, language):
    texts = texts_in(language)
    with known_delay(fails_after=30) as server:
        hosted(in_process=server)
        run = done(Plan(("in-process", "docker"), "open", 50, seconds=1), queue)
    run.tracks["in-process"].events += [
        LoadEvent(0.2, "kill"),
        LoadEvent(0.4, "start"),
        LoadEvent(0.6, "change", 70),
    ]
    shown = view.state(run, texts, 0, 2) + view.results(run, texts)
    assert shown.count("<figure") == 5 and shown.count("hl-line") == 10
    assert texts("load.mark_kill") in shown and "→ 70" in shown
    assert "docker does not run." in shown and "✕" in shown

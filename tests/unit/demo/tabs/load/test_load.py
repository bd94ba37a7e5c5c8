"""Loads of the page against servers that are known: figures, changes, turns, a stop, and who waits
for whom.
"""

import re
import threading
import time
from types import SimpleNamespace

import pytest

from demo.charts import ChartEvent, chart
from demo.run_queue import RunQueue
from demo.tabs.load import view as load_html
from demo.tabs.load.bins import Bins
from demo.tabs.load.run import Event, LoadRun, Plan
from demo.texts import texts_in
from hostlab.errors import BadInput, NotRunning
from hostlab.measure.load.generator import Sample
from tests.unit.hostlab.measure.load.servers import known_delay

EN = texts_in("en")


@pytest.fixture
def turns() -> RunQueue:
    return RunQueue(threading.Lock())


@pytest.fixture
def hosted(monkeypatch):
    """Put servers in the place of methods: hosted(docker=server).

    What is not named does not run.
    """

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


def done(plan: Plan, turns: RunQueue) -> LoadRun:
    run = LoadRun(plan, turns).start()
    run.join()
    return run


def test_one_after_the_other_with_growth_and_a_method_that_does_not_run(hosted, turns):
    with known_delay(delay_ms=50) as server:
        hosted(in_process=server)
        run = done(Plan(("in-process", "docker"), "closed", 8, seconds=2, ramp_s=1), turns)
    known, absent = run.tracks["in-process"], run.tracks["docker"]
    (phase,) = known.phases
    assert (phase.from_s, phase.level) == (1, 8)
    assert phase.figures.seconds == pytest.approx(2, abs=0.15)
    assert phase.figures.per_s == pytest.approx(8 / 0.051, rel=0.1), (
        "growth and warm-up are left out"
    )
    assert phase.figures.p50_ms.value == pytest.approx(51, rel=0.1)
    first, *_, last = known.bins.points(3)
    assert first.per_s < 0.8 * last.per_s, "it grew"
    assert "does not run" in absent.error and not absent.phases
    assert turns.current is None
    assert {row["method"] for row in run.as_dict()["rows"]} == {"in-process", "docker"}


def test_in_turn_gives_each_its_own_time(hosted, turns, monkeypatch):
    monkeypatch.setattr("demo.tabs.load.run.BOUT_S", 1.0)
    with known_delay(delay_ms=20) as fast, known_delay(delay_ms=80) as slow:
        hosted(in_process=fast, docker=slow)
        run = done(Plan(("in-process", "docker"), "open", 50, seconds=2, in_turn=True), turns)
    for method, delay_ms in (("in-process", 20), ("docker", 80)):
        track = run.tracks[method]
        assert track.elapsed_s == pytest.approx(2, abs=0.1)
        assert track.phases[0].figures.p50_ms.value == pytest.approx(delay_ms + 1, rel=0.15)
        assert sum(point.per_s for point in track.bins.points(2)) == pytest.approx(100, rel=0.3)
    assert {point.second for point in track.bins.points(2)} == {0, 1}


def test_it_is_changed_and_stopped_while_it_runs(hosted, turns):
    with known_delay(delay_ms=20) as server:
        hosted(in_process=server)
        run = LoadRun(Plan(("in-process",), "open", 20, seconds=60), turns).start()
        while run.tracks["in-process"].elapsed_s < 1:
            time.sleep(0.05)
        run.change(100)
        with pytest.raises(BadInput, match="requests a second"):
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
        "figures are there while it goes on, without intervals"
    )
    assert (slow.level, fast.level) == (20, 100) and slow.until_s == fast.from_s
    assert 3 < fast.figures.per_s / slow.figures.per_s < 8
    assert [event.what for event in run.tracks["in-process"].events] == ["change", "kill"]
    assert run.over and run.stopping and fast.figures.seconds < 5


def test_what_was_started_again_elsewhere_is_found(hosted, turns):
    with known_delay() as server:
        gone = SimpleNamespace(url="http://127.0.0.1:9", status=server.status)
        hosted(in_process=gone)
        run = LoadRun(Plan(("in-process",), "open", 40, seconds=3), turns).start()
        while run.state != "running" or run.now is None or run.tracks["in-process"].elapsed_s < 1:
            time.sleep(0.05)
        assert run.target("start") == "in-process"
        run.mark("start", "in-process")
        run.join()
    points = run.tracks["in-process"].bins.points(3)
    assert points[0].lost and not points[0].per_s
    assert points[-1].per_s and not points[-1].lost


def test_one_load_at_a_time_and_the_others_know_for_what_they_wait(hosted, turns):
    with known_delay() as server:
        hosted(in_process=server)
        first = LoadRun(Plan(("in-process",), "open", 20, seconds=60), turns).start()
        while first.state != "running":
            time.sleep(0.02)
        second, third = (
            LoadRun(Plan(("in-process",), "open", 20, seconds=1), turns).start() for _ in range(2)
        )
        while turns.behind(first) < 2:
            time.sleep(0.02)
        assert turns.machine.locked()
        assert second.state == "waiting" and turns.ahead(second)[0] is first
        assert len(turns.ahead(third)) == 2
        third.stop()
        third.join()
        assert turns.behind(first) == 1, "who goes away while waiting holds nobody up"
        first.stop()
        second.join()
    assert second.tracks["in-process"].phases[0].figures.sent > 5
    assert not third.tracks["in-process"].samples
    assert turns.current is None and not turns.machine.locked()


def test_closing_ends_what_runs_and_what_waits(hosted, turns):
    with known_delay() as server:
        hosted(in_process=server)
        runs = [
            LoadRun(Plan(("in-process",), "open", 20, seconds=60), turns).start() for _ in range(2)
        ]
        while len(turns.ahead(None)) < 2:
            time.sleep(0.02)
        turns.close(timeout_s=20)
        for run in runs:
            run.join()
    assert turns.current is None


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (Plan((), "open", 20), "no method"),
        (Plan(("in-process",), "open", 0), "cannot be done"),
        (Plan(("in-process",), "closed", 2.5), "cannot be done"),
        (Plan(("in-process",), "closed", 1000), "at most|1 to 256 users"),
        (Plan(("in-process",), "open", 20, seconds=1e6), "1 to 300 seconds"),
        (Plan(("in-process",), "sideways", 20), "no kind of load 'sideways'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(plan, sentence, turns):
    with pytest.raises(BadInput, match=sentence):
        LoadRun(plan, turns)


def test_a_second_counts_answers_when_they_come_and_latency_when_it_was_due():
    bins = Bins()
    bins.due(Sample(0.5, 0.0, 1000.0, 200))
    bins.came(1.5)
    bins.due(Sample(2.1, 0.0, 5.0, 503))
    first, second, third = bins.points(3.0)
    assert (first.per_s, first.p50_ms, second.per_s, second.p50_ms) == (0, 1000.0, 1, None)
    assert (third.lost, third.p99_ms) == (1, None)


def test_a_chart_has_gaps_dots_marks_and_round_axes():
    drawn = chart(
        "Texts <a second>",
        {"docker": [(0.5, 10.0), (1.5, None), (2.5, 37.0), (3.5, 20.0)]},
        4.0,
        [ChartEvent(2.0, "docker", "<kill>")],
        "Docker: 20",
    )
    (path,) = re.findall(r' d="([^"]*)"', drawn)
    assert path.count("M") == 2 and path.count("L") == 1, "a gap breaks the line"
    assert path.startswith("M125.0 225.0h0"), (
        "a point by itself is a dot, at an eighth of the width and a quarter of the height"
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
def test_a_load_is_told_in_both_languages(hosted, turns, language):
    said = texts_in(language)
    with known_delay(fails_after=30) as server:
        hosted(in_process=server)
        run = done(Plan(("in-process", "docker"), "open", 50, seconds=1), turns)
    run.tracks["in-process"].events += [
        Event(0.2, "kill"),
        Event(0.4, "start"),
        Event(0.6, "change", 70),
    ]
    shown = load_html.state(run, said, 0, 2) + load_html.load(run, said)
    assert shown.count("<figure") == 5 and shown.count("hl-line") == 10
    assert said("load.mark_kill") in shown and "→ 70" in shown
    assert "docker does not run." in shown and "✕" in shown

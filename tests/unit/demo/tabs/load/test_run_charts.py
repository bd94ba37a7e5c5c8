"""The thin lines of an open load: the rate of its requests, beside what was answered."""

import re
import threading
from collections.abc import Iterator

from demo.run_queue import RunQueue
from demo.tabs.load import run_charts
from demo.tabs.load.plan import Plan
from demo.tabs.load.run import LoadRun
from demo.texts import texts_in

TEXTS = texts_in("en")


def load(kind: str, ramp_s: float = 0.0) -> LoadRun:
    """Return a load at level 10 for 8 seconds, of which nothing has passed."""
    return LoadRun(Plan(("in-process",), kind, 10, 8, ramp_s), RunQueue(threading.Lock()))


def offered(run: LoadRun) -> Iterator[tuple[float, float]]:
    """Yield the seconds and the rates of the line's points, in the only chart that has it."""
    (chart,) = [one for one in run_charts.of_run(run, TEXTS) if "hl-offered" in one]
    assert TEXTS("load.chart_per_s") in chart
    assert TEXTS("load.chart_offered") in chart
    (path,) = re.findall(r'class="hl-offered" data-method="in-process"[^>]* d="([^"]+)"', chart)
    (top,) = re.findall(r'class="hl-y" style="--at:1">(\d+)', chart)
    for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path):
        yield float(x) / 1000 * run.plan.total_s, (300 - float(y)) / 300 * float(top)


def test_the_rate_rises_in_the_ramp_up_and_follows_a_change():
    run = load("open", ramp_s=2)
    track = run.tracks["in-process"]
    track.elapsed_s = 1
    assert [(round(at_s), round(rate, 1)) for at_s, rate in offered(run)] == [(0, 0.5), (1, 5)]
    track.elapsed_s = 2
    track.follow(10, 2)
    track.elapsed_s = 5
    track.follow(40, 2)
    track.elapsed_s = 7
    points = [(round(at_s), round(rate, 1)) for at_s, rate in offered(run)]
    assert points == [(0, 0.5), (2, 10), (2, 10), (5, 10), (5, 40), (7, 40)]


def test_users_in_a_closed_loop_have_no_rate():
    run = load("closed")
    track = run.tracks["in-process"]
    track.elapsed_s = 3
    track.follow(10, 0)
    assert not [chart for chart in run_charts.of_run(run, TEXTS) if "hl-offered" in chart]

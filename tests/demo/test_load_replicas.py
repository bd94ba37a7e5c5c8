"""An autoscaled method under a load: its replicas are drawn under the load's charts."""

import re
import threading

from demo.run_queue import RunQueue
from demo.tabs.load import view
from demo.tabs.load.plan import Plan
from demo.tabs.load.run import LoadRun
from demo.texts import texts_in
from hostlab.types import Autoscaler
from tests.measure.load.servers import known_delay

EN = texts_in("en")


def test_replicas_wanted_and_ready_are_drawn_on_the_axis_of_the_load(monkeypatch):
    reported = [Autoscaler(1, 4, 60, None, 1, 1), Autoscaler(1, 4, 60, 98, 3, 1)]
    plan = Plan(("kubernetes",), "open", 20, seconds=3)
    with known_delay(delay_ms=10) as server:
        monkeypatch.setattr("demo.tabs.load.run.get", lambda method: server)
        run = LoadRun(
            plan, RunQueue(threading.Lock()), lambda method: reported.pop(0) if reported else None
        ).start()
        run.join()
    first, second = run.tracks["kubernetes"].replicas
    assert [(one.wanted, one.ready) for one in (first, second)] == [(1, 1), (3, 1)]
    assert run.as_dict()["rows"][0]["replicas"][1]["wanted"] == 3
    page = view.results(run, EN)
    assert page.count('<figure class="hl-chart"') == 7
    chart = page[page.index(EN("load.chart_wanted")) :]
    assert chart.startswith(f"{EN('load.chart_wanted')}. Kubernetes cluster: 3.00")
    xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", re.search(r' d="(.*?)"', chart)[1])]
    at = [one.at_s / plan.total_s * 1000 for one in (first, first, second, second)]
    assert xs[:4] == [round(x, 1) for x in at]


def test_a_method_without_an_autoscaler_has_no_such_charts(monkeypatch):
    with known_delay(delay_ms=10) as server:
        monkeypatch.setattr("demo.tabs.load.run.get", lambda method: server)
        run = LoadRun(Plan(("docker",), "open", 20, seconds=1), RunQueue(threading.Lock())).start()
        run.join()
    assert view.results(run, EN).count('<figure class="hl-chart"') == 5

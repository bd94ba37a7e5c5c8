"""The rows of containers below the plot of an outage, from the engine's events."""

from typing import Any

import matplotlib.pyplot as plt
import pytest

from hostlab.measure.load.generator import OpenLoad, Sample
from notebooks.lessons import plots, timeline
from notebooks.lessons.docker_timeline import rows_of
from notebooks.lessons.timeline import Interval, Row

ONE, TWO = "1" * 12, "2" * 12


def event(id_: str, action: str, at_s: float, name: str = "project-model-1") -> dict[str, Any]:
    actor = {"ID": id_ * 2, "Attributes": {"name": name}}
    return {"Action": action, "timeNano": int(at_s * 1e9), "Actor": actor}


def test_a_killed_program_is_down_until_the_engine_starts_it_and_then_not_ready() -> None:
    events = [
        event(ONE, "exec_create: python healthcheck.py", 101),
        event(ONE, "die", 102),
        event(ONE, "start", 102.25),
        event(ONE, "health_status: healthy", 105),
    ]
    [row] = rows_of({ONE: ("model-1", "ready")}, events, 100, 110, "project")
    assert row == Row(
        "model-1",
        [
            Interval("ready", 0, 2),
            Interval("killed", 2, 2.25),
            Interval("starting", 2.25, 5),
            Interval("ready", 5, 10),
        ],
    )


def test_a_container_that_comes_and_one_that_goes() -> None:
    events = [
        event(TWO, "create", 101, "project-model-2"),
        event(TWO, "start", 101.5, "project-model-2"),
        event(TWO, "health_status: healthy", 103, "project-model-2"),
        event(ONE, "kill", 104),
        event(ONE, "die", 105),
        event(ONE, "stop", 105.2),
        event(ONE, "destroy", 105.5),
    ]
    rows = rows_of({ONE: ("model-1", "ready")}, events, 100, 106, "project")
    assert rows == [
        Row("model-1", [Interval("ready", 0, 4), Interval("terminating", 4, 5)]),
        Row("model-2", [Interval("starting", 1, 3), Interval("ready", 3, 6)]),
    ]


def test_the_rows_share_the_time_axis_of_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plt, "show", lambda: None)
    samples = [Sample(due_s / 10, 0, 20, 200 if due_s < 20 else 503) for due_s in range(100)]
    load = OpenLoad("http://127.0.0.1:9", samples=samples)
    load.events["kill"] = 2.0
    states = (("ready", 0, 2), ("killed", 2, 2.1), ("starting", 2.1, 5), ("ready", 5, 12))
    rows = [Row("model-1", [Interval(*one) for one in states]), Row("api-1", [])]
    plots.timeline(load, rows)
    *requests, bars = plt.gcf().axes
    assert len(requests) == 2
    assert bars.get_xlim() == requests[0].get_xlim() == (0, 9.5)
    assert [label.get_text() for label in bars.get_yticklabels()] == ["model-1", "api-1"]
    [legend] = plt.gcf().legends
    assert [one.get_text() for one in legend.get_texts()] == ["starting", "ready", "killed"]
    assert [bar.get_x() for bar in bars.patches] == [begin_s for _, begin_s, _ in states]
    widths = [end_s - begin_s for _, begin_s, end_s in states]
    assert [bar.get_width() for bar in bars.patches] == pytest.approx(widths)
    plt.close()


def test_without_rows_the_plot_is_that_of_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plt, "show", lambda: None)
    plots.timeline(OpenLoad("http://127.0.0.1:9", samples=[Sample(0, 0, 20, 200)]))
    assert len(plt.gcf().axes) == 2
    plt.close()


def test_every_state_has_a_color_a_pattern_and_a_name() -> None:
    assert timeline.COLORS.keys() == timeline.HATCHES.keys() == plots.texts.table("states").keys()

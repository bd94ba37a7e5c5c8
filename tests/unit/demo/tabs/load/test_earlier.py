"""Loads that are drawn behind the charts: the reader's own, and those of a saved session."""

import json
import threading
from pathlib import Path

import pytest

from demo.run_queue import RunQueue
from demo.session import Session
from demo.tabs.load import earlier, view
from demo.tabs.load.plan import Plan
from demo.tabs.load.run import LoadRun
from demo.texts import texts_in
from hostlab.errors import BadInput
from hostlab.measure.load.generator import Sample

EN, RU = texts_in("en"), texts_in("ru")
DAY_S = 86_400


def ended(latency_ms: float = 10.0, began: float = DAY_S, seconds: float = 3.0) -> LoadRun:
    """Return a load of ten requests a second that has ended."""
    queue = RunQueue(threading.Lock())
    run = LoadRun(Plan(("in-process", "gateway"), "open", 10, seconds), queue)
    track = run.tracks["in-process"]
    samples = [Sample((at + 0.5) / 10, 0.0, latency_ms, 200) for at in range(int(10 * seconds))]
    track.add(samples, 0, seconds)
    track.elapsed_s, run.began, run.state = seconds, began, "ended"
    track.follow(10, 0)
    track.compute_figures(intervals=False)
    return run


def saved(folder: Path, *runs: LoadRun, **changes: object) -> Path:
    """Write a session's report, as far as it is read here."""
    file = folder / "monday.json"
    content = {"questions": [], "loads": [run.as_dict() for run in runs]} | changes
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_own_loads_and_those_of_a_file_are_listed_once_and_the_newest_first(tmp_path):
    session, shown = Session(), ended(began=5 * DAY_S)
    for run in (ended(began=2 * DAY_S), ended(began=4 * DAY_S), shown):
        session.add(run)
    file = saved(tmp_path, ended(began=DAY_S), ended(began=4 * DAY_S), shown)
    session.add(earlier.read(file, EN))
    known = earlier.known(session, shown)
    assert [load.began.timestamp() for load in known.values()] == [4 * DAY_S, 2 * DAY_S, DAY_S]
    shown.state = "running"
    assert len(earlier.known(session, None)) == 4, "the file has the load that still runs here"


@pytest.mark.parametrize(
    ("texts", "words"),
    [(EN, "In one process, gateway, 10/s"), (RU, "В одном процессе, gateway, 10/с")],
)
def test_a_title_says_what_load_it_was(texts, words):
    load = earlier.SavedLoad.model_validate(ended().as_dict())
    assert words in earlier.title(load, texts)


def test_a_load_is_drawn_behind_another_on_the_same_axes():
    front, behind = ended(latency_ms=10), ended(latency_ms=80, seconds=6, began=2 * DAY_S)
    load = earlier.SavedLoad.model_validate(behind.as_dict())
    alone, both = view.results(front, EN), view.results(front, EN, [load])
    assert 'class="hl-behind"' not in alone
    assert both.count('class="hl-behind" data-nth="1" data-method="in-process"') == 5
    assert ">80</span>" in both and ">80</span>" not in alone, "the axis of p50 fits both"
    assert ">6 s</span>" in both and ">3 s</span>" in alone, "so does the axis of time"
    assert earlier.title(load, EN) in both
    only = view.earlier_loads([load, load], EN)
    assert 'data-nth="2"' in only and 'class="hl-line"' not in only


def second(**changes: object) -> list[object]:
    """Return the rows of a load whose first second is odd."""
    data = ended().as_dict()
    data["rows"][0]["seconds"][0] |= changes
    return [data]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"loads": []}, "has no loads"),
        ({"loads": None}, "loads: Input should be a valid list"),
        ({"loads": second(per_s=float("nan"))}, "per_s: Input should be a finite number"),
        ({"loads": second(p95_ms=-1)}, "p95_ms"),
        ({"loads": second(second=-1)}, "second"),
        ({"loads": [ended().as_dict() | {"began": "yesterday"}]}, "began"),
    ],
)
def test_an_odd_file_gets_a_sentence(tmp_path, changes, sentence):
    with pytest.raises(BadInput, match=sentence):
        earlier.read(saved(tmp_path, **changes), EN)


def test_a_measurement_has_no_loads(tmp_path):
    file = tmp_path / "report.json"
    file.write_text('{"results": {}}', encoding="utf-8")
    with pytest.raises(BadInput, match="Report tab"):
        earlier.read(file, EN)

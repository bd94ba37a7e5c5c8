"""The table and the report as HTML and as data, in both languages, and a measurement."""

import json
import re
import threading
from pathlib import Path

import pytest

from demo.board import Board
from demo.formatting import moment
from demo.run_queue import RunQueue, start_own
from demo.session import Session
from demo.tabs.report import document
from demo.tabs.table import view
from demo.tabs.table.measurement import MeasureRun
from demo.texts import texts_in
from hostlab import METHODS
from hostlab.errors import BadInput
from hostlab.measure.report.marks import FIGURES, PART_OF
from hostlab.measure.report.merge import shipped
from hostlab.runtime.paths import ROOT
from hostlab.runtime.progress import Sentence, verbatim


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    return tmp_path


def test_a_measurement_fills_the_table_which_names_its_source(home):
    queue = RunQueue(threading.Lock())
    run = MeasureRun("simplicity", True, queue).start()
    run.join()
    assert (run.state, run.error) == ("ended", None)
    assert run.file.is_relative_to(home) and queue.current is None
    data = view.as_data()
    assert data["sources"]["simplicity"]["file"] == str(run.file)
    measured = [one for one in data["marks"] if one["measured"]]
    assert {one["method"] for one in measured} == set(METHODS) and {
        one["column"] for one in measured
    } == {"simplicity"}
    assert all(one["figure"].startswith(one["values"]["files"]) for one in measured)
    for language in ("en", "ru"):
        shown = view.table(texts_in(language))
        assert shown.count("data-shipped") == 20 and 'data-agrees="unknown"' not in shown
        assert str(run.file) in shown and shown.count("docs/measured/report.json") == 1
        assert str(ROOT) not in shown and "+0000" not in shown
        assert view.state(run, texts_in(language), 0)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_shipped_table_is_full_and_shown_until_something_is_rated(home, language):
    shown = view.table(texts_in(language))
    assert 'data-agrees="unknown"' not in shown
    at = shipped().sources["latency"].measured_at
    assert moment(at, texts_in(language)("page.date_time")) in shown and at not in shown
    assert "AMD EPYC" in shown and "data-shipped" not in shown
    assert [one for one in view.as_data()["marks"] if one["measured"]] == [], "not this machine's"
    published = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\S+) \| ([-+]+  \(.*?) \|$", published, re.MULTILINE))
    for method in METHODS:
        marks = [mark for mark in view._all_marks(shipped().results) if mark.method == method]
        assert rows[method] == " | ".join(f"{one.ours}  ({one.lecture})" for one in marks)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_limits_of_the_ratings_are_lists(home, language):
    shown = view.table(texts_in(language))
    half = {"en": "1.5", "ru": "1,5"}[language]
    for limit in (
        "≤ 6: +++",
        "≤ 12: ++",
        f"≥ {half}: ++",
        f"≤ {half}: +++",
        "≥ 2/3: ++",
        "≥ 1: +++",
    ):
        assert f"<li>{limit}</li>" in shown
    assert shown.count("<li>") == 20


def test_a_single_minus_where_the_lecture_has_three_is_marked(home):
    shown = view.table(texts_in("en"))
    marks = [mark for mark in view._all_marks(shipped().results) if mark.ours != mark.lecture]
    assert shown.count("≈ −") == sum(mark.agrees for mark in marks) > 0


def test_russian_has_decimal_commas(home):
    shown = view.table(texts_in("ru"))
    assert re.findall(r"p50 [\d,]+ мс, отношение к лучшему \d+,\d+", shown)
    assert not re.search(r"\d\.\d+ (мс|ГБ =)|лучшему \d+\.", shown)


def test_a_measurement_that_is_stopped_in_the_queue_never_runs():
    machine = threading.Lock()
    queue = RunQueue(machine)
    blocker = MeasureRun("simplicity", True, queue)
    with queue.reserve(blocker):
        run = MeasureRun("all", True, queue).start()
        run.stop()
        run.join()
    assert run.over and run.file is None and run.error is None


def test_clicks_on_two_pages_of_one_browser_start_one_measurement():
    session, queue, pages = Session(), RunQueue(threading.Lock()), threading.Barrier(8)
    began: list[bool] = []

    def click() -> None:
        pages.wait()
        began.append(start_own(session, MeasureRun("all", True, queue)))

    with queue.reserve(MeasureRun("simplicity", True, queue)):  # so that it waits
        threads = [threading.Thread(target=click) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (run,) = session.entries(MeasureRun)
        run.stop()
        run.join()
    assert sorted(began) == [False] * 7 + [True]


def test_an_unknown_part_is_rejected():
    with pytest.raises(BadInput, match="no part 'speed'"):
        MeasureRun("speed", True, RunQueue(threading.Lock()))


def test_a_failed_measurement_has_a_reason(monkeypatch):
    # So that it passes --quick to a part without that option
    monkeypatch.setattr("demo.tabs.table.measurement.COUNTED", ())
    run = MeasureRun("simplicity", True, RunQueue(threading.Lock())).start()
    run.join()
    assert "quick" in run.error


def test_progress_is_read_from_json_lines():
    run = MeasureRun("all", True, RunQueue(threading.Lock()))
    messages = [
        (0.03, None, Sentence("measure.starting", method="docker")),
        (0.4, 720.0, Sentence("measure.of_method", method="docker", doing=verbatim("pip"))),
    ]
    for done, left_s, sentence in messages:
        run._read(json.dumps({"done": done, "left_s": left_s, "data": sentence.as_data()}))
        assert (run.done, run.left_s, run.sentence) == (done, left_s, sentence)
    for line in ("a warning", "42", ""):
        run._read(line)
    ended = Sentence("measure.latency")
    run._read(json.dumps({"done": 0.9, "left_s": 20.0, "data": ended.as_data()}))
    run._read(json.dumps({"written": ["/a b/report.json", "/a b/report.md"]}))
    assert (run.done, run.left_s, run.sentence) == (0.9, 20, ended)
    assert run._log == ["a warning", "42"], "a line that is no JSON object is log text"
    assert run.file == Path("/a b/report.json")
    assert run.error is None
    run._read(json.dumps({"error": "The network is down."}))
    assert run.error == "The network is down."


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_figure_and_rule_has_a_text(language):
    texts = texts_in(language)
    values = dict.fromkeys(
        (
            "files",
            "commands",
            "parts",
            "total",
            "times",
            "cores",
            "p50",
            "well",
            "tried",
            "tools",
            "gb",
        ),
        "7",
    )
    for why in FIGURES:
        assert texts(f"measured.figure_{why}", **values)
    for part in PART_OF.values():
        assert texts(f"measured.rule_{part}") and texts(f"measured.column_{part}")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_empty_session_has_a_report(language):
    board = Board()
    made = document.page(board, Session(), language)
    assert (
        made.startswith("<!doctype html>")
        and f'<html lang="{language}">' in made
        and "prefers-color-scheme" in made
    )
    assert ".dark {" not in made
    links = re.findall(r'<a href="#(\w+)">', made)
    assert links == re.findall(r'<h2 id="(\w+)">', made) and "loads" in links
    assert (" GB<" in made or "shipped one" in made) == (language == "en")
    saved = json.loads(document.as_json(board, Session()))
    assert (saved["questions"], saved["loads"], len(saved["methods"])) == ([], [], len(METHODS))
    board._poller.close()

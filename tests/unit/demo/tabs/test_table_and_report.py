"""The table and the report as HTML and as data, in both languages; and a measurement that is a
child of the demo.
"""

import json
import threading

import pytest

from demo.board import Board
from demo.run_queue import RunQueue
from demo.session import Session
from demo.tabs.report import document as report
from demo.tabs.table import view as table_html
from demo.tabs.table.measurement import MeasureRun
from demo.texts import texts_in
from hostlab import METHODS
from hostlab.errors import BadInput
from hostlab.measure.report.marks import FIGURES, PART_OF


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    return tmp_path


def test_a_child_measures_and_the_table_says_where_it_comes_from(home):
    turns = RunQueue(threading.Lock())
    run = MeasureRun("simplicity", True, turns).start()
    run.join()
    assert (run.state, run.error) == ("ended", None)
    assert run.file.is_relative_to(home) and turns.current is None
    told = table_html.as_data()
    assert told["sources"]["simplicity"]["file"] == str(run.file)
    measured = [one for one in told["marks"] if one["measured"]]
    assert {one["method"] for one in measured} == set(METHODS) and {
        one["column"] for one in measured
    } == {"simplicity"}
    assert all(one["figure"].startswith(one["values"]["files"]) for one in measured)
    for language in ("en", "ru"):
        shown = table_html.table(texts_in(language))
        assert shown.count('data-agrees="unknown"') == 20 and str(run.file) in shown
        assert table_html.state(run, texts_in(language), 0)


def test_what_stopped_while_it_waited_never_ran():
    machine = threading.Lock()
    turns = RunQueue(machine)
    blocker = MeasureRun("simplicity", True, turns)
    with turns.reserve(blocker):
        run = MeasureRun("all", True, turns).start()
        run.stop()
        run.join()
    assert run.over and run.file is None and run.error is None


def test_a_part_that_is_none():
    with pytest.raises(BadInput, match="no part 'speed'"):
        MeasureRun("speed", True, RunQueue(threading.Lock()))


def test_a_child_that_fails_says_why(monkeypatch):
    monkeypatch.setattr(
        "demo.tabs.table.measurement.COUNTED", ()
    )  # so that --quick is given to a part that knows no such thing
    run = MeasureRun("simplicity", True, RunQueue(threading.Lock())).start()
    run.join()
    assert "quick" in run.error


def test_progress_as_the_command_line_says_it():
    run, said = MeasureRun("all", True, RunQueue(threading.Lock())), []
    told = [
        "3%: Starting docker.",
        "40%, about 12 min left: Round 2 of 5.",
        "a warning",
        "90%, about 20 s left: Nearly.",
    ]
    for line in [*told, "Written: /a b/report.json, /a b/report.md"]:
        run._heard(line, said)
    assert (run.done, run.left_s, run.sentence) == (0.9, 20, "Nearly.")
    assert said == ["a warning"] and str(run.file).replace("\\", "/") == "/a b/report.json"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_figure_and_rule_has_words(language):
    said = texts_in(language)
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
        assert said(f"measured.figure_{why}", **values)
    for part in PART_OF.values():
        assert said(f"measured.rule_{part}") and said(f"measured.column_{part}")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_empty_session_is_a_report_too(language):
    board = Board()
    made = report.page(board, Session(), language)
    assert (
        made.startswith("<!doctype html>")
        and f'<html lang="{language}">' in made
        and "prefers-color-scheme" in made
    )
    assert ".dark {" not in made
    data = json.loads(report.as_json(board, Session()))
    assert (data["questions"], data["loads"], len(data["methods"])) == ([], [], len(METHODS))
    board._poller.close()

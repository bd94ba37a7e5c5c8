import csv
import io
import json

import pytest

from demo.jobs import StartTiming
from demo.tabs.compare.comparison import Comparison, MethodRow
from demo.tabs.compare.export import COLUMNS, as_csv, as_json
from hostlab.client import Timing
from hostlab.measure.comparison import MeasuredPrediction

TEXT = 'Он сказал: "да", и ушёл;\nand =1+1'


@pytest.fixture
def history():
    answer = MeasuredPrediction("docker", TEXT, "POSITIVE", 0.9, 10.0, Timing(1.0, 0.5, 8.5, 0.0))
    dead = MeasuredPrediction("api", TEXT, error="Too late: no answer.")
    start = StartTiming("a run", 4000.0, 50.0)
    rows = [
        MethodRow("docker", [answer], [answer] * 2, start=start, engine="onnx"),
        MethodRow("api", [dead], error=dead.error),
    ]
    return [Comparison([TEXT], 2, rows, "done", at=1_700_000_000.0)]


def test_csv_has_one_line_for_each_answer(history):
    lines = list(csv.DictReader(io.StringIO(as_csv(history), newline="")))
    assert list(lines[0]) == list(COLUMNS)
    assert [(line["method"], line["asked"]) for line in lines] == [
        ("docker", "at_once"),
        ("docker", "in_turn"),
        ("docker", "in_turn"),
        ("api", "at_once"),
    ]
    assert all(
        line["text"] == TEXT
        and line["question"] == "1"
        and line["asked_at"] == "2023-11-14T22:13:20.000+00:00"
        for line in lines
    )
    assert (lines[0]["latency_ms"], lines[0]["model_ms"], lines[0]["error"]) == ("10.0", "8.5", "")
    assert [line["engine"] for line in lines] == ["onnx", "onnx", "onnx", ""]
    assert (lines[3]["label"], lines[3]["error"]) == ("", "Too late: no answer.")


def test_json_is_whole(history):
    (question,) = json.loads(as_json(history))
    docker, api = question["methods"]
    assert question["texts"] == [TEXT]
    assert (docker["engine"], api["engine"]) == ("onnx", None)
    assert (docker["cold_start_ms"], docker["first_request_ms"], docker["in_turn_ms"]) == (
        4000.0,
        50.0,
        [10.0, 10.0],
    )
    assert docker["in_turn"]["parts_ms"]["model"] == 8.5
    assert (api["error"], api["in_turn"]) == ("Too late: no answer.", None)


def test_nothing_asked_is_a_file_too():
    assert json.loads(as_json([])) == []
    assert as_csv([]).strip() == ",".join(COLUMNS)


def test_a_label_is_no_formula_in_a_spreadsheet():
    answer = MeasuredPrediction("Eve", TEXT, '=HYPERLINK("http://x")', 0.9, 10.0)
    history = [Comparison([TEXT], 0, [MethodRow("Eve", [answer])], "done")]
    [line] = csv.DictReader(io.StringIO(as_csv(history), newline=""))
    assert line["label"] == '\'=HYPERLINK("http://x")'

"""Saved reports on the Report tab: what can be compared, and what a bad file gets."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from demo.tabs.report import saved
from demo.tabs.report.changes import comparison
from demo.texts import texts_in
from hostlab.errors import BadInput
from hostlab.measure.report.merge import SHIPPED
from hostlab.measure.statistics import percentile

EN, RU = texts_in("en"), texts_in("ru")
TEXT = "An utterly charming film."


def session(seed: int = 1, slower: float = 1.0, count: int = 50, text: str = TEXT) -> dict:
    """A session's report, with one question and one load."""
    draw = np.random.default_rng(seed)
    rows = []
    for method in ("in-process", "docker"):
        factor = slower if method == "docker" else 1.0
        latencies = list(factor * (10 + draw.gamma(2.0, 1.5, size=count)))
        rows.append({"method": method, "engine": "onnx", "in_turn_ms": latencies})
    p50 = asdict(percentile(rows[1]["in_turn_ms"], 50, "ms"))
    figures = {"sent": 60, "p50_ms": p50, "p95_ms": None, "p99_ms": None}
    track = {"method": "docker", "phases": [{"level": 20.0, "figures": figures}]}
    return {
        "made_at": "2026-01-01T10:00:00+0000",
        "machine": {"processor": "One", "threads": 2},
        "methods": [],
        "questions": [{"texts": [text], "methods": rows}],
        "loads": [{"plan": {"kind": "open"}, "rows": [track]}],
    }


def write(folder, data: object) -> saved.SavedReport:
    file = folder / "before.json"
    file.write_text(json.dumps(data), encoding="utf-8-sig")
    return saved.read(file, EN)


def test_the_same_session_has_no_change(tmp_path):
    then = write(tmp_path, session())
    shown = comparison(then, saved.of_session(session()), EN)
    assert "No figure changed by more than noise; compared: 3." in shown
    assert 'data-verdict="more"' not in shown and "before.json, 2026-01-01" in shown


@pytest.mark.parametrize("texts", [EN, RU])
def test_a_slower_method_is_found_and_the_other_is_not(tmp_path, texts):
    then = write(tmp_path, session())
    shown = str(comparison(then, saved.of_session(session(2, slower=1.3)), texts))
    changed = [line for line in shown.splitlines() if 'data-verdict="more"' in line]
    assert len(changed) == 2 and all('data-method="docker"' in line for line in changed)
    assert shown.count('data-verdict="noise"') == 1
    assert texts("changes.verdict_more") in shown and TEXT in shown


def test_answers_to_one_text_in_several_questions_count_together(tmp_path):
    data = session(count=10)
    assert "too few requests" in comparison(write(tmp_path, data), saved.of_session(data), EN)
    data["questions"] *= 2
    data["loads"] = []
    figures = write(tmp_path, data).figures
    assert {figure.count for figure in figures.values()} == {20}


def test_another_machine_and_another_engine_are_named(tmp_path):
    then = write(tmp_path, session())
    now = replace(then, processor="Other", engines={"docker": "torch", "in-process": "onnx"})
    shown = comparison(then, now, EN)
    assert "One then, Other now" in shown and "the engine was onnx, and is now torch" in shown


def test_a_guest_is_compared_under_its_own_name(tmp_path):
    data = session()
    data["questions"][0]["methods"][1]["method"] = "somebody's service"
    assert "somebody&#39;s service" in comparison(write(tmp_path, data), saved.of_session(data), EN)


def test_a_measurement_is_compared_with_the_newest(tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    then = saved.read(SHIPPED, EN)
    assert saved.newest_measurement() is None
    assert "Nothing has been measured" in comparison(then, None, EN)
    folder = tmp_path / "reports" / "2026-12-01T00-00-00"
    folder.mkdir(parents=True)
    (folder / "report.json").write_bytes(SHIPPED.read_bytes())
    now = saved.newest_measurement()
    assert now.name == "" and now.figures == then.figures
    shown = comparison(then, now, EN)
    assert "newest measurement, 2026" in shown and "<code>latency</code> p50_ms" in shown


def test_what_has_nothing_in_common_says_what_to_do(tmp_path):
    one = write(tmp_path, session() | {"loads": []})
    other = saved.of_session(session(text="Another.") | {"loads": []})
    assert "send the same text in both sessions" in comparison(one, other, EN)
    assert "Load two reports of the same kind" in comparison(one, saved.read(SHIPPED, EN), EN)


def broken(**change: object) -> bytes:
    return json.dumps(session() | change).encode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe", "not a JSON file"),
        (b"{", "not a JSON file"),
        (b"[" * 100_000, "not a JSON file"),
        (b"[1]", "not a report of this project"),
        (b'{"marks": []}', "not a report of this project"),
        (broken(questions=[{"texts": ["a"]}]), r"questions\.0\.methods: Field required"),
        (broken(machine=None), "machine"),
        (b'{"results": {}}', "'schema' is missing"),
        (b'{"results": {}, "schema": 99}', "has the schema 99"),
        (b" " * (saved.MAX_REPORT_BYTES + 1), "the limit is 5 MB"),
    ],
)
def test_a_bad_file_gets_a_sentence(tmp_path, content, sentence):
    file = tmp_path / "before.json"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=sentence) as caught:
        saved.read(file, EN)
    assert str(caught.value).startswith("before.json ")


@pytest.mark.parametrize("latency", [float("nan"), float("inf"), 0.0, -1.0, "fast"])
def test_a_latency_that_is_none_is_rejected(tmp_path, latency):
    data = session()
    data["questions"][0]["methods"][0]["in_turn_ms"][0] = latency
    with pytest.raises(BadInput, match="in_turn_ms"):
        write(tmp_path, data)

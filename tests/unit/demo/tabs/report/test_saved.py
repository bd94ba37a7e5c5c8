"""Saved reports on the Report tab: what can be compared, and what a bad file gets."""

import json
import re
from dataclasses import asdict, fields, replace
from datetime import timedelta
from typing import get_args, get_type_hints

import numpy as np
import pytest

from demo.report_file import MAX_REPORT_BYTES
from demo.tabs.report import saved
from demo.tabs.report.change_text import what
from demo.tabs.report.changes import comparison
from demo.texts import texts_in
from hostlab.errors import BadInput
from hostlab.measure.parts.fault_catalog import FAULTS
from hostlab.measure.report.diff import FigureName
from hostlab.measure.report.merge import SHIPPED
from hostlab.measure.statistics import percentile
from hostlab.measure.suite import PARTS

EN, RU = texts_in("en"), texts_in("ru")
TEXT = "An utterly charming film."


def session(seed: int = 1, slower: float = 1.0, count: int = 50, text: str = TEXT) -> dict:
    """A session's report, with one question and one load. Another seed is another session."""
    draw = np.random.default_rng(seed)
    rows = []
    for method in ("in-process", "docker"):
        factor = slower if method == "docker" else 1.0
        latencies = list(factor * (10 + draw.gamma(2.0, 1.5, size=count)))
        rows.append({"method": method, "engine": "onnx", "in_turn_ms": latencies})
    p50 = asdict(percentile(rows[1]["in_turn_ms"], 50, "ms"))
    figures = {"sent": 60, "lost": 0, "p50_ms": p50, "p95_ms": None, "p99_ms": None}
    phase = {"level": 20.0, "from_s": 0.0, "until_s": None, "figures": figures}
    track = {"method": "docker", "phases": [phase], "events": [], "seconds": []}
    plan = {"kind": "open", "level": 20.0, "seconds": 3.0, "ramp_s": 0.0}
    at = f"2026-01-{seed:02}T10:00:00+0000"
    return {
        "made_at": at,
        "machine": {"processor": "One", "threads": 2},
        "methods": [],
        "questions": [{"asked_at": at, "texts": [text], "methods": rows}],
        "loads": [{"began": at, "plan": plan, "rows": [track]}],
    }


def write(folder, data: object) -> saved.SavedReport:
    file = folder / "before.json"
    file.write_text(json.dumps(data), encoding="utf-8-sig")
    return saved.read(file, EN)


def test_only_what_was_measured_again_is_compared(tmp_path):
    then, again = write(tmp_path, session()), session(2)
    assert "one and the same measurement" in comparison(then, saved.of_session(session()), EN)
    again["questions"] = session()["questions"] + again["questions"]
    again["loads"] = session()["loads"]
    shown = comparison(then, saved.of_session(again), EN)
    assert "Compared: 2. Changed by more than noise: 0. No change beyond noise: 2." in shown
    assert "both reports have the same run of it: 2." in shown
    assert "Load 20/s" not in shown and "before.json, 2026-01-01" in shown
    measured = saved.read(SHIPPED, EN)
    assert "one and the same measurement" in comparison(measured, measured, EN)


@pytest.mark.parametrize("texts", [EN, RU])
def test_the_groups_add_up(tmp_path, texts):
    now = session(2, slower=1.5)
    now["loads"][0]["rows"][0]["phases"][0]["figures"]["p95_ms"] = {"value": 1.0, "unit": "ms"}
    then = session()
    then["loads"][0]["rows"][0]["phases"][0]["figures"]["p95_ms"] = {"value": 3.0, "unit": "ms"}
    shown = comparison(write(tmp_path, then), saved.of_session(now), texts)
    counts = {"count": 5, "changed": 2, "noise": 2, "few": 1}
    assert texts("changes.summary", **counts) in shown
    for name in ("changed", "noise", "few"):
        assert texts(f"changes.group_{name}", count=counts[name]) in shown
    assert texts("changes.advice_session") in shown


def test_measurements_that_are_too_short_get_the_advice_for_measurements():
    measured = saved.read(SHIPPED, EN)
    without = {name: replace(one, low=None, high=None) for name, one in measured.figures.items()}
    then = replace(measured, figures=without)
    shown = comparison(then, replace(then, made_at=then.made_at + timedelta(days=1)), EN)
    assert "No change beyond noise: 0" in shown and "without <code>--quick</code>" in shown
    assert "Ask the same text" not in shown and "one in twenty" not in shown
    assert "One request at a time: p50" in shown and "p50_ms" not in shown


def test_every_figure_of_a_measurement_has_words():
    for name, part in PARTS.items():
        (row,) = get_args(get_type_hints(part.result)["rows"])
        for field in fields(row):
            if "Figure" in str(field.type):
                place = FigureName(name, "docker", field.name)
                assert what(place, EN) and what(place, RU)
    for fault in FAULTS:
        assert what(FigureName("faults", "docker", "lost", which=fault), RU)
    assert "реплик: 3" in what(FigureName("scalability", "docker", "per_s", which="3"), RU)


def test_lost_requests_and_what_disturbed_a_load_are_compared(tmp_path):
    now = session(2)
    track = now["loads"][0]["rows"][0]
    track["phases"][0]["figures"] |= {"sent": 60, "lost": 44}
    track["events"] = [{"at_s": 3.0, "what": "kill"}, {"at_s": 99.0, "what": "start"}]
    shown = comparison(write(tmp_path, session()), saved.of_session(now), EN)
    row = re.search(r"<tr[^>]*>\s*<th[^>]*>Load 20/s: share of lost.*?</tr>", shown, re.DOTALL)
    assert 'data-verdict="more" data-better="false"' in row[0]
    assert "+73.3 points" in row[0] and "73.3 [" in row[0]
    assert (
        "Kills and restarts of Docker services under 20/s. Then: none. Now: kill, restart." in shown
    )


def test_the_throughput_of_a_load_is_compared(tmp_path):
    then, now = session(), session(2)
    rest = {"lost": 0, "p50_ms": 10.0, "p95_ms": 12.0, "p99_ms": None}
    for data, per_s in ((then, 20.0), (now, 9.0)):
        data["loads"][0]["rows"][0]["seconds"] = [
            {"second": second, "per_s": per_s + second % 3} | rest for second in range(10)
        ]
    shown = comparison(write(tmp_path, then), saved.of_session(now), EN)
    row = re.search(r"<tr[^>]*>\s*<th[^>]*>Load 20/s: throughput.*?</tr>", shown, re.DOTALL)
    assert 'data-verdict="less" data-better="false"' in row[0]


def test_an_improvement_is_marked_as_one_and_an_asterisk_explained(tmp_path):
    now = session(2, slower=0.5)
    now["loads"][0]["rows"][0]["phases"][0]["figures"]["p50_ms"]["note"] = "bounded"
    shown = comparison(write(tmp_path, session()), saved.of_session(now), EN)
    assert shown.count('data-verdict="less" data-better="true"') == 1
    assert shown.count('data-verdict="few"') == 1, "the generator was late: no verdict"
    assert EN("load.bounded") in shown
    plain = comparison(write(tmp_path, session()), saved.of_session(session(2)), EN)
    assert EN("load.bounded") not in plain


@pytest.mark.parametrize("texts", [EN, RU])
def test_reports_in_the_wrong_order_are_swapped(tmp_path, texts):
    later = write(tmp_path, session(2, slower=1.5))
    shown = comparison(later, saved.of_session(session()), texts)
    assert texts("changes.swapped") in shown and 'data-verdict="more"' in shown
    assert texts("changes.swapped") not in comparison(saved.of_session(session()), later, texts)


def test_the_page_writes_changes_in_its_own_language(tmp_path):
    then = write(tmp_path, session())
    shown = comparison(then, saved.of_session(session(2, slower=1.5)), RU)
    assert re.search(r"\+\d+\u00a0% \[от \+\d+\u00a0% до \+\d+\u00a0%\]", shown)


@pytest.mark.parametrize("texts", [EN, RU])
def test_a_slower_method_is_found_and_the_other_is_not(tmp_path, texts):
    then = write(tmp_path, session())
    shown = str(comparison(then, saved.of_session(session(2, slower=1.3)), texts))
    changed = [line for line in shown.splitlines() if 'data-verdict="more"' in line]
    assert len(changed) == 2 and all('data-method="docker"' in line for line in changed)
    assert shown.count('data-verdict="noise"') == 2
    assert texts("changes.verdict_more") in shown and TEXT in shown


def test_answers_to_one_text_in_several_questions_count_together(tmp_path):
    data = session(count=10)
    assert "too few requests" in comparison(
        write(tmp_path, data), saved.of_session(session(2, count=10)), EN
    )
    data["questions"] *= 2
    data["loads"] = []
    figures = write(tmp_path, data).figures
    assert {figure.count for figure in figures.values()} == {20}


def test_another_machine_and_another_engine_are_named(tmp_path):
    then = write(tmp_path, session())
    now = replace(saved.of_session(session(2)), processor="Other")
    now = replace(now, engines={"docker": "torch", "in-process": "onnx"})
    shown = comparison(then, now, EN)
    assert "One then, Other now" in shown and "the engine was onnx, and is now torch" in shown


def test_a_guest_is_compared_under_its_own_name(tmp_path):
    data = session()
    now = session(2)
    for one in (data, now):
        one["questions"][0]["methods"][1]["method"] = "somebody's service"
    assert "somebody&#39;s service" in comparison(write(tmp_path, data), saved.of_session(now), EN)


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
    shown = comparison(replace(then, made_at=then.made_at - timedelta(days=1)), now, EN)
    assert "newest measurement, 2026" in shown and "One request at a time: p50" in shown


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
        (
            broken(questions=[{"asked_at": "", "texts": ["a"]}]),
            r"questions\.0\.methods: Field required",
        ),
        (broken(machine=None), "machine"),
        (b'{"results": {}}', "'schema' is missing"),
        (b'{"results": {}, "schema": 99}', "has the schema 99"),
        (b" " * (MAX_REPORT_BYTES + 1), "the limit is 5 MB"),
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

"""One table out of several reports: the one with most methods counts, of those the newest, and what
is no report is passed over with a reason.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from demo.tabs.table import view
from demo.texts import LANGUAGES, texts_in
from hostlab.measure.parts.latency import LatencyResult, LatencyRow
from hostlab.measure.parts.simplicity import SimplicityResult, SimplicityRow
from hostlab.measure.report import files
from hostlab.measure.report.merge import gather
from hostlab.measure.statistics import Figure
from hostlab.measure.suite import Report


def dated(at: str, **results: object) -> dict[str, Any]:
    report = Report(measured_at=at, effort="quick", results=results)
    return json.loads(json.dumps(report.as_dict()))


def latency(*methods: str) -> LatencyResult:
    return LatencyResult([LatencyRow(method, Figure(4.0, "ms")) for method in methods])


@pytest.fixture
def keep(tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))

    def write(at: str, content: str | dict[str, Any]) -> None:
        folder = files.default_folder(at)
        folder.mkdir(parents=True)
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / "report.json").write_text(text)

    return write


def test_nothing_measured(keep):
    found = gather()
    assert (found.results, found.sources, found.passed_over) == ({}, {}, {})


def test_each_part_comes_from_the_newest_of_the_widest_reports(keep):
    simplicity = SimplicityResult([SimplicityRow("docker")])
    both = latency("in-process", "docker")
    for at, results in {
        "2026-01-01T10:00:00+0000": {"latency": both, "simplicity": simplicity},
        "2026-01-02T10:00:00+0000": {"latency": both},
        "2026-01-03T10:00:00+0000": {"latency": latency("in-process", "in-process")},
    }.items():
        keep(at, dated(at, **results))
    found = gather()
    assert {part: source.measured_at[:10] for part, source in found.sources.items()} == {
        "latency": "2026-01-02",
        "simplicity": "2026-01-01",
    }
    assert len(found.results["latency"]["rows"]) == 2
    assert found.passed_over == {}


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda report: {key: value for key, value in report.items() if key != name}


def with_results(**results: object) -> Callable[[dict[str, Any]], Any]:
    return lambda report: report | {"results": results}


# What a file in the folder may hold, made from a good report, and what the reason names
ODD: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no measured_at": (without("measured_at"), "measured_at"),
    "no effort": (without("effort"), "effort"),
    "no results": (without("results"), "results"),
    "no schema": (without("schema"), "schema"),
    "an effort in numbers": (lambda report: report | {"effort": 3}, "effort"),
    "measured_at in numbers": (lambda report: report | {"measured_at": 20260101}, "measured_at"),
    "a bare machine": (lambda report: report | {"machine": {"processor": "one"}}, "threads"),
    "results as a list": (lambda report: report | {"results": []}, "results"),
    "results of schema 1 as a list": (lambda report: report | {"results": [], "schema": 1}, "list"),
    "a part with a number of rows": (with_results(latency={"rows": 3}), "rows"),
    "a part that is null": (with_results(latency=None), "dictionary"),
    "a row without a method": (with_results(latency={"rows": [{"p50_ms": None}]}), "method"),
    "an unknown part": (with_results(speed={"rows": []}), "speed"),
    "a list": (lambda report: [report], "list"),
    "a number": (lambda report: 42, "int"),
    "no JSON": (lambda report: "no report", "Expecting value"),
    "100,000 opening brackets": (lambda report: "[" * 100_000, "recursion"),
}


@pytest.mark.parametrize(("change", "named"), ODD.values(), ids=ODD)
def test_an_odd_file_is_passed_over_and_the_page_says_so(keep, change, named):
    good = dated("2026-01-01T10:00:00+0000", latency=latency("in-process"))
    keep("2026-01-01T10:00:00+0000", good)
    hint = 'class="hl-hint"'
    hints = {one: view.table(texts_in(one)).count(hint) for one in LANGUAGES}
    keep("2026-01-02T10:00:00+0000", change(good))
    odd = str(files.default_folder("2026-01-02T10:00:00+0000") / "report.json")
    assert gather().sources["latency"].measured_at == "2026-01-01T10:00:00+0000"
    for language in LANGUAGES:
        shown = view.table(texts_in(language))
        assert shown.count(hint) == hints[language] + 1 and odd in shown
    data = view.as_data()
    assert list(data["passed_over"]) == [odd] and named in data["passed_over"][odd]
    assert any(mark["measured"] for mark in data["marks"])


def test_what_a_row_leaves_out_is_not_known(keep):
    good = dated("2026-01-01T10:00:00+0000", latency=latency("in-process"))
    for day, result in enumerate([{}, {"rows": [{"method": "docker"}]}], 2):
        keep(f"2026-01-0{day}T10:00:00+0000", with_results(latency=result)(good))
    assert view.table(texts_in("en")) and gather().passed_over == {}
    assert [row["p50_ms"] for row in gather().results["latency"]["rows"]] == [None]


def test_what_is_no_file_is_no_report(keep, tmp_path):
    folder = files.default_folder("2026-01-01T10:00:00+0000")
    (folder / "report.json").mkdir(parents=True)
    other = files.default_folder("2026-01-02T10:00:00+0000")
    other.mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(other / "report.json")  # to read it would never end
    assert files.kept() == [] and gather().passed_over == {}


def test_a_latency_of_zero_gets_no_mark(keep):
    zero = LatencyResult([LatencyRow("in-process", Figure(0.0, "ms"))])
    keep("2026-01-01T10:00:00+0000", dated("2026-01-01T10:00:00+0000", latency=zero))
    assert {mark["measured"] for mark in view.as_data()["marks"]} == {None}


def test_the_effort_of_a_lesson_is_shown_as_it_is(keep):
    report = dated("2026-01-01T10:00:00+0000", latency=latency("in-process"))
    keep("2026-01-01T10:00:00+0000", report | {"effort": "lesson 06"})
    assert "(lesson 06)" in view.table(texts_in("ru"))

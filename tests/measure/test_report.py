"""The report's forms: the same figures in each, safe in HTML, comparable with an older one; and the
marks' rules.
"""

import copy
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
import requests

from hostlab import get
from hostlab.client import Timing
from hostlab.errors import BadInput
from hostlab.measure.parts.faults import FaultResult, FaultRow
from hostlab.measure.parts.latency import LatencyResult, LatencyRow
from hostlab.measure.parts.scalability import ScalabilityResult, ScaleRow
from hostlab.measure.report import files
from hostlab.measure.report.diff import compare
from hostlab.measure.report.marks import COLUMNS, LECTURE, marks
from hostlab.measure.report.rules import LIMITS, RULES
from hostlab.measure.report.schema import schema
from hostlab.measure.statistics import Figure
from hostlab.measure.suite import Report
from hostlab.runtime.paths import ROOT


def figure(value: float, width: float = 0.5, note: str = "") -> Figure:
    return Figure(value, "ms", value - width, value + width, 100, "bootstrap", note)


@pytest.fixture
def report() -> dict:
    rows = [
        LatencyRow("in-process", figure(10), figure(20), None, Timing(2.0, 0.1, 8.0, 0.0)),
        LatencyRow(
            "docker",
            figure(40, note="bounded by the load generator"),
            figure(50),
            None,
            Timing(4.0, 0.1, 36.0, 0.0),
        ),
        LatencyRow("kubernetes", error="There is no <cluster> | here."),
    ]
    scale = [
        ScaleRow("docker", 3, figure(30), 0.9),
        ScaleRow("in-process", 1, error="It cannot be scaled.", has_replicas=False),
    ]
    broken = [
        FaultRow("docker", "killed model", True, figure(2), None, figure(40), figure(3), 20.0)
    ]
    broken += [
        FaultRow("docker", "hung model", False, None, figure(4), figure(40), figure(30), 20.0)
    ]
    results = {
        "latency": LatencyResult(rows),
        "scalability": ScalabilityResult(200, 2, "Two cores.", scale),
        "faults": FaultResult(rows=broken),
    }
    engines = {"in-process": "torch", "docker": "onnx"}
    return json.loads(json.dumps(Report(results=results, engines=engines).as_dict()))


def test_every_form_has_the_figures(report: dict, tmp_path: Path):
    paths = files.write(report, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["report.json", "report.md", "report.html"]
    assert files.read(paths[0]) == report
    for path in paths[1:]:
        text = path.read_text()
        assert (
            "40.0 * [39.5–40.5]" in text
            and "not by itself within 20 s" in text
            and str(report["machine"]["cores"])
            and "Engines: torch (in-process), onnx (docker)." in text
        )
    widths = {
        line.count("|")
        for line in paths[1].read_text().split("## Latency")[1].split("##")[0].splitlines()
        if line.startswith("|")
    }
    assert len(widths) == 1, "a bar in a text does not break the table"


def test_the_json_keeps_to_its_schema(report: dict):
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(validator.schema)
    validator.validate(report)
    report["results"]["latency"]["rows"][0]["p50_ms"]["value"] = "fast"
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(report)
    del report["results"]["latency"], report["machine"]
    with pytest.raises(jsonschema.ValidationError, match="machine"):
        validator.validate(report)


def test_the_page_stands_alone_and_is_safe(report: dict, tmp_path: Path):
    page = files.write(report, tmp_path)[2].read_text()
    assert "<cluster>" not in page and "&lt;cluster&gt;" in page
    assert page.count("<svg") == 2
    fetched = []

    class Fetches(HTMLParser):
        def handle_starttag(self, tag, attrs):
            fetched.extend(
                value
                for name, value in attrs
                if name in ("src", "href", "xlink:href") and value and not value.startswith("#")
            )
            assert tag not in ("script", "link", "iframe")

    Fetches().feed(page)
    assert fetched == [] and not re.search(r"url\((?!#)", page)


def test_comparison_tells_change_from_noise(report: dict):
    new = copy.deepcopy(report)
    new["results"]["latency"]["rows"][0]["p50_ms"] = asdict(figure(10.3))
    new["results"]["latency"]["rows"][0]["p95_ms"] = asdict(figure(30))
    new["results"]["latency"]["rows"][1]["p50_ms"] = asdict(Figure(80.0, "ms"))
    rows = {tuple(row[:3]): row[5:] for row in compare(report, new).rows}
    assert rows["latency", "in-process", "p50_ms"] == ["+3% [-4% to +10%]", "no"]
    assert rows["latency", "in-process", "p95_ms"] == ["+50% [+46% to +55%]", "yes"]
    assert rows["latency", "docker", "p50_ms"] == ["+100%", "unknown: no interval"]
    assert ("faults", "docker", "killed model recovery_s") in rows
    other = compare(report, new | {"engines": {"docker": "onnx"}}).notes
    assert "Engines: torch (in-process), onnx (docker) then, onnx (docker) now." in other
    with pytest.raises(BadInput, match="schema"):
        compare(report | {"schema": 0}, report)


def test_marks_follow_their_rules(report: dict):
    found = {(one.method, one.column): one for one in marks(report)}
    assert {column for _, column in found} == set(COLUMNS) == set(RULES)
    assert (
        found["in-process", "performance"].ours == "+++"
        and found["in-process", "performance"].agrees
    )
    assert (
        found["docker", "performance"].ours == "+" and not found["docker", "performance"].agrees
    ), "four times the best"
    assert found["docker", "scalability"].ours == "+++", "0.9 of linear at 3 is 2.7 times"
    assert (
        found["in-process", "scalability"].ours == "-" and found["in-process", "scalability"].agrees
    )
    assert found["docker", "fault tolerance"].ours == "+", "one of two"
    assert found["docker", "simplicity"].ours is None, "what was not measured gets no mark"
    assert found["docker", "performance"].lecture == LECTURE["docker"][2] == "++"


def test_other_limits_give_other_marks(report: dict):
    def performance(limits: object) -> str | None:
        found = marks(report, LIMITS | {"performance": limits})
        return next(
            one.ours for one in found if (one.method, one.column) == ("docker", "performance")
        )

    assert performance((1.5, 3, 6)) == "+", "four times the best"
    assert performance([1.5, 5, 6]) == "++"
    assert performance((1, 2, 3)) == "-"
    for wrong in ((6, 3, 1.5), (1, 2), "123", 3, (1, "2", 3)):
        with pytest.raises(BadInput, match=r"the smallest first, such as \(1.5, 3, 6\)"):
            performance(wrong)
    with pytest.raises(BadInput, match="the largest first"):
        marks(report, LIMITS | {"scalability": (0, 1.5, 2.5)})
    with pytest.raises(BadInput, match="'scalability' are None"):
        marks(report, {"simplicity": (6, 12, 20)})


def test_what_is_no_report_is_refused(tmp_path: Path):
    for name, text in (("not.json", "no"), ("other.json", "{}")):
        (tmp_path / name).write_text(text)
        with pytest.raises(BadInput, match=re.escape("report.json")):
            files.read(tmp_path / name)


def hostlab(*arguments: str, **more) -> subprocess.Popen:
    command = [sys.executable, "-m", "hostlab.cli", "measure", *arguments]
    return subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def test_a_part_by_itself_then_compared(tmp_path: Path):
    first = hostlab("simplicity", "in-process", "--out", str(tmp_path))
    said, errors = first.communicate(timeout=120)
    assert first.returncode == 0 and "in-process" in said, errors
    assert (tmp_path / "report.html").exists()
    again = hostlab("--compare", str(tmp_path / "report.json"), "simplicity", "in-process")
    assert "What changed" in again.communicate(timeout=120)[0] and again.returncode == 0
    assert hostlab("--compare", str(tmp_path / "missing.json")).wait(120) == 2
    assert hostlab().wait(120) == 2


def test_ctrl_c_keeps_what_was_measured_and_stops_what_was_started(tmp_path: Path):
    # what a shell starts in the background ignores Ctrl-C, and so would a child of these tests
    listens = (
        {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
        if os.name == "posix"
        else {}
    )
    running = hostlab(
        "throughput", "in-process", "--out", str(tmp_path), start_new_session=True, **listens
    )
    service, deadline = get("in-process"), time.monotonic() + 120
    # the first thing to be measured is the generator itself; once the service is asked, that figure
    # is there
    while (
        service.status().state != "running"
        or 'route="/predict",status="200"'
        not in requests.get(f"{service.url}/metrics", timeout=30).text
    ):
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=120)
    assert running.returncode == 130 and "by then" in errors
    assert files.read(tmp_path / "report.json")["results"]["throughput"]["limit_per_s"]["value"] > 0
    assert service.status().state == "stopped"

"""A report that an earlier version wrote is still read, graded, and compared."""

import json
from pathlib import Path

import pytest

from hostlab.errors import BadInput
from hostlab.measure.machine import describe
from hostlab.measure.report import files
from hostlab.measure.report.diff import compare
from hostlab.measure.report.marks import marks

SECONDS = {"value": 4.0, "unit": "s", "low": 3.0, "high": 5.0, "count": 2, "interval": "t"}


def figure(value: float) -> dict:
    return SECONDS | {"value": value, "low": None, "high": None, "note": ""}


def fault(method: str, name: str, error: str | None = None) -> dict:
    done = error is None
    return {
        "method": method,
        "fault": name,
        "by_itself": False if done else None,
        "recovery_s": None,
        "mend_s": figure(4.0) if done else None,
        "sent": figure(40.0) if done else None,
        "lost": figure(30.0) if done else None,
        "waited_s": 20.0 if done else None,
        "error": error,
    }


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A report of schema 1, with the sentences of its time."""
    faults = [
        fault("separate-process", "killed model"),
        fault("separate-process", "rolling update", "It has no rolling update to version 1.1."),
        fault("docker", "rolling update", "The engine did not answer."),
        fault("docker", "provider down for 5 s", "It has no provider."),
    ]
    scale = {"replicas": 1, "per_s": None, "efficiency": None, "checks": []}
    single = scale | {"method": "in-process", "error": "in-process has one copy of its model."}
    stopped = scale | {"method": "docker", "error": "It does not run."}
    report = {
        "schema": 1,
        "machine": describe(),
        "measured_at": "2026-01-01T10:00:00+0000",
        "effort": "quick",
        "remarks": [],
        "results": {
            "faults": {"rate_per_s": 20.0, "client_timeout_s": 2.0, "rows": faults},
            "scalability": {
                "p99_ms": 200.0,
                "cores": 2,
                "bound": "Two cores.",
                "rows": [single, stopped],
                "needed": [],
            },
        },
    }
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report))
    return file


def test_fields_have_their_new_names_and_what_was_a_sentence_is_a_cause(old_file: Path):
    killed, *failed = files.read(old_file)["results"]["faults"]["rows"]
    assert killed["restart_s"]["value"] == 4.0 and "mend_s" not in killed
    assert killed["cause"] is None
    assert [one["cause"] for one in failed] == ["impossible", "failed", "not applicable"]


def test_it_is_graded_and_its_tables_are_made(old_file: Path):
    report = files.read(old_file)
    found = {(one.method, one.column): one.ours for one in marks(report)}
    assert found["in-process", "scalability"] == "-"
    assert found["docker", "scalability"] is None
    assert found["separate-process", "fault tolerance"] == "-"
    cells = [cell for table in files.all_tables(report) for row in table.rows for cell in row]
    assert any("not by itself within 20 s, then in 4.00 s" in cell for cell in cells)


def test_it_is_compared_with_a_report_of_today(old_file: Path):
    report = files.read(old_file)
    rows = {tuple(row[:3]) for row in compare(report, report).rows}
    assert ("faults", "separate-process", "killed model restart_s") in rows


def test_a_report_of_schema_2_has_no_engines_and_keeps_the_rest(old_file: Path):
    second = files.read(old_file) | {"schema": 2}
    del second["engines"]
    old_file.write_text(json.dumps(second))
    report = files.read(old_file)
    assert report == second | {"schema": 4, "engines": {}}
    assert not compare(report, report).notes[1:]


def test_a_report_of_a_later_version_is_rejected(old_file: Path):
    later = json.loads(old_file.read_text()) | {"schema": 99}
    old_file.write_text(json.dumps(later))
    with pytest.raises(BadInput, match="schema 99"):
        files.read(old_file)

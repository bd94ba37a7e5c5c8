"""One table out of several reports: the one with most methods counts, of those the newest, and what
cannot be read is passed over.
"""

import json

import pytest

from hostlab.measure.report import files
from hostlab.measure.report.merge import gather


@pytest.fixture
def keep(tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))

    def write(at: str, **parts: list[str]) -> None:
        results = {
            part: {"rows": [{"method": method} for method in methods]}
            for part, methods in parts.items()
        }
        folder = files.default_folder(at)
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(
            json.dumps(
                {
                    "schema": 3,
                    "measured_at": at,
                    "effort": "quick",
                    "machine": {},
                    "results": results,
                }
            )
        )

    return write


def test_nothing_measured(keep):
    assert gather() == ({}, {})


def test_each_part_comes_from_the_newest_of_the_widest_reports(keep):
    keep("2026-01-01T10:00:00+0000", latency=["in-process", "docker"], simplicity=["docker"])
    keep("2026-01-02T10:00:00+0000", latency=["in-process", "docker"])
    keep("2026-01-03T10:00:00+0000", latency=["in-process", "in-process"])
    (files.default_folder("2026-01-04T10:00:00+0000")).mkdir()
    (files.default_folder("2026-01-04T10:00:00+0000") / "report.json").write_text("no report")
    results, sources = gather()
    assert {part: source.measured_at[:10] for part, source in sources.items()} == {
        "latency": "2026-01-02",
        "simplicity": "2026-01-01",
    }
    assert len(results["latency"]["rows"]) == 2

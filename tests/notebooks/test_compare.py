"""Lesson 06 measures one method that runs and one that is missing."""

import matplotlib
import pytest

from hostlab.deployment import Deployment
from hostlab.errors import Unavailable
from hostlab.measure.parts.latency import measure_latency
from hostlab.measure.parts.simplicity import measure_simplicity
from hostlab.measure.report.all_tables import tables
from hostlab.measure.report.rules import LIMITS
from hostlab.measure.steps import finish
from hostlab.measure.suite import Report
from notebooks.lessons import compare, plots_compare
from notebooks.lessons.bad_night import bad_night, faults_of

METHOD = "in-process"
matplotlib.use("agg")


class Missing(Deployment):
    """A method whose tool is missing, as on many laptops."""

    method = "docker"

    def __init__(self) -> None:
        self.supervisor = self

    def find(self) -> None:
        raise Unavailable("No engine responds.")

    def launch(self, record: object, progress: object) -> None:
        raise AssertionError("nothing is launched")


def test_a_method_that_is_missing_has_a_row_that_says_why(
    service: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    services, report = [service, Missing()], Report(effort="lesson 06")
    report.results["cold-start"] = finish(compare.start_all([Missing()]))
    report.results["latency"] = finish(measure_latency(services, requests=20))
    report.results["throughput"] = finish(compare.load_all(services))
    nights = finish(bad_night(services, wait_s=3.0))
    report.results["faults"] = faults_of(nights)
    report.results["simplicity"] = finish(measure_simplicity(services))
    compare.why_not(report.as_dict())
    assert capsys.readouterr().out == "docker: No engine responds.\n"
    facts = compare.facts(report.as_dict())
    assert (
        facts.loc["in-process", "p50_ms"] > 0
        and facts.loc["in-process", "back_by_itself"] is False
        and facts.loc["in-process", "lost"] > 0
    )
    assert (
        facts.loc["docker", ["p50_ms", "per_s", "back_by_itself"]].isna().all()
        and facts.loc["docker", "files"] > 0
    )
    assert (
        nights["in-process"].restarted_s - nights["in-process"].killed_s >= 3
        and service.status().state == "running"
    )
    for draw, part in (
        (plots_compare.cold_starts, "cold-start"),
        (plots_compare.latencies, "latency"),
        (plots_compare.throughput, "throughput"),
    ):
        draw(report.results[part])
    plots_compare.nights(nights)
    assert compare.both_tables(report.as_dict()).loc["in-process", "fault tolerance"] == "-  (-)"
    # What a reader changes has an effect, and the report stays as it is.
    strict = LIMITS | {"simplicity": (0, 0, 0)}
    before = report.as_dict()
    assert compare.both_tables(before, strict).loc["in-process", "simplicity"] == "-  (+++)"
    assert len(compare.disagreements(before, strict)) > len(compare.disagreements(before))
    assert report.as_dict() == before
    assert {"No engine responds."} <= {
        cell for table in tables(report.as_dict()) for row in table.rows for cell in row
    }

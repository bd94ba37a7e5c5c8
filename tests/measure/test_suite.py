"""The suite leaves alone what somebody else started, and says so."""

from dataclasses import replace

from hostlab import get
from hostlab.measure.job import QUICK
from hostlab.measure.suite import measure


def test_services_that_run_already_are_measured_and_neither_scaled_nor_broken_nor_stopped():
    with get("separate-process").start() as service:
        run_id = service.status().run_id
        effort = replace(QUICK, warm_requests=20, cold_starts=1)
        for step in measure(["cold-start", "latency", "faults", "scalability"], [service], effort):
            report = step.result
        assert service.status().run_id == run_id
    assert report.engines == {"separate-process": "onnx"}
    (warm,) = report.results["latency"].rows
    assert warm.error is None and warm.p50_ms.count == 20
    for part in ("cold-start", "faults", "scalability"):
        assert any("already runs" in (row.error or "") for row in report.results[part].rows), part

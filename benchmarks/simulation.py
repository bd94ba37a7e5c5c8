"""Compares the simulated p95 with the measured one, for 1, 2, and 3 replicas of one thread each.

Run it: `python -m benchmarks.simulation [METHOD]`; the default method is docker.
"""

import sys
from dataclasses import asdict

from hostlab import get
from hostlab.measure.parts.scalability import measure_scalability
from hostlab.measure.report.table import figure
from hostlab.measure.steps import finish


def main() -> None:
    """Measure, and print a line for each number of replicas and each load."""
    method = sys.argv[1] if len(sys.argv) > 1 else "docker"
    with get(method).start() as service:
        result = finish(measure_scalability([service], seconds=10.0, repeats=3))
    print("replicas  load  texts/s  p95 ms measured            simulated  simulated over measured")
    for row in result.rows:
        for check in row.checks:
            measured, simulated = check.p95_ms, check.simulated_p95_ms
            if measured is None or simulated is None:
                continue
            print(
                f"{row.replicas:8}  {check.share_of_maximum:4.0%}  {check.rate_per_s:7.1f}  "
                f"{figure(asdict(measured)):24}  {simulated:9.1f}  "
                f"{simulated / measured.value:.2f}"
            )
    print(result.bound)


if __name__ == "__main__":
    main()

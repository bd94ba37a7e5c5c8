"""The report as plain tables, in the order of the parts."""

from collections.abc import Callable, Mapping

from hostlab.measure.report import adoption_tables, performance_tables, resilience_tables
from hostlab.measure.report.table import Data, Table

_TABLES: Mapping[str, Callable[[Data], list[Table]]] = {
    "cold-start": performance_tables.cold_start,
    "latency": performance_tables.latency,
    "throughput": performance_tables.throughput,
    "scalability": resilience_tables.scalability,
    "faults": resilience_tables.faults,
    "simplicity": adoption_tables.simplicity,
    "difficulty": adoption_tables.difficulty,
    "setup": adoption_tables.setup,
}


def tables(report: Data) -> list[Table]:
    """Return the tables of a report's plain data: Report.as_dict(), or its JSON."""
    results = report["results"]
    return [
        table for name, make in _TABLES.items() if name in results for table in make(results[name])
    ]

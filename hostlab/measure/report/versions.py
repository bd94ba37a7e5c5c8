"""The versions of report.json. A report of an earlier version is converted when it is read."""

from typing import Any

from hostlab.errors import BadInput
from hostlab.measure.job import SCHEMA

# The methods that have replicas and a rolling update, as of schema 1, which did not record this.
_REPLICATED = ("docker", "kubernetes")


def upgrade(report: dict[str, Any]) -> dict[str, Any]:
    """Convert a report to the current schema, in place, and return it.

    Raises BadInput for a schema that this version does not know.
    """
    schema = report["schema"]
    if schema not in range(1, SCHEMA + 1):
        raise BadInput(
            f"The report has the schema {schema}, and this version reads 1 to {SCHEMA}. Measure "
            "again to get a report that it can read."
        )
    if schema == 1:
        _upgrade_results(report["results"])
    if schema < SCHEMA:
        report.setdefault("engines", {})  # not recorded before schema 3
        for row in report["results"].get("faults", {}).get("rows", []):
            row.setdefault("note", "")  # since schema 4
        report["schema"] = SCHEMA
    return report


def _upgrade_results(results: dict[str, Any]) -> None:
    """Convert the results of schema 1."""
    for row in results.get("faults", {}).get("rows", []):
        row["restart_s"] = row.pop("mend_s", None)
        row["cause"] = _cause(row)
    for row in results.get("scalability", {}).get("rows", []):
        row["has_replicas"] = row["method"] in _REPLICATED


def _cause(row: dict[str, Any]) -> str | None:
    if not row["error"]:
        return None
    fault, method = row["fault"], row["method"]
    if fault == "rolling update" and method not in _REPLICATED:
        return "impossible"
    has_no_api = fault == "killed API" and method == "in-process"
    has_no_provider = fault.startswith("provider down") and method != "api"
    return "not applicable" if has_no_api or has_no_provider else "failed"

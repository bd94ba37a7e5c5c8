"""Merges partial reports into one table."""

from dataclasses import dataclass
from pathlib import Path

from hostlab.errors import BadInput
from hostlab.measure.report import files
from hostlab.measure.report.table import Data


@dataclass(frozen=True)
class Source:
    """The report that a part was taken from: its file, when it was measured (ISO 8601), how much
    ("full", "quick"), and on what.
    """

    file: Path
    measured_at: str
    effort: str
    machine: Data


def gather() -> tuple[dict[str, Data], dict[str, Source]]:
    """Return the results by part, as in a report's "results", and by part where they come from.

    Of several reports with a part it is the one with most methods, of those the newest: a look at
    one method alone does not take the others out of the table. A file that cannot be read is passed
    over.
    """
    results: dict[str, Data] = {}
    sources: dict[str, Source] = {}
    for file in files.kept():
        try:
            report = files.read(file)
        except BadInput:
            continue
        for part, result in report["results"].items():
            if part not in results or _methods(result) > _methods(results[part]):
                results[part] = result
                sources[part] = Source(
                    file, report["measured_at"], report["effort"], report["machine"]
                )
    return results, sources


def _methods(result: Data) -> int:
    return len({row["method"] for row in result["rows"]})

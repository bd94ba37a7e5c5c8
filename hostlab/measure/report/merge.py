"""Merges partial reports into one table."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hostlab.errors import BadInput
from hostlab.measure.report import files
from hostlab.measure.report.table import Data
from hostlab.runtime.paths import ROOT

# What was measured on the project's own machine: the figures of docs/measured.md
SHIPPED = ROOT / "docs" / "measured" / "report.json"


@dataclass(frozen=True)
class Source:
    """The report that a part was taken from: its file, when it was measured (ISO 8601), how much
    ("full", "quick"), and on what.
    """

    file: Path
    measured_at: str
    effort: str
    machine: Data


@dataclass(frozen=True)
class Gathered:
    """The results by part, as in a report's "results", and by part where they come from.

    `passed_over` has each file that is no report that this version reads, and the reason.
    """

    results: dict[str, Data]
    sources: dict[str, Source]
    passed_over: dict[Path, str]


def gather() -> Gathered:
    """Return what this user's reports hold.

    Of several reports with a part it is the one with most methods, of those the newest: a look at
    one method alone does not take the others out of the table.
    """
    return _gather(files.kept())


def shipped() -> Gathered:
    """Return what the report that ships with the project holds."""
    return _gather([SHIPPED])


def _gather(reports: Iterable[Path]) -> Gathered:
    found = Gathered({}, {}, {})
    for file in reports:
        try:
            report = files.read(file)
        except BadInput as error:
            found.passed_over[file] = str(error)
            continue
        for part, result in report["results"].items():
            if part not in found.results or _methods(result) > _methods(found.results[part]):
                found.results[part] = result
                found.sources[part] = Source(
                    file, report["measured_at"], report["effort"], report["machine"]
                )
    return found


def _methods(result: Data) -> int:
    return len({row["method"] for row in result["rows"]})

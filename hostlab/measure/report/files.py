"""Writes and reads the files of a report."""

import contextlib
import json
import tempfile
from pathlib import Path

from pydantic import ValidationError

from hostlab.errors import BadInput
from hostlab.measure.report.all_tables import tables
from hostlab.measure.report.markdown import markdown
from hostlab.measure.report.marks import mark_tables
from hostlab.measure.report.page import html
from hostlab.measure.report.schema import checked
from hostlab.measure.report.table import Data, Table
from hostlab.measure.report.versions import upgrade
from hostlab.runtime import state

_PROBE_BYTES = 500_000  # as much as a large report


def all_tables(report: Data) -> list[Table]:
    """Return the report's tables, those with marks first."""
    return mark_tables(report) + tables(report)


def require_writable(folder: Path | None) -> None:
    """Raise BadInput where no report can be written to `folder`, or to the default folder.

    Hours of measuring come before the report. Creates the folder.
    """
    folder = folder or _reports()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE_BYTES))
    except OSError as error:
        raise BadInput(
            f"No report can be written to {folder}: {error.strerror or error}. Free some space, or "
            "name another folder with --out."
        ) from error


def write(report: Data, folder: Path) -> list[Path]:
    """Write report.json, report.md, and report.html, and return their paths.

    `folder` is created if it does not exist. Where it cannot be written any more, a temporary
    folder takes its place, so that nothing that was measured is lost. Raises BadInput where
    that cannot be written either.
    """
    try:
        return _write(report, folder)
    except OSError:
        with contextlib.suppress(OSError):
            return _write(report, Path(tempfile.mkdtemp(prefix="hosting-lab-report-")))
        raise BadInput(
            f"The report can no longer be written to {folder}, or anywhere else. Free some space."
        ) from None


def _write(report: Data, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    # The data come first, in case that the other forms cannot be made of them.
    data = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    (folder / "report.json").write_text(data, encoding="utf-8")
    made = all_tables(report)
    (folder / "report.md").write_text(markdown(report, made), encoding="utf-8")
    (folder / "report.html").write_text(html(report, made), encoding="utf-8")
    return [folder / f"report.{form}" for form in ("json", "md", "html")]


def read(file: Path) -> Data:
    """Return the plain data of a report.json, in the current schema.

    Raises BadInput for a file that is no report, or one of a later version.
    """
    try:
        return parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{file} cannot be read as a report ({error}). Use a report.json that "
            "`hostlab measure` wrote."
        ) from error


def parse(content: str) -> Data:
    """Return the plain data of what is in a report.json, in the current schema.

    Raises BadInput for a report of a later version, ValueError with a reason for what is no report.
    """
    try:
        data: Data = checked(upgrade(json.loads(content)))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(reason(error)) from error
    return data


def reason(error: Exception) -> str:
    """Return what is wrong with the data of a report, and where."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def default_folder(measured_at: str) -> Path:
    """Return the folder of a report for which the user named none."""
    return _reports() / measured_at[:19].replace(":", "-")


def newest() -> Path | None:
    """Return the newest report.json of this user, or None."""
    return next(iter(kept()), None)


def kept() -> list[Path]:
    """Return every report.json in the default folders of this user, the newest first."""
    # A named pipe, for example, would never end.
    return sorted(filter(Path.is_file, _reports().glob("*/report.json")), reverse=True)


def _reports() -> Path:
    return state.home() / "reports"

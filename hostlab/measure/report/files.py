"""Writes and reads the files of a report."""

import json
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


def all_tables(report: Data) -> list[Table]:
    """Return the report's tables, those with marks first."""
    return mark_tables(report) + tables(report)


def write(report: Data, folder: Path) -> list[Path]:
    """Write report.json, report.md, and report.html, and return their paths.

    `folder` is created if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = all_tables(report)
    forms = {
        "report.json": json.dumps(report, indent=2, ensure_ascii=False) + "\n",
        "report.md": markdown(report, made),
        "report.html": html(report, made),
    }
    for name, text in forms.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in forms]


def read(file: Path) -> Data:
    """Return the plain data of a report.json, in the current schema.

    Raises BadInput for a file that is no report, or one of a later version.
    """
    try:
        data: Data = checked(upgrade(json.loads(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(
            f"{file} cannot be read as a report ({_reason(error)}). Use a report.json that "
            "`hostlab measure` wrote."
        ) from error
    return data


def _reason(error: Exception) -> str:
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

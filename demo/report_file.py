"""Read a report that a reader uploads: of a session, or of `hostlab measure`."""

import json
from pathlib import Path
from typing import Any

from demo.texts import Texts
from hostlab.errors import BadInput
from hostlab.measure.report import files

MAX_REPORT_BYTES = 5_000_000  # a long session, with all of its loads


def read(path: Path, texts: Texts) -> tuple[str, dict[str, Any]]:
    """Return a report's content, as text and as data.

    Raises BadInput, in the reader's language, if it is too large or no report.
    """
    if (size := path.stat().st_size) > MAX_REPORT_BYTES:
        size_mb, limit_mb = f"{size / 1e6:.1f}", f"{MAX_REPORT_BYTES / 1e6:g}"
        raise BadInput(texts("problem.file_size", file=path.name, size=size_mb, limit=limit_mb))
    try:
        content = path.read_text(encoding="utf-8-sig")
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(texts("changes.no_json", file=path.name)) from error
    if not isinstance(data, dict) or not data.keys() & {"results", "questions"}:
        raise BadInput(texts("changes.no_report", file=path.name))
    return content, data


def damaged(path: Path, error: ValueError | BadInput, texts: Texts) -> BadInput:
    """Return the error to raise where a report lacks something, or has something odd."""
    return BadInput(texts("changes.damaged", file=path.name, reason=files.reason(error)))

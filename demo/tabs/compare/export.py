"""A reader's history as files for other programs: JSON with everything, CSV with one line each."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from demo.tabs.compare.comparison import Comparison, MethodRow
from demo.tabs.compare.figures import PARTS
from hostlab.measure.comparison import MeasuredPrediction

COLUMNS = (
    "question",
    "asked_at",
    "asked",
    "method",
    "engine",
    "text",
    "label",
    "score",
    "latency_ms",
    *(f"{part}_ms" for part in PARTS),
    "error",
)


def as_data(comparisons: Iterable[Comparison]) -> list[dict[str, Any]]:
    """Return a list of questions, oldest first.

    Times are in milliseconds; `asked_at` is in ISO 8601 (UTC).
    """
    return [
        {
            "asked_at": _iso(one.at),
            "texts": one.texts,
            "at_once_ms": one.asked_ms,
            "repeats": one.repeats,
            "compared": one.compared,
            "agreed": one.agreed,
            "largest_score_difference": one.spread,
            "methods": [_row(row) for row in one.rows],
        }
        for one in comparisons
    ]


def as_json(comparisons: Iterable[Comparison]) -> str:
    """Return the list of questions as JSON."""
    return json.dumps(as_data(comparisons), ensure_ascii=False, indent=1)


def as_csv(comparisons: Iterable[Comparison]) -> str:
    """Return one line for each prediction.

    The column `asked` is at_once (all methods at the same time) or in_turn (one warm request at a
    time).
    """
    written = io.StringIO(newline="")
    lines = csv.DictWriter(written, COLUMNS)
    lines.writeheader()
    for number, one in enumerate(comparisons, 1):
        question = {"question": number, "asked_at": _iso(one.at)}
        for row in one.rows:
            for asked, predictions in (("at_once", row.predictions), ("in_turn", row.measured)):
                known = question | {"asked": asked, "engine": row.engine}
                lines.writerows(known | _line(each) for each in predictions)
    return written.getvalue()


def _line(prediction: MeasuredPrediction) -> dict[str, Any]:
    data = prediction.as_dict()
    del data["timing_ms"]
    data |= {name: _as_text(data[name]) for name in ("label", "error")}
    timing = prediction.timing_ms
    return data | {f"{part}_ms": getattr(timing, part, None) for part in PARTS}


def _as_text(written: Any) -> Any:
    """Return what a service wrote, which a guest may have written as a formula for spreadsheets."""
    is_formula = isinstance(written, str) and written.lstrip().startswith(("=", "+", "-", "@"))
    return f"'{written}" if is_formula else written


def _row(row: MethodRow) -> dict[str, Any]:
    return {
        "method": row.method,
        "engine": row.engine,
        "error": row.error,
        "cold_start_ms": row.start.cold_ms if row.start else None,
        "first_request_ms": row.start.first_ms if row.start else None,
        "at_once": [prediction.as_dict() for prediction in row.predictions],
        "in_turn": asdict(row.summary) if row.summary else None,
        "in_turn_ms": row.measured_ms,
    }


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")

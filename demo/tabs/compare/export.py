"""A reader's history as files that other programs read: JSON, whole; CSV, one line for each answer."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from demo.tabs.compare.comparison import Comparison, Row
from demo.tabs.compare.figures import PARTS

COLUMNS = (
    "question",
    "asked_at",
    "asked",
    "method",
    "text",
    "label",
    "score",
    "latency_ms",
    *(f"{part}_ms" for part in PARTS),
    "error",
)


def as_data(comparisons: Iterable[Comparison]) -> list[dict[str, Any]]:
    """Return a list of questions, oldest first. Times in milliseconds, `asked_at` in ISO 8601 (UTC)."""
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
    return json.dumps(as_data(comparisons), ensure_ascii=False, indent=1)


def as_csv(comparisons: Iterable[Comparison]) -> str:
    """Return one line for each answer: `asked` is at_once (all methods at the same time) or in_turn (one request at a time, warm)."""
    written = io.StringIO(newline="")
    lines = csv.DictWriter(written, COLUMNS)
    lines.writeheader()
    for number, one in enumerate(comparisons, 1):
        for row in one.rows:
            for asked, answers in (("at_once", row.answers), ("in_turn", row.measured)):
                for answer in answers:
                    data = answer.as_dict()
                    parts = data.pop("timing_ms") or {}
                    lines.writerow(
                        data
                        | {"question": number, "asked_at": _iso(one.at), "asked": asked}
                        | {f"{part}_ms": value for part, value in parts.items()}
                    )
    return written.getvalue()


def _row(row: Row) -> dict[str, Any]:
    return {
        "method": row.method,
        "error": row.error,
        "cold_start_ms": row.start.cold_ms if row.start else None,
        "first_request_ms": row.start.first_ms if row.start else None,
        "at_once": [answer.as_dict() for answer in row.answers],
        "in_turn": asdict(row.summary) if row.summary else None,
        "in_turn_ms": [answer.latency_ms for answer in row.measured],
    }


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")

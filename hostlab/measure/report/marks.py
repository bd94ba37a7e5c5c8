"""Pluses and minuses out of the figures, by a simple rule for each column, beside the lecture's.

The rules are one way to see it. They are stated in RULES, so that one can argue with them; the
limits are round numbers and no law. The lecture's last column has no direction that fits all of its
rows. Here it is read as: the more pluses, the easier to introduce.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hostlab.measure.report.tables import Data, Table, number

COLUMNS = (
    "simplicity",
    "scalability",
    "performance",
    "fault tolerance",
    "difficulty of adoption",
)
LECTURE = {
    "in-process": ("+++", "-", "+++", "-", "+"),
    "separate-process": ("++", "+", "++", "+", "+"),
    "docker": ("++", "++", "++", "++", "++"),
    "kubernetes": ("+", "+++", "++", "+++", "---"),
    "api": ("++", "++", "+", "++", "++"),
}
RULES = {
    "simplicity": (
        "files + commands to start, look and stop + moving parts: up to 6 is +++, up to "
        "12 ++, up to 20 +, more -."
    ),
    "scalability": (
        "throughput with 3 replicas over that with one: from 2.5 on +++, from 1.5 on "
        "++, less +; a method without replicas -."
    ),
    "performance": (
        "p50 over the best method's: up to 1.5 times is +++, up to 3 times ++, up to 6 "
        "times +, more -."
    ),
    "fault tolerance": (
        "share of the faults it came back from by itself (an update: losing at "
        "most 1 %): all +++, 2/3 ++, 1/3 +, less -."
    ),
    "difficulty of adoption": (
        "tools besides Python + GB on disk: up to 1 is +++, up to 3 ++, up "
        "to 6 +, more -. The more pluses, the easier."
    ),
}


PART_OF = dict(
    zip(COLUMNS, ("simplicity", "scalability", "latency", "faults", "difficulty"), strict=True)
)  # the part whose figures a column takes
FIGURES = {  # what a mark comes from, in English; the demo has them in the reader's language
    "none": "not measured",
    "counted": "{files} files + {commands} commands + {parts} parts = {total}",
    "one_copy": "it has one copy of its model",
    "replicas": "3 replicas do {times} times what one does, on {cores} cores",
    "p50": "p50 {p50} ms, {times} times the best",
    "back": "came back by itself from {well} of {tried}",
    "tools": "{tools} tools + {gb} GB = {total}",
}


@dataclass(frozen=True)
class Mark:
    """`ours` is None where there is no figure; `why` says which of FIGURES it comes from, `values`
    what that holds.
    """

    method: str
    column: str
    ours: str | None
    lecture: str
    why: str
    values: Mapping[str, str]

    @property
    def figure(self) -> str:
        return FIGURES[self.why].format(**self.values)

    @property
    def agrees(self) -> bool:
        """One minus and three minuses say the same."""
        return self.ours == self.lecture or (
            self.ours is not None and {self.ours[0], self.lecture[0]} == {"-"}
        )


def marks(report: Data) -> list[Mark]:
    """Return a mark for each method of the report and each column of the lecture."""
    results = report["results"]
    methods = [
        method
        for method in LECTURE
        if any(row["method"] == method for result in results.values() for row in result["rows"])
    ]
    values = {
        "simplicity": _simplicity,
        "scalability": _scalability,
        "performance": _performance,
        "fault tolerance": _faults,
        COLUMNS[4]: _difficulty,
    }
    found = {column: values[column](results) for column in COLUMNS}
    given = []
    for method in methods:
        for column, lecture in zip(COLUMNS, LECTURE[method], strict=True):
            ours, why, values = found[column].get(method, (None, "none", {}))
            given.append(
                Mark(
                    method,
                    column,
                    ours,
                    lecture,
                    why,
                    {name: str(value) for name, value in values.items()},
                )
            )
    return given


def mark_tables(report: Data) -> list[Table]:
    """Return the lecture's table with our marks in it, and what we see otherwise, with
    the figures.
    """
    given = marks(report)
    methods = list(dict.fromkeys(one.method for one in given))
    rows = []
    for method in methods:
        cells = [f"{one.ours or '?'}  ({one.lecture})" for one in given if one.method == method]
        rows.append([method, *cells])
    notes = [
        "Measured here, and the lecture's in brackets; ? where it was not measured.",
        *(f"{column}: {rule}" for column, rule in RULES.items()),
    ]
    otherwise = [
        [one.method, one.column, one.ours, one.lecture, one.figure]
        for one in given
        if one.ours and not one.agrees
    ]
    found = (
        [Table("The lecture's table, measured", ["method", *COLUMNS], rows, notes)] if rows else []
    )
    if otherwise:
        columns = ["method", "column", "measured", "lecture", "the figure"]
        found.append(
            Table(
                "Where this machine sees it otherwise",
                columns,
                otherwise,
                ["One machine, one small model, one rule: a reason to look, not a verdict."],
            )
        )
    return found


Found = dict[
    str, tuple[str, str, dict[str, object]]
]  # by method: the mark, its figure's name in FIGURES, what that holds


def _rows(results: Mapping[str, Any], part: str) -> list[Data]:
    return results[part]["rows"] if part in results else []


def _up_to(value: float, limits: tuple[float, float, float]) -> str:
    return next(
        (mark for mark, limit in zip(("+++", "++", "+"), limits, strict=True) if value <= limit),
        "-",
    )


def _simplicity(results: Mapping[str, Any]) -> Found:
    found = {}
    for row in _rows(results, "simplicity"):
        if not row["error"]:
            commands = sum(row["commands"].values())
            total = row["files"] + commands + row["moving_parts"]
            values = {
                "files": row["files"],
                "commands": commands,
                "parts": row["moving_parts"],
                "total": total,
            }
            found[row["method"]] = (_up_to(total, (6, 12, 20)), "counted", values)
    return found


def _scalability(results: Mapping[str, Any]) -> Found:
    found = {}
    for row in _rows(results, "scalability"):
        if row["error"] and "one copy" in row["error"]:
            found[row["method"]] = ("-", "one_copy", {})
        elif row["replicas"] == 3 and row["efficiency"] is not None:
            times = 3 * row["efficiency"]
            mark = "+++" if times >= 2.5 else "++" if times >= 1.5 else "+"
            found[row["method"]] = (
                mark,
                "replicas",
                {"times": number(times), "cores": results["scalability"]["cores"]},
            )
    return found


def _performance(results: Mapping[str, Any]) -> Found:
    p50s = {
        row["method"]: row["p50_ms"]["value"]
        for row in _rows(results, "latency")
        if row["p50_ms"] and not row["error"]
    }
    best = min(p50s.values(), default=0.0)
    return {
        method: (
            _up_to(p50 / best, (1.5, 3, 6)),
            "p50",
            {"p50": number(p50), "times": number(p50 / best)},
        )
        for method, p50 in p50s.items()
    }


def _faults(results: Mapping[str, Any]) -> Found:
    tried: dict[str, list[bool]] = {}
    for row in _rows(results, "faults"):
        if row["by_itself"] is not None:
            gentle = (
                row["fault"] != "rolling update"
                or row["lost"]["value"] <= 0.01 * row["sent"]["value"]
            )
            tried.setdefault(row["method"], []).append(row["by_itself"] and gentle)
        elif row["error"] and "no rolling update" in row["error"]:
            tried.setdefault(row["method"], []).append(False)
    found = {}
    for method, well in tried.items():
        share = sum(well) / len(well)
        mark = "+++" if share == 1 else "++" if share >= 2 / 3 else "+" if share >= 1 / 3 else "-"
        found[method] = (mark, "back", {"well": sum(well), "tried": len(well)})
    return found


def _difficulty(results: Mapping[str, Any]) -> Found:
    found = {}
    for row in _rows(results, "difficulty"):
        if row["disk_mb"] is not None:
            total = len(row["tools"]) + row["disk_mb"] / 1000
            values = {
                "tools": len(row["tools"]),
                "gb": number(row["disk_mb"] / 1000),
                "total": number(total),
            }
            found[row["method"]] = (_up_to(total, (1, 3, 6)), "tools", values)
    return found

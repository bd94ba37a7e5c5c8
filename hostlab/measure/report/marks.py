"""The lecture's pluses and minuses made from figures, by a simple rule for each column.

The rules (rules.py) are one reading of many. More pluses are better in every column: in the last
one, difficulty of adoption, they mean that a method is easier to adopt.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hostlab.measure.report.rules import LIMITS, RULES, Limits, Three, at_least, check_limits, up_to
from hostlab.measure.report.table import Data, Table, number

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
# The part whose figures a column uses.
PART_OF = dict(
    zip(COLUMNS, ("simplicity", "scalability", "latency", "faults", "difficulty"), strict=True)
)
# What a mark is based on, in English. The demo has these in the reader's language.
FIGURES = {
    "none": "not measured",
    "counted": "{files} files + {commands} commands + {parts} parts = {total}",
    "one_copy": "it has one copy of its model",
    "replicas": "3 replicas do {times} times as much as one, on {cores} cores",
    "best": "p50 {p50} ms, the best",
    "p50": "p50 {p50} ms, {times} times the best",
    "back": "recovered by itself from {well} of {tried}",
    "tools": "{tools} tools + {gb} GB = {total}",
}


@dataclass(frozen=True)
class Mark:
    """The mark of one method in one column.

    `ours` is None where there is no figure. `why` is a key of FIGURES, and `values` fill it.
    """

    method: str
    column: str
    ours: str | None
    lecture: str
    why: str
    values: Mapping[str, str]

    @property
    def figure(self) -> str:
        """What the mark is based on."""
        return FIGURES[self.why].format(**self.values)

    @property
    def agrees(self) -> bool:
        """Whether the mark is the lecture's. One minus and three minuses are the same."""
        if self.ours is None:
            return False
        return self.ours == self.lecture or self.ours[0] == self.lecture[0] == "-"


Values = dict[str, object]
Graded = dict[str, tuple[str, str, Values]]  # by method: the mark, a key of FIGURES, its values


def marks(report: Data, limits: Limits = LIMITS) -> list[Mark]:
    """Return a mark for each method of the report and each column of the lecture.

    `limits` replaces the project's own. Raises BadInput if it lacks a column, or if a column does
    not have three numbers in its order.
    """
    check_limits(limits)
    results = report["results"]
    measured = {row["method"] for result in results.values() for row in result["rows"]}
    graders = (_simplicity, _scalability, _performance, _faults, _difficulty)
    graded = {
        column: grade(results, limits[column])
        for column, grade in zip(COLUMNS, graders, strict=True)
    }
    found = []
    for method in LECTURE:
        for column, lecture in zip(COLUMNS, LECTURE[method], strict=True):
            if method in measured:
                ours, why, values = graded[column].get(method, (None, "none", {}))
                texts = {name: str(value) for name, value in values.items()}
                found.append(Mark(method, column, ours, lecture, why, texts))
    return found


def mark_tables(report: Data) -> list[Table]:
    """Return the lecture's table with our marks, and a table of the differences with
    the figures.
    """
    found = marks(report)
    rows = []
    for method in dict.fromkeys(one.method for one in found):
        cells = [f"{one.ours or '?'}  ({one.lecture})" for one in found if one.method == method]
        rows.append([method, *cells])
    notes = [
        "Measured here, with the lecture's mark in parentheses; ? where it was not measured.",
        *(f"{column}: {rule}" for column, rule in RULES.items()),
    ]
    different = [
        [one.method, one.column, one.ours, one.lecture, one.figure]
        for one in found
        if one.ours and not one.agrees
    ]
    tables = []
    if rows:
        tables.append(Table("The lecture's table, measured", ["method", *COLUMNS], rows, notes))
    if different:
        columns = ["method", "column", "measured", "lecture", "the figure"]
        note = "One machine, one small model, one rule: a reason to look closer, not a verdict."
        tables.append(
            Table("Where this machine differs from the lecture", columns, different, [note])
        )
    return tables


def _rows(results: Data, part: str) -> list[Data]:
    rows: list[Data] = results[part]["rows"] if part in results else []
    return rows


def _simplicity(results: Data, limits: Three) -> Graded:
    found: Graded = {}
    for row in _rows(results, "simplicity"):
        if not row["error"]:
            files, parts, commands = (
                row["files"],
                row["moving_parts"],
                sum(row["commands"].values()),
            )
            total = files + commands + parts
            values: Values = {"files": files, "commands": commands, "parts": parts, "total": total}
            found[row["method"]] = (up_to(total, limits), "counted", values)
    return found


def _scalability(results: Data, limits: Three) -> Graded:
    found: Graded = {}
    for row in _rows(results, "scalability"):
        if not row["has_replicas"]:
            found[row["method"]] = ("-", "one_copy", {})
        elif row["replicas"] == 3 and row["efficiency"] is not None:
            times = 3 * row["efficiency"]
            values: Values = {"times": number(times), "cores": results["scalability"]["cores"]}
            found[row["method"]] = (at_least(times, limits), "replicas", values)
    return found


def _performance(results: Data, limits: Three) -> Graded:
    p50s = {
        row["method"]: row["p50_ms"]["value"]
        for row in _rows(results, "latency")
        if row["p50_ms"] and row["p50_ms"]["value"] > 0 and not row["error"]
    }
    best, found = min(p50s.values(), default=0.0), Graded()
    for method, p50 in p50s.items():
        values: Values = {"p50": number(p50), "times": number(p50 / best)}
        found[method] = (up_to(p50 / best, limits), "best" if p50 == best else "p50", values)
    return found


def _faults(results: Data, limits: Three) -> Graded:
    tried: dict[str, list[bool]] = {}
    for row in _rows(results, "faults"):
        if row["by_itself"] is not None:
            is_update = row["fault"] == "rolling update"
            gentle = not is_update or row["lost"]["value"] <= 0.01 * row["sent"]["value"]
            tried.setdefault(row["method"], []).append(row["by_itself"] and gentle)
        elif row["cause"] == "impossible":
            tried.setdefault(row["method"], []).append(False)
    found: Graded = {}
    for method, well in tried.items():
        mark = at_least(sum(well) / len(well), limits)
        found[method] = (mark, "back", {"well": sum(well), "tried": len(well)})
    return found


def _difficulty(results: Data, limits: Three) -> Graded:
    found: Graded = {}
    for row in _rows(results, "difficulty"):
        if row["disk_mb"] is not None:
            tools, gb = len(row["tools"]), row["disk_mb"] / 1000
            values: Values = {"tools": tools, "gb": number(gb), "total": number(tools + gb)}
            found[row["method"]] = (up_to(tools + gb, limits), "tools", values)
    return found

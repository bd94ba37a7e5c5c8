"""What the Table tab shows: ratings measured here next to the lecture's, and their sources."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from markupsafe import Markup

from demo.formatting import moment
from demo.tabs.table.measurement import MeasureRun
from demo.templating import problem, render, stage
from demo.texts import Texts
from hostlab.measure.job import FULL, QUICK
from hostlab.measure.report.marks import COLUMNS, LECTURE, PART_OF, Mark, marks
from hostlab.measure.report.merge import Gathered, Source, gather, shipped
from hostlab.measure.report.rules import LIMITS, RULES
from hostlab.measure.report.table import Data
from hostlab.runtime.paths import ROOT


@dataclass(frozen=True)
class ColumnRule:
    """A column's name, its rule, and the limits of its ratings."""

    name: str
    rule: str
    limits: list[str]


@dataclass(frozen=True)
class Cell:
    """A rating, and whether it is of the report that ships with the project."""

    mark: Mark
    shipped: bool


def as_data() -> dict[str, Any]:
    """Return the table as plain data.

    `marks` has an entry for each cell, whose `measured` is None where there is no figure. `sources`
    and `rules` are by column. `passed_over` has each file that is no report, and the reason.
    """
    found = gather()
    return {
        "marks": [_as_dict(mark) for mark in _all_marks(found.results)],
        "sources": {
            column: _source(found.sources[part])
            for column, part in PART_OF.items()
            if part in found.sources
        },
        "rules": RULES,
        "passed_over": {str(file): reason for file, reason in found.passed_over.items()},
    }


def table(texts: Texts) -> Markup:
    """Return the table made of this user's reports, with the lecture's ratings.

    What none of them has is filled with the report that ships with the project, and named as such.
    """
    own, theirs = gather(), shipped()
    cells = [
        Cell(mine, False) if mine.ours or not other.ours else Cell(other, True)
        for mine, other in zip(_all_marks(own.results), _all_marks(theirs.results), strict=True)
    ]
    rated = [cell.mark for cell in cells if cell.mark.ours and not cell.shipped]
    filled = {PART_OF[cell.mark.column] for cell in cells if cell.shipped}
    passed_over = own.passed_over | theirs.passed_over
    return render(
        "tabs/table/table.html.j2",
        texts=texts,
        agreement=_agreement(rated, len(cells), texts) if rated else "",
        elsewhere=_elsewhere(theirs, bool(rated), texts) if filled or not rated else "",
        columns={column: texts(f"measured.column_{part}") for column, part in PART_OF.items()},
        rows={method: [one for one in cells if one.mark.method == method] for method in LECTURE},
        rated=bool(rated),
        signs=_signs,
        rules=[_rule(column, part, texts) for column, part in PART_OF.items()],
        sources=_sources(own, theirs, filled, texts),
        figure=lambda mark: _figure(mark, texts),
        remarks=[texts("measured.passed_over", reason=one) for one in passed_over.values()],
    )


def state(run: MeasureRun, texts: Texts, behind: int) -> Markup:
    """Return the state of a measurement: a bar while it runs, and the error if it failed."""
    what = texts(f"measured.part_{run.part}")
    if run.state == "waiting":
        return stage(texts("measured.waiting", what=what))
    if run.state == "running":
        sentence = _progress(run, what, texts)
        if behind:
            sentence += " " + texts("load.behind", count=behind)
        now = run.sentence.text(texts.language) if run.sentence else ""
        return render("tabs/table/running.html.j2", run=run, what=what, sentence=sentence, now=now)
    ended = stage(texts("measured.stopped" if run.stopping else "measured.ended", what=what))
    return ended + problem(run.error) if run.error else ended


def _agreement(rated: list[Mark], total: int, texts: Texts) -> str:
    agree = sum(mark.agrees for mark in rated)
    missing = total - len(rated)
    return texts("measured.agreement", agree=agree, count=len(rated), missing=missing)


def _elsewhere(found: Gathered, rated: bool, texts: Texts) -> str:
    """Return when and where the table that ships with the project was measured."""
    source = next(iter(found.sources.values()), None)  # all parts come from one report
    if source is None:
        return texts("measured.empty")
    name = "measured.shipped_some" if rated else "measured.shipped"
    return texts(name, at=_at(source, texts), machine=_source(source)["machine"])


def _progress(run: MeasureRun, what: str, texts: Texts) -> str:
    name = "measured.stopping" if run.stopping else "measured.running"
    left = texts("measured.left", minutes=max(1, round(run.left_s / 60))) if run.left_s else ""
    return texts(name, what=what, percent=texts.percent(run.done), left=left).rstrip(" ,")


def _all_marks(results: dict[str, Data]) -> list[Mark]:
    """Return a mark for each cell, including methods without any figure."""
    found = {(mark.method, mark.column): mark for mark in marks({"results": results})}
    return [
        found.get((method, column)) or Mark(method, column, None, lecture, "none", {})
        for method, row in LECTURE.items()
        for column, lecture in zip(COLUMNS, row, strict=True)
    ]


def _as_dict(mark: Mark) -> dict[str, Any]:
    return {
        "method": mark.method,
        "column": mark.column,
        "measured": mark.ours,
        "lecture": mark.lecture,
        "agrees": mark.agrees if mark.ours else None,
        "figure": mark.figure,
        "values": mark.values,
    }


def _figure(mark: Mark, texts: Texts) -> str:
    """Return what a mark is based on."""
    values = {name: texts.number(value) for name, value in mark.values.items()}
    return texts(f"measured.figure_{mark.why}", **values)


def _signs(mark: str) -> str:
    """Return pluses and minuses of the same width: from the last row, a hyphen is hard to see."""
    return mark.replace("-", "−")


def _rule(column: str, part: str, texts: Texts) -> ColumnRule:
    name, rule = texts(f"measured.column_{part}"), texts(f"measured.rule_{part}")
    return ColumnRule(name, rule, _limits(column, texts))


def _limits(column: str, texts: Texts) -> list[str]:
    """Return the limit of each rating, as in "≤ 6: +++"."""
    limits = LIMITS[column]
    less_is_better = limits[0] < limits[2]
    sign = "≤" if less_is_better else "≥"
    words = [f"{sign} {_limit(one, texts)}" if one else texts("measured.less") for one in limits]
    rest = "measured.more" if less_is_better else "measured.less"
    words.append(texts(rest if limits[2] else "measured.no_replicas"))
    return [f"{word}: {mark}" for word, mark in zip(words, ("+++", "++", "+", "−"), strict=True)]


def _limit(value: float, texts: Texts) -> str:
    if 0 < value < 1:
        return str(Fraction(value).limit_denominator(3))
    return texts.number(f"{value:g}")


def _sources(own: Gathered, theirs: Gathered, filled: set[str], texts: Texts) -> list[str]:
    """Return for each report the columns that it fills, and a line for each that none fills.

    `filled` are the parts that have figures of the report that ships with the project.
    """
    columns: dict[tuple[str, str], list[str]] = {}
    missing = []
    for part in PART_OF.values():
        name = texts(f"measured.column_{part}")
        reports = (own, theirs) if part in filled else (own,)
        found = [one.sources[part] for one in reports if part in one.sources]
        for source in found:
            key = str(source.file), _where(source, texts)
            columns.setdefault(key, []).append(name)
        if not found:
            missing.append(texts("measured.nowhere", column=name, part=part))
    lines = [f"{'; '.join(names)}: {where}" for (_, where), names in columns.items()]
    return lines + missing


def _where(source: Source, texts: Texts) -> str:
    return texts(
        "measured.where",
        at=_at(source, texts),
        effort=_effort(source.effort, texts),
        machine=_source(source)["machine"],
        file=_short_path(source.file),
    )


def _at(source: Source, texts: Texts) -> str:
    return moment(source.measured_at, texts("page.date_time"))


def _short_path(file: Path) -> str:
    """Return a path as seen from the project, or from the reader's home folder."""
    for folder, prefix in ((ROOT, ""), (Path.home(), "~/")):
        if file.is_relative_to(folder):
            return prefix + file.relative_to(folder).as_posix()
    return str(file)


def _effort(name: str, texts: Texts) -> str:
    """Return how much was measured; a report of a program, such as a lesson, has its own word."""
    return texts(f"measured.effort_{name}") if name in (FULL.name, QUICK.name) else name


def _source(source: Source) -> dict[str, str]:
    machine = source.machine
    return {
        "file": str(source.file),
        "measured_at": source.measured_at,
        "effort": source.effort,
        "machine": f"{machine['processor']}, {machine['threads']} threads, "
        f"{machine['memory_gb']} GB, {machine['system']}",
    }

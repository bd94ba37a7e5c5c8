"""What the Table tab shows: ratings measured here next to the lecture's, and their sources."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from demo.tabs.table.measurement import MeasureRun
from demo.templating import problem, render, stage
from demo.texts import Texts
from hostlab.measure.job import FULL, QUICK
from hostlab.measure.report.marks import COLUMNS, LECTURE, PART_OF, Mark, marks
from hostlab.measure.report.merge import Gathered, Source, gather, shipped
from hostlab.measure.report.rules import RULES
from hostlab.measure.report.table import Data


@dataclass(frozen=True)
class ColumnRule:
    """A column's name, its rule, and where its figures come from."""

    name: str
    rule: str
    source: str


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

    While none of them has a rating, it is the table that ships with the project, named as such.
    """
    own = found = gather()
    known = _all_marks(own.results)
    rated = [mark for mark in known if mark.ours]
    if not rated:
        found = shipped()
        known = _all_marks(found.results)
    agreement = texts(
        "measured.agreement",
        agree=sum(mark.agrees for mark in rated),
        count=len(rated),
        missing=len(known) - len(rated),
    )
    passed_over = own.passed_over | found.passed_over
    return render(
        "tabs/table/table.html.j2",
        texts=texts,
        agreement=agreement,
        elsewhere="" if rated else _elsewhere(found, texts),
        columns={column: texts(f"measured.column_{part}") for column, part in PART_OF.items()},
        rows={method: [mark for mark in known if mark.method == method] for method in LECTURE},
        signs=_signs,
        figure=lambda mark: _figure(mark, texts),
        rules=[_rule(part, found.sources.get(part), texts) for part in PART_OF.values()],
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
        return render("tabs/table/running.html.j2", run=run, what=what, sentence=sentence)
    ended = stage(texts("measured.stopped" if run.stopping else "measured.ended", what=what))
    return ended + problem(run.error) if run.error else ended


def _elsewhere(found: Gathered, texts: Texts) -> str:
    """Return when and where the table that ships with the project was measured."""
    source = next(iter(found.sources.values()), None)  # all parts come from one report
    if source is None:
        return texts("measured.empty")
    facts = _source(source)
    return texts("measured.shipped", at=facts["measured_at"][:10], machine=facts["machine"])


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


def _rule(part: str, source: Source | None, texts: Texts) -> ColumnRule:
    name, rule = texts(f"measured.column_{part}"), texts(f"measured.rule_{part}")
    if source is None:
        return ColumnRule(name, rule, texts("measured.nowhere", part=part))
    facts = _source(source)
    where = texts(
        "measured.where",
        at=facts["measured_at"],
        effort=_effort(source.effort, texts),
        machine=facts["machine"],
        file=facts["file"],
    )
    return ColumnRule(name, rule, where)


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

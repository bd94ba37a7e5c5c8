"""What the Table tab shows, as HTML: marks measured here beside the lecture's, the figure behind each, and where it was measured."""

from html import escape
from typing import Any

from demo.html import empty, method_name, said_html, stage
from demo.tabs.table.measurement import MeasureRun
from demo.texts import Texts
from hostlab.measure.report.marks import COLUMNS, LECTURE, PART_OF, RULES, Mark, marks
from hostlab.measure.report.merge import Source, gather


def as_data() -> dict[str, Any]:
    """Return the table as plain data: `marks`, a row for each cell; `sources`, by column; `rules`, by column. Measured is None where nothing was."""
    results, sources = gather()
    rows = []
    for one in _marks(results):
        told = {
            "method": one.method,
            "column": one.column,
            "measured": one.ours,
            "lecture": one.lecture,
            "agrees": one.agrees if one.ours else None,
        }
        rows.append(told | {"figure": one.figure, "values": one.values})
    named = {column: _source(sources[part]) for column, part in PART_OF.items() if part in sources}
    return {"marks": rows, "sources": named, "rules": RULES}


def table(texts: Texts) -> str:
    """Return the table made of this user's reports; where there is none yet, the lecture's alone, and what to do."""
    results, sources = gather()
    given = _marks(results)
    heads = "".join(
        f'<th scope="col">{escape(texts(f"measured.column_{part}"))}</th>'
        for part in PART_OF.values()
    )
    rows = []
    for method in LECTURE:
        cells = "".join(_cell(one, texts) for one in given if one.method == method)
        rows.append(
            f'<tr data-method="{method}"><th scope="row">{method_name(method, texts)}</th>{cells}</tr>'
        )
    head = f'<thead><tr><th scope="col">{escape(texts("table.method"))}</th>{heads}</tr></thead>'
    shown = f'<table class="hl-table hl-marked"><caption>{escape(texts("measured.caption"))}</caption>{head}<tbody>{"".join(rows)}</tbody></table>'
    measured = any(one.ours for one in given)
    before = (
        f'<p class="hl-agreement">{escape(_agreement(given, texts))}</p>'
        if measured
        else empty(texts, "measured.empty")
    )
    return (
        before
        + shown
        + f'<p class="hl-quiet">{escape(texts("measured.how"))}</p>'
        + _behind(sources, texts)
    )


def state(run: MeasureRun, texts: Texts, behind: int) -> str:
    """Return where a measurement stands, with a bar while it goes on."""
    what = texts(f"measured.part_{run.part}")
    if run.state == "waiting":
        return stage(texts("measured.waiting", what=what))
    if run.state == "running":
        left = texts("measured.left", minutes=max(1, round(run.left_s / 60))) if run.left_s else ""
        said = texts(
            "measured.stopping" if run.stopping else "measured.running",
            what=what,
            percent=f"{run.done:.0%}",
            left=left,
        ).strip(" ,")
        said += " " + texts("load.behind", count=behind) if behind else ""
        bar = f'<progress class="hl-progress" max="1" value="{run.done:.3f}" aria-label="{escape(what, quote=True)}"></progress>'
        return stage(said) + bar + f'<p class="hl-quiet">{escape(run.sentence)}</p>'
    return stage(texts("measured.stopped" if run.stopping else "measured.ended", what=what))


def _marks(results: dict[str, Any]) -> list[Mark]:
    """Return a mark for each cell, also of methods about which there is no figure."""
    found = {(one.method, one.column): one for one in marks({"results": results})}
    return [
        found.get((method, column)) or Mark(method, column, None, lecture, "none", {})
        for method, row in LECTURE.items()
        for column, lecture in zip(COLUMNS, row, strict=True)
    ]


def _cell(one: Mark, texts: Texts) -> str:
    name = texts(f"measured.column_{PART_OF[one.column]}")
    agrees = "unknown" if one.ours is None else str(one.agrees).lower()
    ours = "?" if one.ours is None else ("" if one.agrees else "≠ ") + _signs(one.ours)
    lecture = escape(texts("measured.lecture", mark=_signs(one.lecture)))
    figure = escape(texts(f"measured.figure_{one.why}", **one.values))
    return (
        f'<td data-name="{escape(name, quote=True)}" data-agrees="{agrees}"><span class="hl-mark-cell"><b>{ours}</b> <i>{lecture}</i>'
        f'<span class="hl-quiet">{figure}</span></span></td>'
    )


def _signs(mark: str) -> str:
    """Return pluses and minuses of one width: a hyphen is hardly seen from the last row."""
    return mark.replace("-", "−")


def _agreement(given: list[Mark], texts: Texts) -> str:
    told = [one for one in given if one.ours]
    return texts(
        "measured.agreement",
        agree=sum(one.agrees for one in told),
        count=len(told),
        missing=len(given) - len(told),
    )


def _behind(sources: dict[str, Source], texts: Texts) -> str:
    """Return the rule of each column, and the report that its figures come from."""
    lines = []
    for part in PART_OF.values():
        source = sources.get(part)
        where = texts("measured.nowhere", part=part) if source is None else _where(source, texts)
        name, rule = texts(f"measured.column_{part}"), texts(f"measured.rule_{part}")
        lines.append(
            f'<dt><b>{escape(name)}</b></dt><dd>{escape(rule)}<br><span class="hl-quiet">{said_html(where)}</span></dd>'
        )
    return f'<details class="hl-texts" open><summary>{escape(texts("measured.behind"))}</summary><dl class="hl-rules">{"".join(lines)}</dl></details>'


def _where(source: Source, texts: Texts) -> str:
    told = _source(source)
    effort = texts(f"measured.effort_{source.effort}")
    return texts(
        "measured.where",
        at=told["measured_at"],
        effort=effort,
        machine=told["machine"],
        file=told["file"],
    )


def _source(source: Source) -> dict[str, str]:
    machine = source.machine
    on = f"{machine['processor']}, {machine['threads']} threads, {machine['memory_gb']} GB, {machine['system']}"
    return {
        "file": str(source.file),
        "measured_at": source.measured_at,
        "effort": source.effort,
        "machine": on,
    }

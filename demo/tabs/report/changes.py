"""What the Report tab shows of two reports: which figures differ by more than noise."""

from dataclasses import asdict, dataclass

from markupsafe import Markup

from demo.tabs.report.saved import LoadName, QuestionName, SavedReport
from demo.templating import problem, render
from demo.texts import Texts
from hostlab.measure.report import table
from hostlab.measure.report.diff import FigureChange, FigureName, change_in_percent, changes
from hostlab.measure.statistics import Figure

MAX_CHARACTERS = 80  # of a text in the table


@dataclass(frozen=True)
class LoadedReports:
    """The files that a reader has loaded; None: compare with what the page holds now."""

    then: SavedReport
    now: SavedReport | None = None


def comparison(then: SavedReport, now: SavedReport | None, texts: Texts) -> Markup:
    """Return what changed, or why that cannot be known.

    `now` is None where there is nothing yet to compare with.
    """
    if now is None:
        return problem(texts("changes.nothing_measured"))
    if then.kind != now.kind:
        return problem(texts("changes.two_kinds"))
    found = changes(then.figures, now.figures)
    if not found:
        return problem(texts(f"changes.nothing_{then.kind}"))
    known = [one for one in found if one.more_than_noise is not None]
    beyond = [one for one in known if one.more_than_noise]
    return render(
        "tabs/report/changes.html.j2",
        texts=texts,
        summary=_summary(len(beyond), len(known), texts),
        reports={"then": _named(then, texts), "now": _named(now, texts)},
        hints=_differences(then, now, texts),
        beyond=beyond,
        others=[one for one in found if not one.more_than_noise],
        verdict=_verdict,
        what=_what,
        value=_value,
        percent=change_in_percent,
        by_chance=texts("changes.by_chance", count=len(known)),
    )


def _summary(beyond: int, known: int, texts: Texts) -> str:
    if not known:
        return texts("changes.unknown")
    return texts("changes.some" if beyond else "changes.none", beyond=beyond, known=known)


def _named(report: SavedReport, texts: Texts) -> str:
    name = report.name or texts(f"changes.current_{report.kind}")
    return f"{name}, {report.made_at[:16].replace('T', ' ')}"


def _differences(then: SavedReport, now: SavedReport, texts: Texts) -> list[str]:
    """Return what besides time lies between the two reports."""
    hints = []
    if then.processor != now.processor:
        hints.append(texts("changes.machines", then=then.processor, now=now.processor))
    for method in then.engines.keys() & now.engines.keys():
        if (before := then.engines[method]) != (after := now.engines[method]):
            name = texts.title(method)
            hints.append(texts("changes.engines", method=name, then=before, now=after))
    return sorted(hints)


def _verdict(change: FigureChange) -> str:
    """Return the name of the verdict's text."""
    if change.more_than_noise is None:
        return "few"
    if not change.more_than_noise:
        return "noise"
    return "more" if change.now.value > change.then.value else "less"


def _what(name: FigureName, texts: Texts) -> str:
    """Return what a figure measures. The figures of a measurement have the names of its file."""
    if isinstance(name, QuestionName):
        text, *more = name.texts
        short = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
        return texts("changes.question", text=short + (f" (+{len(more)})" if more else ""))
    if isinstance(name, LoadName):
        load = texts(f"load.short_{name.kind}", level=f"{name.level:g}")
        return texts("changes.load", load=load, figure=name.name)
    return f"`{name.part}` {name.name}"


def _value(figure: Figure, texts: Texts) -> str:
    unit = texts(f"changes.unit_{figure.unit}") if figure.unit in ("ms", "s") else figure.unit
    return f"{table.figure(asdict(figure))} {unit}"

"""What the Report tab shows of two reports: which figures differ by more than noise."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from demo.tabs.report import change_text
from demo.tabs.report.saved import SavedReport
from demo.tabs.report.session_form import LoadName
from demo.templating import problem, render
from demo.texts import Texts
from hostlab.measure.report.diff import FigureChange, changes


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
    hints = []
    if then.made_at > now.made_at:
        then, now = now, then
        hints.append(texts("changes.swapped"))
    both = changes(then.figures, now.figures)
    if not both:
        return problem(texts(f"changes.nothing_{then.kind}"))
    found = changes(then.figures, now.since(then).figures)
    if not found:
        return problem(texts(f"changes.same_{then.kind}"))
    if shared := now.shared_with(then):
        hints.append(texts("changes.skipped", count=shared))
    groups: dict[str, list[FigureChange]] = {"changed": [], "noise": [], "few": []}
    for one in found:
        groups[_group(one)].append(one)
    counts = {name: len(group) for name, group in groups.items()}
    return render(
        "tabs/report/changes.html.j2",
        texts=texts,
        summary=texts("changes.summary", count=len(found), **counts),
        reports={"then": _named(then, texts), "now": _named(now, texts)},
        hints=[*hints, *_differences(then, now, found, texts)],
        groups=groups,
        advice=texts(f"changes.advice_{then.kind}") if groups["few"] else "",
        verdict=_verdict,
        better=change_text.is_better,
        what=change_text.what,
        value=change_text.value,
        moved=change_text.moved,
        has_asterisk=any(figure.note for one in found for figure in (one.then, one.now)),
    )


def _named(report: SavedReport, texts: Texts) -> str:
    name = report.name or texts(f"changes.current_{report.kind}")
    return f"{name}, {report.made_at:%Y-%m-%d %H:%M}"


def _differences(
    then: SavedReport, now: SavedReport, found: Sequence[FigureChange], texts: Texts
) -> list[str]:
    """Return what besides time lies between the two reports."""
    hints = []
    if then.processor != now.processor:
        hints.append(texts("changes.machines", then=then.processor, now=now.processor))
    for method in then.engines.keys() & now.engines.keys():
        if (before := then.engines[method]) != (after := now.engines[method]):
            name = texts.title(method)
            hints.append(texts("changes.engines", method=name, then=before, now=after))
    return sorted(hints) + _disturbed(then, now, found, texts)


def _disturbed(
    then: SavedReport, now: SavedReport, found: Sequence[FigureChange], texts: Texts
) -> list[str]:
    """Return under which loads a method was killed or restarted in one of the reports."""
    places = dict.fromkeys(one.name.place for one in found if isinstance(one.name, LoadName))
    hints = []
    for place in places:
        before, after = then.disturbances.get(place, ()), now.disturbances.get(place, ())
        if before or after:
            hints.append(
                texts(
                    "changes.disturbed",
                    method=texts.title(place.method),
                    load=change_text.load(place, texts),
                    then=change_text.events(before, texts),
                    now=change_text.events(after, texts),
                )
            )
    return hints


def _group(change: FigureChange) -> str:
    """Return whether a figure changed; what the load generator bounds says nothing of a service."""
    if change.more_than_noise is None or change.then.note or change.now.note:
        return "few"
    return "changed" if change.more_than_noise else "noise"


def _verdict(change: FigureChange) -> str:
    """Return the name of the verdict's text."""
    group = _group(change)
    if group != "changed":
        return group
    return "more" if change.now.value > change.then.value else "less"

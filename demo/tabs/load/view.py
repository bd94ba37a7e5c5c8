"""What the Load tab shows, as HTML: where a load stands, its charts, its figures. The report shows the same."""

from collections.abc import Iterable
from html import escape

from demo.charts import ChartEvent, Line, chart
from demo.html import method_name, said_html, stage
from demo.tabs.load.run import LoadRun, Phase, Track
from demo.texts import Texts
from hostlab.measure.load.measurement import LoadFigures
from hostlab.measure.report.tables import number
from hostlab.measure.statistics import Figure

_CHARTS = ("per_s", "lost", "p50_ms", "p95_ms", "p99_ms")
_TOLD_S = 0.4  # a second is drawn when all of its samples have been told


def load(run: LoadRun, texts: Texts) -> str:
    """Return a load that runs, waits or has ended: charts and figures."""
    if not any(track.elapsed_s or track.error for track in run.tracks.values()):
        return ""
    return legend(run.methods, texts) + charts(run, texts) + table(run, texts)


def asked(run: LoadRun, texts: Texts) -> str:
    """Return in words what load was asked for."""
    plan = run.plan
    words = [
        texts(f"load.asked_{plan.kind}", level=f"{plan.level:g}"),
        texts("load.asked_seconds", seconds=f"{plan.seconds:g}"),
    ]
    words += [texts("load.asked_ramp", seconds=f"{plan.ramp_s:g}")] if plan.ramp_s else []
    words += (
        [texts("load.asked_turns" if plan.in_turn else "load.asked_after")]
        if len(run.methods) > 1
        else []
    )
    return ", ".join(words)


def legend(methods: Iterable[str], texts: Texts) -> str:
    return f'<p class="hl-legend">{" ".join(method_name(method, texts) for method in methods)}</p>'


def charts(run: LoadRun, texts: Texts) -> str:
    """Return the five charts, each with a line for every method: throughput, requests lost, p50, p95, p99."""
    until_s = run.plan.ramp_s + run.plan.seconds
    points = {
        track.method: track.bins.points(track.elapsed_s - (0 if run.over else _TOLD_S))
        for track in run.tracks.values()
    }
    marks = [
        ChartEvent(event.at_s, track.method, texts(f"load.mark_{event.what}", to=f"{event.level or 0:g}"))
        for track in list(run.tracks.values())
        for event in track.events
    ]
    drawn = []
    for name in _CHARTS:
        lines: dict[str, Line] = {
            method: [(one.second + 0.5, getattr(one, name)) for one in known]
            for method, known in points.items()
        }
        latest = {
            method: next((value for _, value in reversed(line) if value is not None), None)
            for method, line in lines.items()
        }
        described = "; ".join(
            f"{texts.title(method)}: {number(value)}" for method, value in latest.items()
        )
        told = marks if name in _CHARTS[:2] else [ChartEvent(one.at_s, one.method, "") for one in marks]
        drawn.append(
            chart(texts(f"load.chart_{name}"), lines, until_s, told, described, texts("load.unit"))
        )
    return f'<div class="hl-charts">{"".join(drawn)}</div>'


def table(run: LoadRun, texts: Texts) -> str:
    """Return the figures: a row for each method and level."""
    names = [
        texts(f"load.{name}")
        for name in ("method", "put", "over", "per_s", "p50", "p95", "p99", "lost")
    ]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(_rows(run, track, names, texts) for track in run.tracks.values())
    bounded = any(
        _bounded(phase.figures) for track in run.tracks.values() for phase in track.phases
    )
    note = texts("load.how") + (" " + texts("load.bounded") if bounded else "")
    return (
        f'<table class="hl-table hl-figures"><caption>{escape(texts("load.caption"))}</caption><thead><tr>{head}</tr></thead>'
        f'<tbody>{body}</tbody></table><p class="hl-quiet">{escape(note)}</p>'
    )


def state(run: LoadRun, texts: Texts, ahead: int, behind: int) -> str:
    """Return in a sentence where a load stands, and how many wait for it."""
    if run.state == "ended":
        said = texts("load.stopped" if run.stopping else "load.ended")
    elif run.state == "waiting":
        said = texts("load.waiting_own", count=ahead)
    elif run.state == "ending" or run.stopping:
        said = texts("load.ending")
    else:
        said = texts(
            "load.running",
            method=texts.title(run.now) if run.now else "…",
            left=f"{run.left_s:.0f}",
        )
    return stage(
        f"{asked(run, texts)}. {said}"
        + (" " + texts("load.behind", count=behind) if behind else "")
    )


def _rows(run: LoadRun, track: Track, names: list[str], texts: Texts) -> str:
    rows = [_row(run, track, phase, names, texts) for phase in track.phases if phase.figures]
    if track.error:
        rows.append(
            f'<tr data-method="{track.method}"><th scope="row">{method_name(track.method, texts)}</th>'
            f'<td class="hl-error" colspan="7">✕ {said_html(track.error)}</td></tr>'
        )
    return "".join(rows)


def _row(run: LoadRun, track: Track, phase: Phase, names: list[str], texts: Texts) -> str:
    figures = phase.figures
    until_s = phase.until_s if phase.until_s is not None else track.elapsed_s
    level = texts(f"load.short_{run.plan.kind}", level=f"{phase.level:g}")
    latencies = [_figure(one) for one in (figures.p50_ms, figures.p95_ms, figures.p99_ms)]
    lost = texts("load.of", lost=figures.lost, sent=figures.sent)
    if figures.lost:
        lost = f'<span class="hl-error">✕ {lost}</span>'
    values = [
        escape(level),
        f"{phase.from_s:.0f}–{until_s:.0f} {texts('load.unit')}",
        f"<b>{number(figures.per_s)}</b>",
        *latencies,
        lost,
    ]
    cells = "".join(
        f'<td data-name="{escape(name, quote=True)}">{value}</td>'
        for name, value in zip(names[1:], values, strict=True)
    )
    return f'<tr data-method="{track.method}"><th scope="row">{method_name(track.method, texts)}</th>{cells}</tr>'


def _figure(figure: Figure | None) -> str:
    """Return a figure, a star where the generator bounds it, and its interval where there is one."""
    if figure is None:
        return "–"
    between = (
        f' <small class="hl-quiet">[{number(figure.low)}–{number(figure.high)}]</small>'
        if figure.low is not None
        else ""
    )
    return f"{number(figure.value)}{' *' if figure.note else ''}{between}"


def _bounded(figures: LoadFigures | None) -> bool:
    return bool(figures and figures.p50_ms and figures.p50_ms.note)

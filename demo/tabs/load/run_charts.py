"""The charts of a load: throughput, lost requests, and percentiles for each second."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup

from demo.charts import ChartEvent, Line, chart
from demo.tabs.load.bins import SecondFigures
from demo.tabs.load.run import LoadRun
from demo.tabs.load.saved_form import SavedLoad, SavedSecond
from demo.tabs.load.track import Track
from demo.texts import Texts
from hostlab.measure.report.table import number

_CHARTS = ("per_s", "lost", "p50_ms", "p95_ms", "p99_ms")
_LABELED_CHARTS = ("per_s", "lost")  # these show what each event was; the others only when
_COMPLETE_AFTER_S = 0.4  # by then, the generator has reported all samples of a second


def of_run(run: LoadRun, texts: Texts, behind: Sequence[SavedLoad] = ()) -> Iterator[Markup]:
    """Yield the five charts, each with a line for every method, and those of the replicas.

    The loads of `behind` are drawn behind it, on the same axes.
    """
    incomplete_s = 0 if run.over else _COMPLETE_AFTER_S
    seconds = {
        track.method: track.bins.figures(track.elapsed_s - incomplete_s)
        for track in run.tracks.values()
    }
    events = list(_events(run, texts))
    without_labels = [replace(event, label="") for event in events]
    until_s = max([run.plan.total_s, *(load.plan.total_s for load in behind)])
    offered = {} if run.plan.kind == "closed" else _offered(run)
    for name in _CHARTS:
        lines = {method: _line(figures, name) for method, figures in seconds.items()}
        yield chart(
            texts(f"load.chart_{name}"),
            lines,
            until_s,
            texts,
            events if name in _LABELED_CHARTS else without_labels,
            "; ".join(f"{texts.title(one)}: {_latest(line, texts)}" for one, line in lines.items()),
            behind=[_lines(load, name) for load in behind],
            offered=offered if name == "per_s" else None,
            note=texts("load.chart_offered") if offered and name == "per_s" else "",
        )
    yield from _replica_charts(run, until_s, texts)


def of_earlier(loads: Sequence[SavedLoad], texts: Texts) -> Iterator[Markup]:
    """Yield the five charts of loads that have ended, without one in front of them."""
    until_s = max(load.plan.total_s for load in loads)
    for name in _CHARTS:
        behind = [_lines(load, name) for load in loads]
        yield chart(texts(f"load.chart_{name}"), {}, until_s, texts, behind=behind)


def _replica_charts(run: LoadRun, until_s: float, texts: Texts) -> Iterator[Markup]:
    """Yield the charts of the replicas wanted and ready, if an autoscaler sets their number."""
    tracks = [track for track in run.tracks.values() if track.replicas]
    for name in ("wanted", "ready") if tracks else ():
        lines = {track.method: _steps(track, name) for track in tracks}
        yield chart(
            texts(f"load.chart_{name}"),
            lines,
            until_s,
            texts,
            description="; ".join(
                f"{texts.title(one)}: {_latest(line, texts)}" for one, line in lines.items()
            ),
        )


def _offered(run: LoadRun) -> dict[str, Line]:
    """Return the rate of an open load on each method: a ramp-up, then a level line for each phase.

    Users in a closed loop have no rate: they wait for their responses.
    """
    return {track.method: _rate(track, run) for track in run.tracks.values() if track.elapsed_s}


def _rate(track: Track, run: LoadRun) -> Line:
    first = track.phases[0].level if track.phases else run.level
    ramp_end_s = min(run.plan.ramp_s, track.elapsed_s)
    points = [(at_s, run.plan.ramped(first, at_s)) for at_s in (0.0, ramp_end_s) if ramp_end_s]
    for phase in track.phases:
        until_s = track.elapsed_s if phase.until_s is None else phase.until_s
        points += [(phase.from_s, phase.level), (until_s, phase.level)]
    return points


def _steps(track: Track, name: str) -> Line:
    """Return a line that stays level between changes, and goes on until now."""
    points: list[tuple[float, float | None]] = []
    for before, count in zip([track.replicas[0], *track.replicas], track.replicas, strict=False):
        points += [(count.at_s, getattr(before, name)), (count.at_s, getattr(count, name))]
    return [*points, (track.elapsed_s, getattr(track.replicas[-1], name))]


def _lines(load: SavedLoad, name: str) -> dict[str, Line]:
    return {track.method: _line(track.seconds, name) for track in load.rows}


def _line(seconds: Sequence[SecondFigures | SavedSecond], name: str) -> Line:
    return [(one.second + 0.5, getattr(one, name)) for one in seconds]


def _latest(line: Line, texts: Texts) -> str:
    latest = next((value for _, value in reversed(line) if value is not None), None)
    return texts.number(number(latest))


def _events(run: LoadRun, texts: Texts) -> Iterator[ChartEvent]:
    for track in run.tracks.values():
        for event in track.events:
            label = texts(f"load.mark_{event.what}", to=texts.number(f"{event.level or 0:g}"))
            yield ChartEvent(event.at_s, track.method, label)
        for outage in track.outages:
            if outage.until_s is not None:
                yield ChartEvent(outage.until_s, track.method, texts("load.mark_back"))

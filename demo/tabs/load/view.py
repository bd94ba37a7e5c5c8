"""What the Load tab shows: the state of a load, its charts, its figures.

The report shows the same.
"""

from collections.abc import Iterator
from dataclasses import replace

from markupsafe import Markup

from demo.charts import ChartEvent, Line, chart
from demo.tabs.load import run_state
from demo.tabs.load.bins import SecondFigures
from demo.tabs.load.run import LoadRun
from demo.tabs.load.track import Track
from demo.templating import render
from demo.texts import Texts
from hostlab.measure.load.generator import MAX_CONNECTIONS
from hostlab.measure.report.table import number

_CHARTS = ("per_s", "lost", "p50_ms", "p95_ms", "p99_ms")
_LABELED_CHARTS = ("per_s", "lost")  # these show what each event was; the others only when
_COMPLETE_AFTER_S = 0.4  # by then, the generator has reported all samples of a second


def results(run: LoadRun, texts: Texts) -> Markup:
    """Return the charts and figures of a load; empty until there are any."""
    tracks = run.tracks.values()
    if not any(track.elapsed_s or track.error for track in tracks):
        return Markup()
    known = [phase.figures for track in tracks for phase in track.phases if phase.figures]
    return render(
        "tabs/load/results.html.j2",
        texts=texts,
        run=run,
        charts=list(_charts(run, texts)),
        number=lambda value: texts.number(number(value)),
        outages=list(_outages(run, texts)),
        causes=[_causes(track, texts) for track in tracks if track.lost_by_status],
        usage_unknown=not run.over and not all(track.usage_known for track in tracks),
        how=_how(run, texts),
        bounded=any(figures.p50_ms and figures.p50_ms.note for figures in known),
    )


def state(run: LoadRun, texts: Texts, ahead: int, behind: int) -> Markup:
    """Return the plan and state of a load, and how many runs are queued behind it."""
    method = texts.title(run.now) if run.now else "…"
    running = texts("load.running", method=method, left=f"{run.left_s:.0f}")
    return run_state.state(run, f"{_planned(run, texts)}.", running, texts, ahead, behind)


def _planned(run: LoadRun, texts: Texts) -> str:
    plan = run.plan
    pieces = [
        texts(f"load.asked_{plan.kind}", level=texts.number(f"{plan.level:g}")),
        texts("load.asked_seconds", seconds=texts.number(f"{plan.seconds:g}")),
    ]
    if plan.ramp_s:
        pieces.append(texts("load.asked_ramp", seconds=texts.number(f"{plan.ramp_s:g}")))
    if len(run.methods) > 1:
        pieces.append(texts("load.asked_in_turn" if plan.in_turn else "load.asked_after"))
    return ", ".join(pieces)


def _charts(run: LoadRun, texts: Texts) -> Iterator[Markup]:
    """Yield the five charts, each with a line for every method, and those of the replicas."""
    incomplete_s = 0 if run.over else _COMPLETE_AFTER_S
    seconds = {
        track.method: track.bins.figures(track.elapsed_s - incomplete_s)
        for track in run.tracks.values()
    }
    events = list(_events(run, texts))
    without_labels = [replace(event, label="") for event in events]
    for name in _CHARTS:
        lines = {method: _line(figures, name) for method, figures in seconds.items()}
        yield chart(
            texts(f"load.chart_{name}"),
            lines,
            run.plan.total_s,
            texts,
            events if name in _LABELED_CHARTS else without_labels,
            "; ".join(f"{texts.title(one)}: {_latest(line, texts)}" for one, line in lines.items()),
        )
    yield from _replica_charts(run, texts)


def _replica_charts(run: LoadRun, texts: Texts) -> Iterator[Markup]:
    """Yield the charts of the replicas wanted and ready, if an autoscaler sets their number."""
    tracks = [track for track in run.tracks.values() if track.replicas]
    for name in ("wanted", "ready") if tracks else ():
        lines = {track.method: _steps(track, name) for track in tracks}
        yield chart(
            texts(f"load.chart_{name}"),
            lines,
            run.plan.total_s,
            texts,
            description="; ".join(
                f"{texts.title(one)}: {_latest(line, texts)}" for one, line in lines.items()
            ),
        )


def _steps(track: Track, name: str) -> Line:
    """Return a line that stays level between changes, and goes on until now."""
    points: list[tuple[float, float | None]] = []
    for before, count in zip([track.replicas[0], *track.replicas], track.replicas, strict=False):
        points += [(count.at_s, getattr(before, name)), (count.at_s, getattr(count, name))]
    return [*points, (track.elapsed_s, getattr(track.replicas[-1], name))]


def _line(seconds: list[SecondFigures], name: str) -> Line:
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


def _how(run: LoadRun, texts: Texts) -> str:
    """Return from when latency counts."""
    if run.plan.kind == "closed":
        return texts("load.how_closed")
    return texts("load.how_open", connections=MAX_CONNECTIONS)


def _causes(track: Track, texts: Texts) -> str:
    """Return why requests got no prediction."""
    causes = [
        texts("load.cause_status", status=status, count=count)
        if status
        else texts("load.cause_none", count=count)
        for status, count in track.lost_by_status.most_common()
    ]
    return texts("load.causes", method=texts.title(track.method), causes="; ".join(causes))


def _outages(run: LoadRun, texts: Texts) -> Iterator[str]:
    """Yield a sentence about what each kill cost."""
    for track in run.tracks.values():
        for outage in track.outages:
            until_s = track.elapsed_s if outage.until_s is None else outage.until_s
            yield texts(
                "load.outage_open" if outage.until_s is None else "load.outage",
                method=texts.title(track.method),
                seconds=texts.number(f"{until_s - outage.from_s:.1f}"),
                lost=outage.lost,
            )

"""What the Load tab shows: the state of a load, its charts, its figures.

The report shows the same.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from demo.tabs.load import earlier, run_charts, run_state
from demo.tabs.load.run import LoadRun
from demo.tabs.load.saved_form import SavedLoad
from demo.tabs.load.track import Track
from demo.templating import render
from demo.texts import Texts
from hostlab.measure.load.generator import MAX_CONNECTIONS
from hostlab.measure.report.table import number


def results(run: LoadRun, texts: Texts, behind: Sequence[SavedLoad] = ()) -> Markup:
    """Return the charts and figures of a load; empty until there are any.

    The loads of `behind` are drawn behind it.
    """
    tracks = run.tracks.values()
    if not any(track.elapsed_s or track.error for track in tracks):
        return Markup()
    known = [phase.figures for track in tracks for phase in track.phases if phase.figures]
    return render(
        "tabs/load/results.html.j2",
        texts=texts,
        run=run,
        charts=list(run_charts.of_run(run, texts, behind)),
        behind=[earlier.title(load, texts) for load in behind],
        number=lambda value: texts.number(number(value)),
        outages=list(_outages(run, texts)),
        causes=[_causes(track, texts) for track in tracks if track.lost_by_status],
        usage_unknown=not run.over and not all(track.usage_known for track in tracks),
        how=_how(run, texts),
        bounded=any(figures.p50_ms and figures.p50_ms.note for figures in known),
    )


def earlier_loads(loads: Sequence[SavedLoad], texts: Texts) -> Markup:
    """Return the charts of loads that have ended, where the page has no other."""
    return render(
        "tabs/load/earlier.html.j2",
        charts=list(run_charts.of_earlier(loads, texts)),
        behind=[earlier.title(load, texts) for load in loads],
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

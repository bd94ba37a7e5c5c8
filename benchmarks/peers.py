"""Compares the project's services with what people would use instead, and with the limit R.

Run it: `python -m benchmarks.peers`.
"""

import contextlib
import time
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.cast import Cast
from benchmarks.command import busy_remark, options, own_home, progress_printer
from benchmarks.goals import REQUESTS
from benchmarks.kinds import kinds
from benchmarks.limit import Limit, engines
from benchmarks.rounds import Progress, Rounds
from benchmarks.texts import SETS, text_set
from deployments.model.source import SHIPPED
from hostlab.measure.report.terminal import show
from hostlab.terminal import PlainConsole


def main() -> None:
    """Measure, and show and write the result, even after Ctrl-C."""
    parser = options(__doc__.partition("\n")[0], seconds=3.5)
    parser.add_argument(
        "--rounds", type=int, default=5, help="an interval needs at least 5 (default: 5)"
    )
    parser.add_argument(
        "--requests",
        type=int,
        default=REQUESTS,
        help=f"during which memory is polled; 0 for no polls (default: {REQUESTS})",
    )
    parser.add_argument(
        "--sweep",
        type=Path,
        default=report.RESULTS / "sweep.json",
        help="the peers' best settings (default: the result in the repository)",
    )
    chosen = parser.parse_args()
    progress, found = progress_printer(), report.head(chosen.rounds)
    found["remarks"] += busy_remark()
    if chosen.requests != REQUESTS:
        remark = f"Memory was polled during {chosen.requests:,} requests, not {REQUESTS:,}."
        found["remarks"].append(remark)
    known = {
        name: kind for name, kind in kinds().items() if chosen.peers is None or name in chosen.peers
    }
    sets = {name: text_set(name) for name in SETS}
    rounds = Rounds(sets, chosen.seconds, chosen.threads, progress)
    with own_home(chosen.threads) as home, contextlib.ExitStack() as stack:
        cast = Cast(known, chosen.sweep, chosen.environments, home, chosen.threads)
        # After Ctrl-C, too, what was measured is kept.
        stack.callback(lambda: _finish(found, rounds, cast, chosen.out))
        for number in range(chosen.rounds + 1):
            progress(f"start to ready, {number} of {chosen.rounds}")
            rounds.start_and_memory(cast.ours)
            rounds.start_and_memory_with_torch(cast.ours)
            if number == 0:  # now the disk's cache is warm
                rounds.figures.clear()
        log = stack.enter_context(open(home / "limit.log", "w"))
        limits = [stack.enter_context(Limit(str(SHIPPED), engine, log)) for engine in engines()]
        for limit in limits:
            for name, texts in sets.items():
                progress(f"R with {limit.engine}, {name}: looking for the best batches")
                limit.find_best(name, texts, min(1.0, chosen.seconds))
        found["limits"] = {
            limit.engine: {
                "tried": limit.tried,
                "best": {name: vars(setting) for name, setting in limit.best.items()},
            }
            for limit in limits
        }
        cast.start(stack, progress)
        _warm_up(cast, rounds, progress)
        for number in range(chosen.rounds):
            progress(f"--- round {number + 1} of {chosen.rounds}")
            rounds.saturation(cast.targets, limits, cast.only)
            for ours in (cast.ours, cast.gateway):
                rounds.lists(ours)
                rounds.below_and_above_saturation(ours, number)
            rounds.one_at_a_time([cast.ours, cast.gateway], limits[0])
            if cast.half:
                rounds.agreement(cast.ours, cast.half, number)
        if chosen.requests:
            rounds.growth(cast.ours, chosen.requests)
        rounds.peak_memory(cast.ours)
        rounds.figures["memory/R"] = [limits[0].peak_mb()]


def _warm_up(cast: Cast, rounds: Rounds, progress: Progress) -> None:
    """Put a load on each target without keeping its figures, because BentoML adapts to its load."""
    for target in cast.targets:
        progress(f"warming up {target.title}")
        rounds.closed(target, target.texts(rounds.sets["mixed"]), users=32)
    rounds.lost.clear()
    rounds.generator_cpu.clear()


def _finish(found: dict[str, Any], rounds: Rounds, cast: Cast, folder: Path) -> None:
    """Show and write what was measured."""
    cast.fill_best(rounds.figures)
    found["remarks"] += cast.remarks
    found |= {
        "ended_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": rounds.seconds,
        "threads": rounds.threads,
        "figures": dict(rounds.figures),
    }
    found |= {"lost": dict(rounds.lost), "generator_cpu": dict(rounds.generator_cpu)}
    found["peers"] = {
        peer.name: {"packages": peer.kind.packages, "setting": peer.setting} for peer in cast.peers
    }
    titles = {target.name: target.title for target in cast.targets}
    tables = [
        report.goals_table(rounds.figures),
        report.rates_table(rounds.figures, titles, rounds.lost, rounds.generator_cpu),
        report.others_table(rounds.figures),
    ]
    settings = "; ".join(
        f"{engine}, {name}: {one['workers']} batches of {one['budget']} tokens"
        for engine, limit in found.get("limits", {}).items()
        for name, one in limit["best"].items()
    )
    paragraphs = [
        f"Each uses {rounds.threads} of the cores for the model. One measurement takes "
        f"{rounds.seconds:g} s. The best settings of R: {settings}."
    ]
    show(tables, PlainConsole())
    title = "Compared with what people would use instead"
    for path in report.write(folder, "peers", title, found, paragraphs, tables):
        print(path)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):  # what was measured has been written
        main()

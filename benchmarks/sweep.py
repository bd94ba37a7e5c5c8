"""Finds the best settings of each peer: it measures all combinations of peers.toml.

Run it: `python -m benchmarks.sweep`. It takes almost half an hour.
benchmarks.peers then compares with the best settings.
"""

import contextlib
import itertools
import math
import time
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.cast import GOAL_SETS
from benchmarks.command import busy_remark, options, own_home, progress_printer
from benchmarks.kinds import ONNX_SUFFIX, Kind, kinds
from benchmarks.rounds import USERS, Rounds
from benchmarks.targets import Peer
from benchmarks.texts import text_set
from hostlab.errors import HostingLabError
from hostlab.measure.report.table import Table, number
from hostlab.measure.report.terminal import show
from hostlab.terminal import PlainConsole

Row = dict[str, Any]  # peer, setting, and per_s, the texts a second by set of texts


def best(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Return the fastest setting by peer and set of texts.

    With the transformers model, it is one setting for both sets, the one with the largest product
    of rates, because each further setting takes up to 2 GB of memory in the comparison.
    """
    found: dict[str, dict[str, Any]] = {}
    for peer in dict.fromkeys(row["peer"] for row in rows):
        mine = [row for row in rows if row["peer"] == peer]
        if peer.endswith(ONNX_SUFFIX):
            found[peer] = {
                name: max(mine, key=lambda row: row["per_s"][name])["setting"] for name in GOAL_SETS
            }
        else:
            most = max(mine, key=lambda row: math.prod(row["per_s"].values()))
            found[peer] = dict.fromkeys(GOAL_SETS, most["setting"])
    return found


def measure(kind: Kind, peer: Peer, rounds: Rounds) -> Row:
    """Start a peer with one setting, warm it up, and measure it with each set of texts."""
    try:
        peer.start()
        rounds.closed(peer, peer.texts(rounds.sets["mixed"]), USERS)
        per_s = {
            name: rounds.closed(peer, peer.texts(texts), USERS)
            for name, texts in rounds.sets.items()
        }
    finally:
        peer.stop()
    return {"peer": kind.result_name(peer.onnx), "setting": peer.setting, "per_s": per_s}


def main() -> None:
    """Measure, and show and write the result, even after Ctrl-C."""
    parser = options(__doc__.partition("\n")[0], seconds=3.0)
    help_settings = "only this many settings of each peer, to see whether it works"
    parser.add_argument("--settings", type=int, help=help_settings)
    chosen = parser.parse_args()
    progress, found = progress_printer(), report.head(rounds=5)
    found["remarks"] += busy_remark()
    rows: list[Row] = []
    rounds = Rounds(
        {name: text_set(name) for name in GOAL_SETS}, chosen.seconds, chosen.threads, progress
    )
    swept = [kind for kind in kinds().values() if chosen.peers is None or kind.name in chosen.peers]
    with own_home(chosen.threads) as home, contextlib.ExitStack() as stack:
        # After Ctrl-C, too, what was measured is kept.
        stack.callback(lambda: _finish(found, rows, chosen.threads, chosen.out))
        for kind, onnx in itertools.product(swept, (False, True)):
            settings = list(kind.settings(onnx))[: chosen.settings]
            for turn, setting in enumerate(settings):
                words = ", ".join(f"{name} {value}" for name, value in setting.items())
                peer = Peer(kind, "", setting, chosen.environments, home, chosen.threads, onnx)
                progress(f"{peer.title}, {turn + 1} of {len(settings)}: {words}")
                try:
                    peer.prepare(progress)
                    rows.append(measure(kind, peer, rounds))
                    progress(
                        ", ".join(
                            f"{name} {number(per_s)} texts/s"
                            for name, per_s in rows[-1]["per_s"].items()
                        )
                    )
                except HostingLabError as error:
                    progress(f"Excluded: {error}")
                    reason = str(error).splitlines()[0]
                    found["remarks"].append(f"{peer.title} with {words} is excluded: {reason}")


def _finish(found: dict[str, Any], rows: list[Row], threads: int, folder: Path) -> None:
    found |= {
        "ended_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "threads": threads,
        "rows": rows,
        "best": best(rows),
    }
    tables = []
    for kind, onnx in itertools.product(kinds().values(), (False, True)):
        name = kind.result_name(onnx)
        mine = [row for row in rows if row["peer"] == name]
        if mine:
            cells = []
            for row in mine:
                figures = [
                    number(row["per_s"][one])
                    + (" (best)" if row["setting"] == found["best"][name][one] else "")
                    for one in GOAL_SETS
                ]
                cells.append([*map(str, row["setting"].values()), *figures])
            tables.append(
                Table(
                    f"{kind.title}, {'ONNX file' if onnx else 'transformers pipeline'}",
                    [*mine[0]["setting"], *(f"{one}, texts/s" for one in GOAL_SETS)],
                    cells,
                )
            )
    show(tables, PlainConsole())
    paragraph = (
        f"32 clients, one text in each request. A peer's workers share {threads} of the cores. "
        "Each setting was measured once, so similar figures may be equal."
    )
    title = "The peers with their own settings"
    for path in report.write(folder, "sweep", title, found, [paragraph], tables):
        print(path)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):  # what was measured has been written
        main()

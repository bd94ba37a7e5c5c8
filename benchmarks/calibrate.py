"""What a batch costs with each engine, and which token budget is the best.

    python -m benchmarks.calibrate

The batching needs two figures: START_COST (deployments/services/batch_selection.py), how many
tokens a batch costs besides its own, and TOKEN_BUDGET (batching.py), how many tokens it may have.
Both depend on the engine and the processor. All measurements take turns, in several rounds.
"""

import argparse
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks import report
from benchmarks.command import busy_remark, progress_printer
from benchmarks.texts import text_set
from deployments.model.classifier import Classifier, Encoding
from deployments.model.engines.types import ENGINES
from deployments.model.errors import ModelUnusable
from deployments.model.loading import load_classifier
from deployments.services.batch_selection import select_batch
from hostlab.measure.report.table import Table, number
from hostlab.measure.report.terminal import show
from hostlab.terminal import PlainConsole

SHAPES = list(product((1, 2, 4, 8), (8, 16, 32, 64)))  # texts, and tokens of each
BUDGETS = (64, 128, 192, 256, 384, 512, 1024)
SETS = ("short", "mixed")
WAITING = 32  # texts in the queue, as with 32 clients
CLOSE = 0.95  # of the best; the smallest budget that reaches it is recommended


@dataclass
class Calibration:
    """What was measured with one engine.

    Attributes:
        batch_ms: The duration of a batch on one core, by texts and tokens, in each round.
        per_s: Texts per second with all threads, by set of texts and budget, in each round.
        per_s_by_threads: Texts per second with the recommended budget, by the number of threads.
    """

    engine: str
    batch_ms: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    per_s: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    per_s_by_threads: dict[int, list[float]] = field(default_factory=dict)

    def cost(self) -> tuple[float, float]:
        """Return the milliseconds of a batch's start and of each of its tokens.

        They are fitted to the medians, so that the relative error is as small as possible.
        """
        tokens = np.array([texts * length for texts, length in self.batch_ms], dtype=float)
        times_ms = np.array([median(one) for one in self.batch_ms.values()])
        columns = np.stack([np.ones_like(tokens), tokens], axis=1) / times_ms[:, None]
        start_ms, token_ms = np.linalg.lstsq(columns, np.ones_like(tokens), rcond=None)[0]
        return float(start_ms), float(token_ms)

    def start_cost(self) -> float:
        """Return the cost of a batch's start in tokens."""
        start_ms, token_ms = self.cost()
        return start_ms / token_ms

    def budget(self) -> int:
        """Return the smallest budget that is close to the best one for all sets of texts."""
        rates = {key: median(one) for key, one in self.per_s.items()}
        best = {name: max(rates[name, budget] for budget in BUDGETS) for name in SETS}
        return next(
            budget
            for budget in BUDGETS
            if all(rates[name, budget] >= CLOSE * best[name] for name in SETS)
            or budget == BUDGETS[-1]
        )


def batch_ms(classifier: Classifier, texts: int, tokens: int) -> float:
    """Return the duration of a batch of `texts` texts with `tokens` tokens each."""
    [encoding] = classifier.encode(["fine " * (tokens - 2)])  # and the two special tokens
    batch = [encoding] * texts
    began = time.perf_counter()
    classifier.classify(batch)
    return (time.perf_counter() - began) * 1000


def texts_per_s(
    classifier: Classifier,
    encodings: Sequence[Encoding],
    budget: int,
    threads: int,
    seconds: float,
) -> float:
    """Return the texts per second with batches as the service forms them."""

    def run(seed: int) -> int:
        draw, done = random.Random(seed), 0
        waiting = draw.choices(encodings, k=WAITING)
        while time.perf_counter() < end:
            chosen = set(select_batch([len(one) for one in waiting], budget))
            classifier.classify([waiting[index] for index in chosen])
            done += len(chosen)
            left = [one for index, one in enumerate(waiting) if index not in chosen]
            waiting = left + draw.choices(encodings, k=len(chosen))
        return done

    end = time.perf_counter() + seconds
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        return sum(pool.map(run, range(threads))) / (time.perf_counter() - began)


def measure(
    classifiers: Sequence[Classifier], rounds: int, seconds: float, progress: Callable[[str], None]
) -> list[Calibration]:
    """Measure all engines in turn."""
    found = [Calibration(one.engine) for one in classifiers]
    texts = {name: text_set(name) for name in SETS}
    for turn in range(rounds):
        for classifier, one in zip(classifiers, found, strict=True):
            progress(f"round {turn + 1} of {rounds}: {one.engine}")
            for shape in random.sample(SHAPES, len(SHAPES)):
                times_ms = [batch_ms(classifier, *shape) for _ in range(6)]
                one.batch_ms.setdefault(shape, []).append(median(times_ms[1:]))
            for name, budget in random.sample(
                list(product(SETS, BUDGETS)), len(SETS) * len(BUDGETS)
            ):
                encodings = classifier.encode(texts[name])
                per_s = texts_per_s(classifier, encodings, budget, classifier.threads, seconds)
                one.per_s.setdefault((name, budget), []).append(per_s)
            for threads in range(1, classifier.threads + 1):
                encodings = classifier.encode(texts["short"])
                per_s = texts_per_s(classifier, encodings, one.budget(), threads, seconds)
                one.per_s_by_threads.setdefault(threads, []).append(per_s)
    return found


def main() -> None:
    """Measure, and show and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="(default: 5)")
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="the length of one measurement (default: 1)"
    )
    parser.add_argument(
        "--out", type=Path, default=report.RESULTS, help="the folder for the result"
    )
    chosen = parser.parse_args()
    progress, head = progress_printer(), report.head(chosen.rounds)
    head["remarks"] += busy_remark()
    classifiers = []
    for engine in ENGINES:
        with contextlib.suppress(ModelUnusable):  # it is not installed, or cannot run here
            classifiers.append(load_classifier(engine=engine))
    found = measure(classifiers, chosen.rounds, chosen.seconds, progress)
    tables = [_costs(found), *(_budgets(found, name) for name in SETS), _threads(found)]
    show(tables, PlainConsole())
    head["calibrations"] = [_data(one) for one in found]
    for path in report.write(chosen.out, "calibration", "The cost of a batch", head, [], tables):
        print(path)


def _costs(found: Sequence[Calibration]) -> Table:
    rows = []
    for one in found:
        start_ms, token_ms = one.cost()
        cells = [number(start_ms), number(token_ms), number(one.start_cost()), str(one.budget())]
        rows.append([one.engine, *cells])
    notes = [
        "On one core: the duration of a batch is that of its start, and that of a token times its "
        "tokens, padding included. START_COST is their ratio. Budget: the smallest one within "
        f"{1 - CLOSE:.0%} of the best for all sets of texts."
    ]
    columns = ["engine", "start, ms", "a token, ms", "START_COST, tokens", "budget, tokens"]
    return Table("The cost of a batch", columns, rows, notes)


def _budgets(found: Sequence[Calibration], name: str) -> Table:
    rows = [
        [one.engine, *(report.figure_cell(one.per_s[name, budget]) for budget in BUDGETS)]
        for one in found
    ]
    columns = ["engine", *(f"{budget} tokens" for budget in BUDGETS)]
    return Table(f"Texts per second by token budget, {name} texts", columns, rows)


def _threads(found: Sequence[Calibration]) -> Table:
    counts = list(found[0].per_s_by_threads)
    rows = [
        [one.engine, *(report.figure_cell(one.per_s_by_threads[count]) for count in counts)]
        for one in found
    ]
    columns = ["engine", *(f"{count} threads" for count in counts)]
    return Table("Texts per second by threads, short texts", columns, rows)


def _data(one: Calibration) -> dict[str, object]:
    """Return a calibration as JSON can hold it."""
    start_ms, token_ms = one.cost()
    lists = {
        name: [[*np.atleast_1d(key).tolist(), values] for key, values in measured.items()]
        for name, measured in asdict(one).items()
        if isinstance(measured, dict)
    }
    return {"engine": one.engine, "start_ms": start_ms, "token_ms": token_ms} | lists


if __name__ == "__main__":
    main()

"""The measurements of one comparison, in rounds.

Each round measures everything once, one thing at a time, in a new order.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.bare import peak_mb
from benchmarks.goals import REQUESTS
from benchmarks.limit import TORCH, Limit
from benchmarks.samples import latencies, percentile, steady_rate
from benchmarks.targets import Ours, Target
from benchmarks.texts import text_set
from deployments.model.export import cached_export
from deployments.model.source import SHIPPED, find_source
from hostlab.measure.load.generator import Load, OpenLoad, Sample
from hostlab.measure.parts.throughput import WARM_UP_S, run

USERS = 32
# Clients that send lists: 128 texts in flight, which is half of what the queue holds.
LIST_USERS, LIST_TEXTS = 4, 32
AGREEMENT_TEXTS = 500  # in each round
POLLS = 5  # of memory, in each quarter of the requests
Progress = Callable[[str], None]


class Rounds:
    """What was measured.

    `figures`: a value for each round, by names such as `saturation/short/in-process`. `lost`: how
    many requests got no prediction, by target. `generator_cpu`: the largest share of a core that
    the client used, by target.
    """

    def __init__(
        self, sets: dict[str, list[str]], seconds: float, threads: int, progress: Progress
    ) -> None:
        self.sets, self.seconds, self.threads, self.progress = sets, seconds, threads, progress
        self.figures: dict[str, list[float]] = defaultdict(list)
        self.lost: dict[str, int] = defaultdict(int)
        self.generator_cpu: dict[str, float] = defaultdict(float)

    def start_and_memory(self, ours: Ours) -> None:
        """Start the bare script, and then the service, which is stopped again.

        Drop the figures of the first call, which warms up the disk's cache.
        """
        export = cached_export(find_source(str(SHIPPED)))
        command = [sys.executable, str(Path(__file__).with_name("bare.py")), str(export)]
        began = time.perf_counter()
        bare = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert bare.stdout  # because it is a pipe
        line = bare.stdout.readline()
        self.figures["start/bare"].append(time.perf_counter() - began)
        self.figures["memory/bare"].append(json.loads(line)["peak_mb"])
        bare.communicate()
        began = time.perf_counter()
        ours.start()
        self.figures["start/in-process"].append(time.perf_counter() - began)
        ours.stop()

    def start_and_memory_with_torch(self, ours: Ours) -> None:
        """Start the service with the engine torch, and stop it after some load."""
        os.environ["MODEL_ENGINE"] = TORCH
        try:
            began = time.perf_counter()
            ours.start()
            self.figures["start/torch"].append(time.perf_counter() - began)
            self.closed(ours, self.sets["long"], USERS)
            self.figures["memory/torch"].append(peak_mb(ours.processes()[0].pid))
        finally:
            ours.stop()
            del os.environ["MODEL_ENGINE"]

    def saturation(
        self, targets: Sequence[Target], limits: Sequence[Limit], only: dict[str, set[str]]
    ) -> None:
        """Measure each target and each engine alone with each set of texts, in a new order.

        `only`: the sets that a target is measured with; a target without an entry has all of them.
        """
        order: list[tuple[str, Limit | Target]] = [
            (name, limit) for name in self.sets for limit in limits
        ]
        order += [
            (name, target)
            for name in self.sets
            for target in targets
            if name in only.get(target.name, self.sets)
        ]
        alone: dict[str, dict[str, float]] = {name: {} for name in self.sets}
        for name, one in random.sample(order, len(order)):
            texts = self.sets[name]
            if isinstance(one, Limit):
                self.progress(f"R with {one.engine}, {name}")
                per_s = one.measure(name, texts, one.best[name], self.seconds)
                alone[name][one.engine] = per_s
            else:
                self.progress(f"{one.title}, {name}")
                per_s = self.closed(one, one.texts(texts), USERS)
                self.figures[f"saturation/{name}/{one.name}"].append(per_s)
        for name, per_engine in alone.items():
            self.figures[f"limit/{name}"].append(max(per_engine.values()))
            if TORCH in per_engine:
                self.figures[f"torch limit/{name}"].append(per_engine[TORCH])

    def lists(self, ours: Target) -> None:
        """Measure clients that send lists of 32 texts, in texts a second."""
        for name in [name for name in self.sets if name != "long"]:
            self.progress(f"{ours.title}, {name}, lists of {LIST_TEXTS}")
            texts = self.sets[name]
            starts = range(0, len(texts) - LIST_TEXTS + 1, LIST_TEXTS)
            bodies = [texts[start : start + LIST_TEXTS] for start in starts]
            per_s = self.closed(ours, bodies, LIST_USERS) * LIST_TEXTS
            self.figures[f"lists/{name}/{ours.name}"].append(per_s)

    def agreement(self, ours: Target, half: Target, number: int) -> None:
        """Record the percentage of texts, other ones in each round, that get the same label."""
        self.progress(f"{half.title}: labels compared with {ours.title}")
        texts = text_set("mixed", AGREEMENT_TEXTS, seed=100 + number)
        labels = []
        for target in (ours, half):
            with target.awake():
                labels.append(target.labels(texts))
        same = sum(one == other for one, other in zip(*labels, strict=True))
        self.figures[f"agreement/{half.name}"].append(100 * same / len(texts))

    def closed(self, target: Target, texts: Sequence[str | list[str]], users: int) -> float:
        """Return the requests a second of a closed loop that a target serves."""
        load = target.closed_load(texts, users)
        with target.awake():
            self._run(target, load, self.seconds)
        return steady_rate(load.samples, self.seconds)

    def one_at_a_time(self, ours: Sequence[Target], limit: Limit) -> None:
        """Measure the p50 of one client's requests, and of the model alone with the same texts.

        Both are in ms, and over whole passes through the texts. The model alone tokenizes and runs
        each text on one core, as the service does.
        """
        texts = self.sets["short"]
        for target in random.sample([None, *ours], len(ours) + 1):
            if target is None:
                self.progress("tokenize and forward, one text at a time")
                latencies_ms = limit.one_by_one(texts, self.seconds)
            else:
                self.progress(f"{target.title}, one request at a time")
                load = target.closed_load(texts, users=1)
                with target.awake():
                    self._run(target, load, self.seconds)
                latencies_ms = latencies(load.samples, 200)
            whole = len(latencies_ms) // len(texts) * len(texts) or len(latencies_ms)
            p50_ms = statistics.median(latencies_ms[-whole:])
            self.figures[f"p50/{target.name if target else 'limit'}"].append(p50_ms)

    def below_and_above_saturation(self, ours: Target, number: int) -> None:
        """Measure at 70 % and at three times the saturation of this round.

        Below it: p50 and p99 in ms. Above it: goodput, and how long a rejection takes. `number`:
        the seed of the arrivals.
        """
        figures, maximum = self.figures, self.figures[f"saturation/short/{ours.name}"][-1]
        self.progress(f"{ours.title}, at 70 % of saturation")
        seconds = self.seconds * 2
        samples = self._open(ours, 0.7 * maximum, seconds, number, rejections_are_lost=True)
        good = sorted(latencies(samples, 200, after_s=WARM_UP_S))
        figures[f"at 70 % p50/{ours.name}"].append(percentile(good, 50))
        figures[f"at 70 % p99/{ours.name}"].append(percentile(good, 99))
        self.progress(f"{ours.title}, three times saturation")
        seconds = self.seconds * 1.5
        samples = self._open(ours, 3 * maximum, seconds, number, rejections_are_lost=False)
        good = sorted(latencies(samples, 200, after_s=WARM_UP_S))
        rejected = sorted(latencies(samples, 503, after_s=WARM_UP_S))
        figures[f"goodput/{ours.name}"].append(steady_rate(samples, seconds))
        figures[f"goodput latency p50/{ours.name}"].append(percentile(good, 50))
        if rejected:
            figures[f"rejection p50/{ours.name}"].append(percentile(rejected, 50))
            figures[f"rejection p95/{ours.name}"].append(percentile(rejected, 95))

    def growth(self, ours: Ours, requests: int = REQUESTS) -> None:
        """Send `requests` requests, and poll the memory of the service in MB."""
        [process] = ours.processes()
        polls: list[float] = []
        load = ours.closed_load(self.sets["short"], USERS)
        with ours.awake(), load:
            while (done := len(load.samples)) < requests:
                if done >= requests * (len(polls) + 1) / (4 * POLLS):
                    polls.append(process.memory_info().rss / 1e6)
                    share = f"{done:,} of {requests:,} requests"
                    self.progress(f"{ours.title}, {share}: {polls[-1]:.0f} MB")
                time.sleep(0.05)
        polls += [process.memory_info().rss / 1e6] * (4 * POLLS - len(polls))
        self.figures["growth/second quarter"] = polls[POLLS : 2 * POLLS]
        self.figures["growth/last quarter"] = polls[-POLLS:]

    def peak_memory(self, ours: Ours) -> None:
        """Record the service's peak memory since its start, once for each bare script's."""
        bare = self.figures["memory/bare"]
        self.figures["memory/in-process"] = [peak_mb(ours.processes()[0].pid)] * len(bare)

    def _open(
        self, ours: Target, rate_per_s: float, seconds: float, seed: int, rejections_are_lost: bool
    ) -> list[Sample]:
        texts = self.sets["short"]
        load = OpenLoad(ours.url, rate_per_s=rate_per_s, texts=texts, seed=seed, spend=True)
        with ours.awake():
            self._run(ours, load, seconds, rejections_are_lost)
        return load.samples

    def _run(
        self, target: Target, load: Load, seconds: float, rejections_are_lost: bool = True
    ) -> None:
        run(load, seconds)
        expected = (200,) if rejections_are_lost else (200, 503)
        self.lost[target.name] += sum(sample.status not in expected for sample in load.samples)
        self.generator_cpu[target.name] = max(self.generator_cpu[target.name], load.cpu_s / seconds)

"""The measurements of one comparison, in rounds: in each of them everything is measured once, in a
new order, one thing at a time.
"""

import json
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
from benchmarks.limit import Limit
from benchmarks.targets import Ours, Target
from deployments.model import SHIPPED
from hostlab.measure.load.generator import ClosedLoad, Load, OpenLoad, Sample
from hostlab.measure.parts.throughput import WARM_UP_S, run

USERS = 32
LIST_USERS, LIST_TEXTS = (
    4,
    32,
)  # clients that send lists: 128 texts under way, half of what the queue takes
POLLS = 5  # at memory, in each quarter of the many requests
Progress = Callable[[str], None]


class Rounds:
    """What is measured: `figures` has a value for each round under names such as
    `saturation/short/in-process`.
    """

    def __init__(
        self, sets: dict[str, list[str]], seconds: float, threads: int, progress: Progress
    ) -> None:
        self.sets, self.seconds, self.threads, self.progress = sets, seconds, threads, progress
        self.figures: dict[str, list[float]] = defaultdict(list)
        self.lost: dict[str, int] = defaultdict(int)
        self.generator_cpu: dict[str, float] = defaultdict(
            float
        )  # the most of a core that the client took, by target

    def start_and_memory(self, ours: Ours) -> None:
        """Start the bare script, then the service; it is stopped again.

        Warm disk: the first call of all is to be dropped.
        """
        began = time.perf_counter()
        bare = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("bare.py")), str(SHIPPED)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert bare.stdout  # because it is a pipe
        line = bare.stdout.readline()
        self.figures["start/bare"].append(time.perf_counter() - began)
        self.figures["memory/bare"].append(json.loads(line)["peak_mb"])
        bare.communicate()
        began = time.perf_counter()
        ours.start()
        self.figures["start/in-process"].append(time.perf_counter() - began)
        ours.stop()

    def saturation(
        self, targets: Sequence[Target], limit: Limit, only: dict[str, set[str]]
    ) -> None:
        """Each set of texts, each target and R, in a new order.

        `only`: the sets that a target is measured on; all where it is not named.
        """
        order = [
            (name, target)
            for name in self.sets
            for target in [None, *targets]
            if target is None or name in only.get(target.name, self.sets)
        ]
        for name, target in random.sample(order, len(order)):
            if target is None:
                self.progress(f"R, {name}")
                self.figures[f"limit/{name}"].append(
                    limit.measure(name, self.sets[name], limit.best[name], self.seconds)
                )
            else:
                self.progress(f"{target.title}, {name}")
                self.figures[f"saturation/{name}/{target.name}"].append(
                    self.closed(target, target.texts(self.sets[name]), USERS)
                )

    def lists(self, ours: Target) -> None:
        """Clients that send 32 texts, in texts a second."""
        for name in [name for name in self.sets if name != "long"]:
            self.progress(f"{ours.title}, {name}, lists of {LIST_TEXTS}")
            texts = self.sets[name]
            bodies = [
                texts[begin : begin + LIST_TEXTS]
                for begin in range(0, len(texts) - LIST_TEXTS + 1, LIST_TEXTS)
            ]
            self.figures[f"lists/{name}/{ours.name}"].append(
                self.closed(ours, bodies, LIST_USERS) * LIST_TEXTS
            )

    def closed(self, target: Target, texts: Sequence[str | list[str]], users: int) -> float:
        """Return the requests a second that a target answers to a closed loop."""
        with target.awake():
            load = self._run(
                target, ClosedLoad(target.url, users=users, texts=texts, spend=True), self.seconds
            )
        return steady_rate(load.samples, self.seconds)

    def one_at_a_time(self, ours: Sequence[Target], limit: Limit) -> None:
        """The p50 of one client's requests, and of tokenising and running the same texts, on one
        core as the service does, in ms; whole passes through them.
        """
        texts = self.sets["short"]
        for target in random.sample([None, *ours], len(ours) + 1):
            if target is None:
                self.progress("tokenise and forward, one text at a time")
                latencies_ms = limit.one_by_one(texts, 1, self.seconds)
            else:
                self.progress(f"{target.title}, one request at a time")
                with target.awake():
                    load = self._run(
                        target,
                        ClosedLoad(target.url, users=1, texts=texts, spend=True),
                        self.seconds,
                    )
                latencies_ms = [
                    sample.latency_ms for sample in load.samples if sample.status == 200
                ]
            whole = len(latencies_ms) // len(texts) * len(texts) or len(latencies_ms)
            self.figures[f"p50/{target.name if target else 'limit'}"].append(
                statistics.median(latencies_ms[-whole:])
            )

    def under_way(self, ours: Target, number: int) -> None:
        """At 70 % of the saturation of this round: p50 and p99 in ms; at three times of it:
        goodput, and how long a refusal takes.
        """
        most = self.figures[f"saturation/short/{ours.name}"][-1]
        for name, share in (("at 70 %", 0.7), ("three times", 3.0)):
            self.progress(f"{ours.title}, {name} of saturation")
            seconds = self.seconds * (2 if share < 1 else 1.5)
            with ours.awake():
                load = self._run(
                    ours,
                    OpenLoad(
                        ours.url,
                        rate_per_s=share * most,
                        texts=self.sets["short"],
                        seed=number,
                        spend=True,
                    ),
                    seconds,
                    share < 1,
                )
            warm = [sample for sample in load.samples if sample.due_s >= WARM_UP_S]
            good = sorted(sample.latency_ms for sample in warm if sample.status == 200)
            rejected = sorted(sample.latency_ms for sample in warm if sample.status == 503)
            if share < 1:
                self.figures[f"at 70 % p50/{ours.name}"].append(percentile(good, 50))
                self.figures[f"at 70 % p99/{ours.name}"].append(percentile(good, 99))
                continue
            self.figures[f"goodput/{ours.name}"].append(steady_rate(load.samples, seconds))
            self.figures[f"goodput latency p50/{ours.name}"].append(percentile(good, 50))
            if rejected:
                self.figures[f"refusal p50/{ours.name}"].append(percentile(rejected, 50))
                self.figures[f"refusal p95/{ours.name}"].append(percentile(rejected, 95))

    def growth(self, ours: Ours, requests: int = REQUESTS) -> None:
        """Send so many requests and look at the memory of the service again and again, in MB."""
        [process] = ours.processes()
        polls: list[float] = []
        load = ClosedLoad(ours.url, users=USERS, texts=self.sets["short"], spend=True)
        with ours.awake(), load:
            while (done := len(load.samples)) < requests:
                if done >= requests * (len(polls) + 1) / (4 * POLLS):
                    polls.append(process.memory_info().rss / 1e6)
                    self.progress(
                        f"{ours.title}, {done:,} of {requests:,} requests: {polls[-1]:.0f} MB"
                    )
                time.sleep(0.05)
        polls += [process.memory_info().rss / 1e6] * (4 * POLLS - len(polls))
        self.figures["growth/second quarter"] = polls[POLLS : 2 * POLLS]
        self.figures["growth/last quarter"] = polls[-POLLS:]

    def peak_memory(self, ours: Ours) -> None:
        """The most memory that the service has had since its start, beside each bare script's."""
        self.figures["memory/in-process"] = [peak_mb(ours.processes()[0].pid)] * len(
            self.figures["memory/bare"]
        )

    def _run(
        self, target: Target, load: Load, seconds: float, refusals_are_lost: bool = True
    ) -> Load:
        run(load, seconds)
        expected = (200,) if refusals_are_lost else (200, 503)
        self.lost[target.name] += sum(sample.status not in expected for sample in load.samples)
        self.generator_cpu[target.name] = max(self.generator_cpu[target.name], load.cpu_s / seconds)
        return load


def steady_rate(samples: Sequence[Sample], seconds: float) -> float:
    """Return the answers a second after the warm-up, counted from one answer to another: batches
    are answered in bursts, and a window whose ends lie anywhere would count one burst more or
    less.
    """
    came = sorted(
        sample.came_s for sample in samples if sample.status == 200 and sample.came_s <= seconds
    )
    warm = [one for one in came if one > WARM_UP_S]
    if not warm:
        return 0.0
    begins = came[-len(warm) - 1] if len(warm) < len(came) else 0.0
    return len(warm) / (warm[-1] - begins)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the value below which `percent` of sorted values lie; not a number for none."""
    return (
        ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
        if ordered
        else float("nan")
    )

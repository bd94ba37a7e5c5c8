"""R, the limit: what this machine does in one process on the same texts, tokenising and running the model, with no HTTP.

Texts are sorted by length and cut into batches by a budget of tokens. How many batches run at a time, on how many threads each,
and the budget are those that do best here, found by trying. While it is measured, the load generator sends as many requests a second to a server that only
answers, so that R has as much of the machine to itself as a service has.

The model runs in a process of its own, this file: it reads an order on each line of its input and writes its figures.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from typing import Any, Self

from hostlab.measure.load.generator import OpenLoad
from hostlab.measure.load.null_server import null_server
from hostlab.runtime.paths import ROOT, python_path

BUDGETS = (256, 512, 1024, 2048, 4096)  # tokens of a batch, padding included


def cut(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Return the indices of `lengths`, sorted by them, in batches of at most `budget` when padded to the longest of each; one over it stands alone."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and lengths[index] * (len(batches[-1]) + 1) <= budget:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


@dataclass(frozen=True)
class Setting:
    """What R was measured with."""

    workers: int  # batches at a time
    threads: int  # of each
    budget: int


class Limit:
    """The process, and the load beside it. Use as a context."""

    def __init__(self, model: str, log: Any) -> None:
        self._model, self._log, self._stack = model, log, ExitStack()
        self.per_s: dict[
            str, float
        ] = {}  # the last figure of each set, which the load beside the next one follows
        self.tried: list[dict[str, Any]] = []
        self.best: dict[str, Setting] = {}

    def __enter__(self) -> Self:
        self._null = self._stack.enter_context(null_server())
        command = [sys.executable, "-m", "benchmarks.limit", self._model]
        environment = os.environ | {"PYTHONPATH": python_path()}
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._stack.callback(self._end)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def find_best(self, name: str, texts: list[str], seconds: float) -> Setting:
        """Try all settings on a set of texts and keep the one that does most."""
        cores, most = min(8, os.cpu_count() or 1), 0.0
        for workers, budget in product(range(1, cores + 1), BUDGETS):
            for threads in {1, cores // workers}:
                setting = Setting(workers, threads, budget)
                per_s = self.measure(name, texts, setting, seconds)
                self.tried.append({"set": name, "per_s": per_s} | vars(setting))
                if per_s > most:
                    self.best[name], most = setting, per_s
        self.per_s[name] = most
        return self.best[name]

    def measure(self, name: str, texts: list[str], setting: Setting, seconds: float) -> float:
        """Return texts a second, measured over whole passes through `texts` for at least `seconds`, with the load beside it."""
        # spend: the null server answers no questions on prices
        load = OpenLoad(
            self._null,
            texts=texts,
            rate_per_s=self.per_s.get(name, 50.0),
            arrivals="constant",
            spend=True,
        )
        with load:
            self.per_s[name] = self._ask(
                do="batches", texts=texts, seconds=seconds, **vars(setting)
            )["per_s"]
        return self.per_s[name]

    def one_by_one(self, texts: list[str], threads: int, seconds: float) -> list[float]:
        """Return the milliseconds of tokenising and running each text by itself, again and again for `seconds`."""
        return self._ask(do="one by one", texts=texts, threads=threads, seconds=seconds)[
            "latencies_ms"
        ]

    def peak_mb(self) -> float:
        return self._ask(do="memory")["peak_mb"]

    def _ask(self, **order: Any) -> dict[str, Any]:
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        if not (answer := self._process.stdout.readline()):
            raise RuntimeError("The process that measures R has died; its log says why.")
        return json.loads(answer)

    def _end(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # Ctrl-C in the middle of an order
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def _serve(model: str) -> None:
    import torch

    from benchmarks.bare import load, peak_mb
    from deployments.model.traced import traced

    tokenizer, network = load(model)
    logits = traced(
        network, tokenizer("a")["input_ids"][0]
    )  # faster than the network as it is, so the limit

    @torch.inference_mode()
    def classify(encodings: list[list[int]]) -> list[list[float]]:
        longest = max(map(len, encodings))
        ids = torch.tensor(
            [one + [0] * (longest - len(one)) for one in encodings]
        )  # 0 is the shipped model's padding
        mask = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in encodings])
        return logits(ids, mask).softmax(dim=1).tolist()

    def encode(texts: list[str]) -> list[list[int]]:
        return tokenizer(texts, truncation=True)["input_ids"]

    def batches(
        texts: list[str], workers: int, threads: int, budget: int, seconds: float
    ) -> dict[str, Any]:
        with ThreadPoolExecutor(
            workers, initializer=torch.set_num_threads, initargs=(threads,)
        ) as pool:
            list(pool.map(classify, [encode(texts[:4])] * workers))
            began, done = time.perf_counter(), 0
            while True:
                encodings = encode(texts)
                list(
                    pool.map(
                        classify,
                        (
                            [encodings[index] for index in batch]
                            for batch in cut([len(one) for one in encodings], budget)
                        ),
                    )
                )
                done += len(texts)
                if (elapsed_s := time.perf_counter() - began) >= seconds:
                    return {"per_s": done / elapsed_s}

    def one_by_one(texts: list[str], threads: int, seconds: float) -> dict[str, Any]:
        torch.set_num_threads(threads)
        ends, latencies_ms = time.perf_counter() + seconds, []
        while (began := time.perf_counter()) < ends:
            classify(encode([texts[len(latencies_ms) % len(texts)]]))
            latencies_ms.append((time.perf_counter() - began) * 1000)
        return {"latencies_ms": latencies_ms}

    for line in sys.stdin:
        order = json.loads(line)
        match order.pop("do"):
            case "batches":
                answer = batches(**order)
            case "one by one":
                answer = one_by_one(**order)
            case "memory":
                answer = {"peak_mb": peak_mb()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])

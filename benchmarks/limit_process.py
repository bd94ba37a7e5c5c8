"""The process in which benchmarks/limit.py runs the model.

It reads an order as JSON from each line of its input, and writes its figures as JSON.
"""

import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.bare import peak_mb
from deployments.model.loading import load_classifier


def cut(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Return the indices of `lengths` in batches, sorted by length.

    A batch has at most `budget` tokens, including the padding to its longest text. A text that
    exceeds the budget is a batch by itself.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and lengths[index] * (len(batches[-1]) + 1) <= budget:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


class Model:
    """The shipped model with one of the engines, called without queue or server."""

    def __init__(self, folder: str, engine: str) -> None:
        self._classifier = load_classifier(folder, engine=engine)
        self.encode = self._classifier.encode
        self.classify = self._classifier.classify

    def batches(
        self, texts: list[str], workers: int, budget: int, seconds: float
    ) -> dict[str, Any]:
        """Return texts a second, over whole passes through `texts` for at least `seconds`."""
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(self.classify, [self.encode(texts[:4])] * workers))
            began, done = time.perf_counter(), 0
            while True:
                encodings = self.encode(texts)
                cuts = cut([len(one) for one in encodings], budget)
                list(pool.map(self.classify, ([encodings[i] for i in batch] for batch in cuts)))
                done += len(texts)
                if (elapsed_s := time.perf_counter() - began) >= seconds:
                    return {"per_s": done / elapsed_s}

    def one_by_one(self, texts: list[str], seconds: float) -> dict[str, Any]:
        """Return the milliseconds of each text by itself, repeatedly for `seconds`."""
        ends = time.perf_counter() + seconds
        latencies_ms: list[float] = []
        while (began := time.perf_counter()) < ends:
            self.classify(self.encode([texts[len(latencies_ms) % len(texts)]]))
            latencies_ms.append((time.perf_counter() - began) * 1000)
        return {"latencies_ms": latencies_ms}


def main() -> None:
    """Follow the orders until the input ends."""
    model = Model(*sys.argv[1:])
    for line in sys.stdin:
        order = json.loads(line)
        match order.pop("do"):
            case "batches":
                answer = model.batches(**order)
            case "one by one":
                answer = model.one_by_one(**order)
            case "memory":
                answer = {"peak_mb": peak_mb()}
            case unknown:
                raise ValueError(f"There is no order {unknown!r}.")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

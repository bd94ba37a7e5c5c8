"""The process in which benchmarks/limit.py runs the model.

It reads an order as JSON from each line of its input, and writes its figures as JSON.
"""

import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from benchmarks.bare import load, peak_mb
from deployments.model.traced import trace_network


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
    """The tokenizer and the network, traced, which is faster than the network as it is."""

    def __init__(self, folder: str) -> None:
        self._tokenizer, network = load(folder)
        self._logits = trace_network(network, self._tokenizer("a")["input_ids"][0])

    def encode(self, texts: list[str]) -> list[list[int]]:
        """Return the token ids of each text."""
        ids: list[list[int]] = self._tokenizer(texts, truncation=True)["input_ids"]
        return ids

    def classify(self, encodings: list[list[int]]) -> list[list[float]]:
        """Return the probabilities of each text, all run as one batch."""
        longest = max(map(len, encodings))
        padding = [longest - len(one) for one in encodings]
        pairs = list(zip(encodings, padding, strict=True))
        # 0 is the shipped model's padding.
        ids = torch.tensor([one + [0] * count for one, count in pairs])
        mask = torch.tensor([[1] * len(one) + [0] * count for one, count in pairs])
        with torch.inference_mode():
            probabilities: list[list[float]] = self._logits(ids, mask).softmax(dim=1).tolist()
        return probabilities

    def batches(
        self, texts: list[str], workers: int, threads: int, budget: int, seconds: float
    ) -> dict[str, Any]:
        """Return texts a second, over whole passes through `texts` for at least `seconds`."""
        pool = ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(threads,))
        with pool:
            list(pool.map(self.classify, [self.encode(texts[:4])] * workers))
            began, done = time.perf_counter(), 0
            while True:
                encodings = self.encode(texts)
                cuts = cut([len(one) for one in encodings], budget)
                list(pool.map(self.classify, ([encodings[i] for i in batch] for batch in cuts)))
                done += len(texts)
                if (elapsed_s := time.perf_counter() - began) >= seconds:
                    return {"per_s": done / elapsed_s}

    def one_by_one(self, texts: list[str], threads: int, seconds: float) -> dict[str, Any]:
        """Return the milliseconds of each text by itself, repeatedly for `seconds`."""
        torch.set_num_threads(threads)
        ends = time.perf_counter() + seconds
        latencies_ms: list[float] = []
        while (began := time.perf_counter()) < ends:
            self.classify(self.encode([texts[len(latencies_ms) % len(texts)]]))
            latencies_ms.append((time.perf_counter() - began) * 1000)
        return {"latencies_ms": latencies_ms}


def main() -> None:
    """Follow the orders until the input ends."""
    model = Model(sys.argv[1])
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

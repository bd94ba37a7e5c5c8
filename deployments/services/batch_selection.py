"""Select the waiting texts that form the next batch.

The model pads every text in a batch to the length of the longest one, and padding takes as much
time as text. So a batch contains texts of similar length, and as many of them as pay off: its cost
is its tokens, padding included, plus a fixed start; its value is the tokens that are text.
"""

from itertools import accumulate, product

# In tokens: with ONNX Runtime, a batch of the shipped model takes about 4.1 ms on one core, and
# each of its tokens 0.25 ms more (`python -m benchmarks.calibrate`). It is 15 tokens with
# onnx-int8, 28 with openvino, and 60 with torch, but one figure serves them all: with 60, torch
# answers 1.02 to 1.04 times as many texts, and onnx 0.95 times.
START_COST = 17


def select_batch(lengths: list[int], budget: int) -> list[int]:
    """Return the indices of the texts in the next batch.

    The batch always contains the oldest text; the others are nearest to it in length. Its size,
    padding included, is at most `budget` tokens, unless the oldest text alone is longer. Of all
    such batches, this is the one with the most text for its cost.

    Args:
        lengths: The length in tokens of each waiting text, the oldest first.
        budget: The maximum number of tokens in the batch, padding included.
    """
    if not lengths:
        return []
    near = _nearest(lengths, budget)
    tokens_before = [0, *accumulate(lengths[index] for index in near)]
    oldest = near.index(0)

    def value_for_cost(batch: tuple[int, int]) -> float:
        first, last = batch
        cost = START_COST + (last + 1 - first) * lengths[near[last]]
        return (tokens_before[last + 1] - tokens_before[first]) / cost

    candidates = product(range(oldest + 1), range(oldest, len(near)))
    first, last = max(candidates, key=value_for_cost)
    return near[first : last + 1]


def _nearest(lengths: list[int], budget: int) -> list[int]:
    """Return the texts nearest in length to the oldest that fit the budget, shortest first."""

    def distance(index: int) -> tuple[bool, int]:
        return index > 0, abs(lengths[index] - lengths[0])

    near: list[int] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=distance):
        longest = max(longest, lengths[index])
        if near and longest * (len(near) + 1) > budget:
            break
        near.append(index)
    return sorted(near, key=lengths.__getitem__)

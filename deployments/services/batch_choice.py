"""Which of the texts that wait make the next batch.

Every text is padded to the longest of its batch, and padding costs as much as text. So a batch is made of texts of nearly the same
length, and it takes as many of them as pay: it costs its tokens, padding included, and a start; what it is worth is the tokens
that are text.
"""

from itertools import accumulate, product

START_COST = 25  # in tokens: one CPU core takes about 6 ms for a batch of the shipped model and 0.25 ms for each of its tokens


def choose(lengths: list[int], budget: int) -> list[int]:
    """Return the indices of the next batch, given the lengths in tokens of what waits, oldest first.

    The oldest is always in it; the others are nearest to it in length. Padded to its longest, a batch has at most `budget`
    tokens, unless the oldest alone is over it. Of all such batches it is the one with the most text for its cost.
    """
    if not lengths:
        return []
    near = _nearest(lengths, budget)
    tokens_before = [0, *accumulate(lengths[index] for index in near)]
    oldest = near.index(0)

    def worth(batch: tuple[int, int]) -> float:
        first, last = batch
        cost = START_COST + (last + 1 - first) * lengths[near[last]]
        return (tokens_before[last + 1] - tokens_before[first]) / cost

    first, last = max(product(range(oldest + 1), range(oldest, len(near))), key=worth)
    return near[first : last + 1]


def _nearest(lengths: list[int], budget: int) -> list[int]:
    """Return the indices of the texts nearest in length to the oldest, as many as the budget allows, shortest first."""
    near, longest = [], 0
    for index in sorted(
        range(len(lengths)), key=lambda index: (index > 0, abs(lengths[index] - lengths[0]))
    ):
        longest = max(longest, lengths[index])
        if near and longest * (len(near) + 1) > budget:
            break
        near.append(index)
    return sorted(near, key=lengths.__getitem__)

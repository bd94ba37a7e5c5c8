"""Which of the waiting texts run together."""

import pytest

from deployments.services.batch_selection import select_batch


@pytest.mark.parametrize(
    ("lengths", "budget", "batch"),
    [
        ([], 10, []),
        ([5], 100, [0]),
        ([500], 100, [0]),
        ([10, 10, 10], 30, [0, 1, 2]),
        ([10, 90, 11, 9], 30, [0, 2]),
        ([2, 3, 50], 10, [0, 1]),
        (
            [8] * 10 + [60],
            1000,
            list(range(10)),
        ),  # all would fit; but then ten texts would be padding for the most part
        ([60] + [8] * 10, 1000, [0]),
        ([30, 25, 30, 25], 1000, [1, 3, 0, 2]),  # here the padding costs less than a second batch
    ],
)
def test_select_batch(lengths: list[int], budget: int, batch: list[int]) -> None:
    assert select_batch(lengths, budget) == batch

"""Which choice of int8 layers is the best one."""

from pathlib import Path

import pytest

from benchmarks.int8 import Candidate, best


def row(
    name: str, agreement: float, accuracy: float, speed: float, engine: str = "onnx-int8"
) -> Candidate:
    return Candidate(name, engine, Path(), [], agreement, accuracy, [speed, speed * 3, speed / 2])


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([row("slow", 0.995, 0.90, 1.4), row("fast", 0.99, 0.90, 1.6)], "fast"),
        ([row("slow", 0.995, 0.90, 1.4), row("disagrees", 0.989, 0.90, 1.6)], "slow"),
        ([row("slow", 0.995, 0.90, 1.4), row("wrong", 0.995, 0.896, 1.6)], "slow"),
        ([row("slow", 0.995, 0.90, 1.4), row("bf16", 1.0, 0.90, 2.0, "openvino-bf16")], "slow"),
        ([row("disagrees", 0.98, 0.90, 1.6)], None),
    ],
)
def test_the_fastest_that_is_close_to_fp32(rows: list[Candidate], name: str | None) -> None:
    found = best(rows, fp32_accuracy=0.90)
    assert (found.name if found else None) == name

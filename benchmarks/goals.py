"""The goals: ratios and differences of figures of the same round, their medians, and verdicts.

Figures have names such as `saturation/short/in-process`, and a value for each round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import median as middle

from hostlab.measure.statistics import Figure

Measured = Mapping[str, Sequence[float]]
PEERS = {
    "litserve": "LitServe",
    "bentoml": "BentoML",
    "ray": "Ray Serve",
    "mosec": "mosec",
    "infinity": "infinity-emb",
}
SIMPLE = {"flask": "the lecture's Flask + pipeline", "fastapi": "FastAPI + pipeline"}
HALF = "in-process openvino-bf16"  # the service with that engine, where the processor can run it
REQUESTS = 20_000  # during which the growth of memory is measured


@dataclass(frozen=True)
class Goal:
    """A bound on `top` over `over`, on `top` minus `less`, or on `top` itself."""

    what: str
    top: str
    over: str | None = None
    less: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    unit: str = "×"

    @property
    def bound(self) -> str:
        """The bound in words."""
        if self.at_least is not None:
            return f"at least {self.at_least:g} {self.unit}"
        return f"at most {self.at_most:g} {self.unit}"


def _goals() -> list[Goal]:
    ours, limit = "saturation/short/in-process", "limit/short"
    goals = [
        Goal(
            "saturation, 32 clients, one text in each request, short: over R",
            ours,
            limit,
            at_least=0.85,
        ),
        Goal(
            "the same with openvino-bf16: over R", f"saturation/short/{HALF}", limit, at_least=1.6
        ),
        Goal(
            "labels of openvino-bf16 that agree with fp32",
            f"agreement/{HALF}",
            at_least=99.8,
            unit="%",
        ),
        Goal(
            "saturation, clients that send 32 texts, short: over R",
            "lists/short/in-process",
            limit,
            at_least=0.95,
        ),
    ]
    documented = {name: f"{name} documented" for name in PEERS} | {name: name for name in SIMPLE}
    with_our_file = {name: f"{name} onnx best" for name in PEERS | SIMPLE}
    for variants, words, bounds in (
        (documented, "as documented", {"short": 3.0, "mixed": 3.0}),
        (with_our_file, "at its best with the same ONNX file", {"short": 1.1, "mixed": 1.3}),
    ):
        for peer, variant in variants.items():
            for name, at_least in bounds.items():
                goals.append(
                    Goal(
                        f"over {(PEERS | SIMPLE)[peer]} {words}, {name}",
                        f"saturation/{name}/in-process",
                        f"saturation/{name}/{variant}",
                        at_least=at_least,
                    )
                )
    return [
        *goals,
        Goal(
            "one request at a time: p50 in-process minus tokenize + forward",
            "p50/in-process",
            less="p50/limit",
            at_most=1.2,
            unit="ms",
        ),
        Goal(
            "one request at a time: p50 with a gateway minus p50 in-process",
            "p50/separate-process",
            less="p50/in-process",
            at_most=1.2,
            unit="ms",
        ),
        Goal(
            "at 70 % of saturation, short: p99 over p50",
            "at 70 % p99/in-process",
            "at 70 % p50/in-process",
            at_most=2.5,
        ),
        Goal(
            "at three times saturation, short: goodput over saturation",
            "goodput/in-process",
            ours,
            at_least=0.92,
        ),
        Goal(
            "at three times saturation: p95 of a rejection",
            "rejection p95/in-process",
            at_most=10,
            unit="ms",
        ),
        Goal(
            "from start to ready, in-process: over the bare script",
            "start/in-process",
            "start/bare",
            at_most=1.5,
        ),
        Goal(
            "from start to ready, in-process: over the engine torch",
            "start/in-process",
            "start/torch",
            at_most=0.3,
        ),
        Goal(
            "peak memory of the model process: over the bare script",
            "memory/in-process",
            "memory/bare",
            at_most=1.4,
        ),
        Goal(
            "peak memory of the model process: over the engine torch",
            "memory/in-process",
            "memory/torch",
            at_most=0.45,
        ),
        Goal(
            f"memory in the last quarter of {REQUESTS:,} requests: over the second quarter",
            "growth/last quarter",
            "growth/second quarter",
            at_most=1.02,
        ),
    ]


GOALS = _goals()


def values(goal: Goal, measured: Measured) -> list[float]:
    """Return the goal's value in each round, or no values if one of its figures is missing."""
    tops = measured.get(goal.top, [])
    if goal.over is None and goal.less is None:
        return list(tops)
    others = measured.get(goal.over or goal.less or "", [])
    pairs = zip(tops, others, strict=False)  # an interrupted round may lack the second figure
    if goal.over:
        return [top / other for top, other in pairs if other]
    return [top - other for top, other in pairs]


def median(numbers: Sequence[float], unit: str) -> Figure | None:
    """Return the median with an interval between two of the values, or None for no values.

    The interval holds the true median with a probability of at least 93 %, for any distribution.
    For five values, it is from the smallest to the largest. Fewer values have no interval.
    """
    if not numbers:
        return None
    ordered, count = sorted(numbers), len(numbers)
    outside, below = 0, 0.0  # how many values at each end are outside the interval
    while below + comb(count, outside) / 2**count <= 0.035:
        below += comb(count, outside) / 2**count
        outside += 1
    if not outside:
        return Figure(middle(ordered), unit, count=count)
    low, high = ordered[outside - 1], ordered[-outside]
    return Figure(middle(ordered), unit, low, high, count, "order statistics")


def holds(goal: Goal, figure: Figure | None) -> str:
    """Return whether the goal holds: yes, no, or not measured.

    The answer is not sure where the interval includes the bound, or where there is no interval.
    """
    if figure is None:
        return "not measured"

    def enough(value: float) -> bool:
        if goal.at_least is not None:
            return value >= goal.at_least
        return goal.at_most is not None and value <= goal.at_most

    verdict = "yes" if enough(figure.value) else "no"
    low, high = figure.low, figure.high
    sure = low is not None and high is not None and enough(low) == enough(high)
    return verdict if sure else f"{verdict}, not surely"

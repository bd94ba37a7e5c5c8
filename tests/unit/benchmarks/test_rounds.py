"""Which figures a round records, without a server and without a model."""

from collections.abc import Sequence

import psutil
import pytest

from benchmarks.limit import Limit, Setting
from benchmarks.rounds import Rounds
from benchmarks.targets import Target
from deployments.model.engines.types import EngineName

SETTING = Setting(workers=2, budget=256)


class FixedLimit(Limit):
    def __init__(self, engine: EngineName, per_s: float) -> None:
        self.engine, self.rate, self.best = engine, per_s, {"short": SETTING, "long": SETTING}

    def measure(self, name: str, texts: list[str], setting: Setting, seconds: float) -> float:
        assert setting == SETTING
        return self.rate


class FixedTarget(Target):
    def __init__(self, name: str, labels: Sequence[str] = ()) -> None:
        super().__init__(name, name)
        self.fixed = list(labels)

    def processes(self) -> list[psutil.Process]:
        return []

    def labels(self, texts: Sequence[str]) -> list[str]:
        return self.fixed


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Rounds:
    monkeypatch.setattr(Rounds, "closed", lambda *_: 80.0)
    sets = {"short": ["bad"], "long": ["very bad"]}
    return Rounds(sets, seconds=1.0, threads=2, progress=lambda _: None)


def test_the_limit_is_that_of_the_fastest_engine_and_torch_stands_beside_it(
    rounds: Rounds,
) -> None:
    limits = [FixedLimit("onnx", 100.0), FixedLimit("openvino", 110.0), FixedLimit("torch", 90.0)]
    rounds.saturation([FixedTarget("in-process"), FixedTarget("ray")], limits, {"ray": {"short"}})
    assert dict(rounds.figures) == {
        "limit/short": [110.0],
        "limit/long": [110.0],
        "torch limit/short": [90.0],
        "torch limit/long": [90.0],
        "saturation/short/in-process": [80.0],
        "saturation/long/in-process": [80.0],
        "saturation/short/ray": [80.0],
    }


def test_agreement_is_the_percentage_of_equal_labels(
    rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.rounds.AGREEMENT_TEXTS", 4)
    ours, half = FixedTarget("in-process", "PNPN"), FixedTarget("half", "PNPP")
    rounds.agreement(ours, half, number=0)
    assert rounds.figures["agreement/half"] == [75.0]

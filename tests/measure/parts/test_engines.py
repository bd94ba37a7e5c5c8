"""The engines beside each other: real processes for a moment, and which one is the best."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from hostlab.measure import machine
from hostlab.measure.parts import engines
from hostlab.measure.parts.engines import EngineEffort, EngineRow, best_engine, measure_engines
from hostlab.measure.report.engine_tables import best_sentence
from hostlab.measure.report.engine_tables import engines as table_of
from hostlab.measure.steps import finish

MOMENT = EngineEffort(rounds=2, requests=2, seconds=0.2)


def row(engine: str, per_s: float | None, agreement: float | None = 1.0) -> EngineRow:
    return EngineRow(engine, 1.0, 200.0, 5.0, per_s, agreement)


def test_each_engine_is_measured_in_its_own_process() -> None:
    steps = list(measure_engines(MOMENT, ("auto", "onnx", "torch")))
    result = steps[-1].result
    assert [one.engine for one in result.rows] == ["onnx", "torch"]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    for one in result.rows:
        assert one.error is None and one.agreement == 1.0
        assert min(one.start_s, one.peak_mb, one.p50_ms, one.per_s) > 0
    onnx, torch = result.rows
    assert onnx.peak_mb < torch.peak_mb and result.threads >= 1
    assert result.best in ("onnx", "torch")
    assert json.loads(json.dumps(asdict(result)))["texts"] == len(engines.evaluation_texts())


def test_what_cannot_run_has_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engines, "is_installed", lambda engine: engine != "openvino")
    monkeypatch.setenv("MODEL_ID", str(tmp_path))  # no model
    result = finish(measure_engines(MOMENT, ("openvino", "onnx")))
    assert result.best is None and "'.[openvino]'" in result.rows[0].error
    assert str(tmp_path) in result.rows[1].error
    data = asdict(result)
    assert [len(one) for one in table_of(data).rows] == [6, 6]
    assert "No engine could run" in best_sentence(data)


def test_a_process_that_dies_has_its_last_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text("raise SystemExit('out of luck')")
    monkeypatch.setattr(engines, "_WORKER", worker)
    monkeypatch.setattr(engines.exports, "provide", lambda *_: None)
    [one] = finish(measure_engines(MOMENT, ("onnx",))).rows
    assert one.error == "Its process ended early: out of luck"


@pytest.mark.parametrize(
    ("rows", "best"),
    [
        ([row("onnx", 100.0), row("openvino", 105.0)], "onnx"),
        ([row("onnx", 100.0), row("openvino-bf16", 250.0, 0.995)], "openvino-bf16"),
        ([row("onnx", 100.0), row("openvino-bf16", 250.0, 0.9)], "onnx"),
        ([row("onnx", None), row("torch", 50.0)], "torch"),
        ([row("onnx", None)], None),
    ],
    ids=["hardly faster", "faster", "other labels", "only torch", "none"],
)
def test_the_best_engine(rows: list[EngineRow], best: str | None) -> None:
    assert best_engine(rows) == best


def test_the_sentence_says_what_to_set() -> None:
    rows = [asdict(row("onnx", 100.0)), asdict(row("openvino", 250.0))]
    sentence = best_sentence({"best": "openvino", "rows": rows})
    assert "2.5 times" in sentence and "MODEL_ENGINE=openvino" in sentence
    assert "the default" in best_sentence({"best": "onnx", "rows": rows})


def test_the_texts_are_the_same_ones_each_time() -> None:
    texts = engines.evaluation_texts()
    assert texts == engines.evaluation_texts() and len(texts) == 400


@pytest.mark.parametrize(
    ("cpuinfo", "name", "features"),
    [
        (
            "model name: A processor\nflags: fpu avx2 avx512f avx512_vnni amx_tile amx_bf16\n",
            "A processor",
            ["AVX2", "AVX-512", "VNNI", "bf16", "AMX"],
        ),
        ("model name\t: An old one\nflags\t\t: fpu sse2\n", "An old one", []),
        ("Features\t: fp asimd\n", None, None),
        (None, None, None),
    ],
    ids=["new", "old", "Arm", "no such file"],
)
def test_the_processor(
    cpuinfo: str | None,
    name: str | None,
    features: list[str] | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        file.write_text(cpuinfo)
    monkeypatch.setattr(machine, "_CPUINFO", file)
    assert machine.features() == features
    assert machine.processor() and name in (None, machine.processor())

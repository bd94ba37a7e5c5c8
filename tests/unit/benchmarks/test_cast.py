"""Which peers a comparison has, and under which names their figures are found."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import cast
from benchmarks.cast import Cast, best_settings
from benchmarks.kinds import Kind
from benchmarks.sweep import best

SMALL, LARGE = {"BATCH_SIZE": 8}, {"BATCH_SIZE": 32}
SWEPT = {"BATCH_SIZE": [8, 32]}
RAY = Kind("ray", "Ray", ["ray==1"], ["ray.py"], documented=LARGE, sweep=SWEPT, sweep_onnx=SWEPT)
FLASK = Kind("flask", "Flask", ["flask==1"], ["flask.py"], sweep_onnx={"MODEL_THREADS": [1]})


def rows(name: str, small: tuple[int, int], large: tuple[int, int]) -> list[dict[str, Any]]:
    measured = [(SMALL, small), (LARGE, large)]
    return [
        {"peer": name, "setting": setting, "per_s": {"short": short, "mixed": mixed}}
        for setting, (short, mixed) in measured
    ]


def sweep_file(folder: Path, found: list[dict[str, Any]]) -> Path:
    file = folder / "sweep.json"
    file.write_text(json.dumps({"best": best(found)}))
    return file


def make(folder: Path, *kinds: Kind) -> Cast:
    chosen = {kind.name: kind for kind in kinds}
    return Cast(chosen, folder / "sweep.json", folder, folder, threads=2)


def test_the_best_of_a_sweep_is_found_again(tmp_path: Path) -> None:
    found = rows("ray onnx", small=(9, 5), large=(10, 4))
    assert best_settings(tmp_path / "sweep.json", "ray onnx") == []
    file = sweep_file(tmp_path, found)
    assert best_settings(file, "ray onnx") == [({"short"}, LARGE), ({"mixed"}, SMALL)]
    assert best_settings(file, "ray") == []
    file = sweep_file(tmp_path, found[:1])
    assert best_settings(file, "ray onnx") == [({"short", "mixed"}, SMALL)]


def test_with_the_transformers_model_one_setting_is_the_best(tmp_path: Path) -> None:
    file = sweep_file(tmp_path, rows("ray", small=(9, 5), large=(10, 4)))
    assert best_settings(file, "ray") == [({"short", "mixed"}, SMALL)]


def test_a_peer_is_measured_as_documented_and_at_its_best(tmp_path: Path) -> None:
    sweep_file(tmp_path, rows("ray", (9, 5), (10, 4)) + rows("ray onnx", (9, 5), (10, 4)))
    made = make(tmp_path, RAY)
    both, short, mixed = (
        "ray best of sweep, mixed and short",
        "ray onnx best of sweep, short",
        "ray onnx best of sweep, mixed",
    )
    assert {peer.name: made.only[peer.name] for peer in made.peers} == {
        "ray documented": {"short", "mixed"},
        both: {"short", "mixed"},
        short: {"short"},
        mixed: {"mixed"},
    }
    figures = {f"saturation/short/{both}": [1.0], f"saturation/mixed/{mixed}": [2.0]}
    made.fill_best(figures)
    assert figures["saturation/short/ray best"] == [1.0]
    assert figures["saturation/mixed/ray onnx best"] == [2.0]
    assert "saturation/short/ray onnx best" not in figures, "it was not measured"


def test_the_documented_settings_can_be_the_best(tmp_path: Path) -> None:
    sweep_file(tmp_path, rows("ray", (9, 5), (10, 6)))
    made = make(tmp_path, RAY)
    assert [peer.name for peer in made.peers] == ["ray documented"]
    figures = {"saturation/short/ray documented": [1.0]}
    made.fill_best(figures)
    assert figures["saturation/short/ray best"] == [1.0]


def test_without_a_sweep_a_remark_says_what_is_missing(tmp_path: Path) -> None:
    made = make(tmp_path, RAY, FLASK)
    assert [peer.name for peer in made.peers] == ["ray documented", "flask"]
    missing = [one for one in made.remarks if "sweep" in one]
    assert missing == [
        "The sweep has no best setting of ray.",
        "The sweep has no best setting of ray onnx.",
        "The sweep has no best setting of flask onnx.",
    ]


@pytest.mark.parametrize(
    ("installed", "features", "reason"),
    [
        (True, ["AVX2", "bf16"], None),
        (True, ["AVX2"], "this processor does not compute in bf16"),
        (True, None, "this processor does not compute in bf16"),
        (False, ["bf16"], "OpenVINO is not installed"),
    ],
)
def test_bf16_is_left_out_where_it_cannot_run(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    installed: bool,
    features: list[str] | None,
    reason: str | None,
) -> None:
    monkeypatch.setattr(cast, "is_installed", lambda engine: installed)
    monkeypatch.setattr(cast, "features", lambda: features)
    made = make(tmp_path)
    assert (made.half is None) == bool(reason)
    assert made.remarks == (
        [f"in-process, openvino-bf16 is left out, because {reason}."] if reason else []
    )

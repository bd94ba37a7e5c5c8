"""`hostlab up --engine`: the choice reaches the processes, and what cannot run is rejected."""

import json

import pytest

from deployments.model.engines.types import ENGINES as KNOWN
from hostlab import get
from hostlab.errors import BadInput
from hostlab.runtime import engines, state
from tests import programs


@pytest.fixture(autouse=True)
def stopped():
    yield
    for method in ("in-process", "separate-process"):
        get(method).stop()


def hostlab(*arguments: str, **environment: str):
    return programs.hostlab(*arguments, timeout_s=120, **(programs.NO_TOOLS | environment))


def test_the_names_are_those_of_the_model_and_auto() -> None:
    assert (engines.AUTO, *KNOWN) == engines.ENGINES
    assert {engine for engine in KNOWN if engines.is_installed(engine)} >= {"onnx", "torch"}


def test_an_engine_that_does_not_exist_is_wrong_use() -> None:
    for done in (
        hostlab("up", "in-process", "--engine", "tensorrt"),
        hostlab("up", "in-process", MODEL_ENGINE="tensorrt"),
    ):
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert "no engine 'tensorrt'" in done.stderr and ", ".join(engines.ENGINES) in done.stderr
    assert get("in-process").status().state == "stopped"


@pytest.mark.parametrize("method", ["docker", "kubernetes"])
@pytest.mark.parametrize("named", [True, False], ids=["option", "environment"])
def test_what_an_image_lacks_is_rejected_before_anything_starts(method: str, named: bool) -> None:
    if named:
        done = hostlab("up", "in-process", method, "--engine", "torch")
    else:
        done = hostlab("up", "in-process", method, MODEL_ENGINE="torch")
    assert done.returncode == 2
    assert f"{method} cannot run the engine torch" in done.stderr and "--engine onnx" in done.stderr
    assert get("in-process").status().state == "stopped"


@pytest.mark.parametrize("method", ["docker", "kubernetes"])
def test_python_rejects_it_before_it_looks_for_tools(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = get(method)
    monkeypatch.setattr(type(deployment.supervisor), "find", lambda self: None)
    monkeypatch.setenv("MODEL_ENGINE", "openvino")
    with pytest.raises(BadInput, match="cannot run the engine openvino"):
        deployment.start()
    assert state.read(method) is None
    for possible in ("", "auto", "onnx"):
        monkeypatch.setenv("MODEL_ENGINE", possible)
        engines.require_engine(method, deployment.engines)


def test_the_engine_is_shown_kept_and_not_changed_while_it_runs() -> None:
    assert hostlab("up", "separate-process", "--engine", "onnx-int8").returncode == 0
    shown = {one["method"]: one["engine"] for one in json.loads(hostlab("status", "--json").stdout)}
    assert shown["separate-process"] == "onnx-int8" and shown["in-process"] is None
    assert "onnx-int8" in hostlab("status").stdout
    again = hostlab("up", "separate-process", "--engine", "onnx")
    assert again.returncode == 0 and "runs already" in again.stdout
    assert "keeps its engine, onnx-int8" in again.stderr
    assert hostlab("kill", "separate-process").returncode == 0
    assert get("separate-process").status().engine is None, "it does not run"
    assert hostlab("up", "separate-process").returncode == 0
    assert get("separate-process").status().engine == "onnx-int8", "restarted as it was"

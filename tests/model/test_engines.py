"""The engines agree on the shipped model, and an engine that cannot run says why."""

import importlib.util
from pathlib import Path

import pytest

from deployments.model.engines import open_export
from deployments.model.errors import ModelUnusable
from deployments.model.export import cached_export
from deployments.model.loading import load_classifier
from deployments.model.source import SHIPPED, find_source
from tests.model.tiny_models import TEXTS, assert_like_pipeline, save_model


@pytest.mark.parametrize("engine", ["onnx", "openvino", "torch"])
def test_engines_give_what_the_pipeline_gives(engine: str) -> None:
    if engine == "openvino" and not importlib.util.find_spec("openvino"):
        pytest.skip("needs OpenVINO")
    classifier = load_classifier(engine=engine)
    assert (classifier.engine, classifier.engine_note) == (engine, None)
    assert_like_pipeline(classifier, SHIPPED, [*TEXTS, "very " * 400])


def test_unknown_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_ENGINE", "nonsense")
    with pytest.raises(ModelUnusable, match=r"'nonsense' .*one of auto, onnx, onnx-int8, open"):
        load_classifier()


@pytest.mark.parametrize("device", ["nonsense", "cuda:99", "meta", "cpu:x"])
def test_device_that_is_not_there(
    device: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MODEL_DEVICE", device)
    with pytest.raises(ModelUnusable, match=f"MODEL_DEVICE is '{device}', .* Set it to cpu"):
        load_classifier(str(save_model(tmp_path)), engine="torch")


def test_bfloat16_needs_a_processor_that_computes_it() -> None:
    openvino = pytest.importorskip("openvino")
    folder = cached_export(find_source(str(SHIPPED)))
    if "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        labels = [label for label, _ in load_classifier(engine="openvino-bf16").predict(TEXTS[:2])]
        assert labels == [label for label, _ in load_classifier().predict(TEXTS[:2])]
    else:
        with pytest.raises(ModelUnusable, match=r"bfloat16, and this one does not\. Use openvino"):
            open_export("openvino-bf16", folder, threads=1)

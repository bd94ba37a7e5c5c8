"""The engine onnx-int8: made from the export, close to fp32, the same on all processors."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from deployments.model.engines import open_export
from deployments.model.errors import ModelUnusable
from deployments.model.export import cached_export, cached_int8
from deployments.model.export_files import INT8, NETWORK
from deployments.model.int8_settings import Int8Quality, Int8Settings
from deployments.model.loading import load_classifier
from deployments.model.quantization import linear_layers, write_int8
from deployments.model.source import SHIPPED, find_source
from deployments.model.treebank import read_sentences
from hostlab.runtime.paths import ROOT
from tests.model.tiny_models import TEXTS, save_model, tokenizer

TREEBANK = ROOT.parent / "shared" / "data" / "sst"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("int8") / "model", "distilbert", tokenizer())


@pytest.fixture(scope="module")
def shipped() -> Path:
    """The int8 export of the shipped model."""
    source = find_source(str(SHIPPED))
    return cached_int8(source, cached_export(source))


def int8_weights(network: Path) -> list[np.ndarray]:
    """Return the quantized weights, one matrix for each layer."""
    return [
        onnx.numpy_helper.to_array(one)
        for one in onnx.load(str(network)).graph.initializer
        if one.data_type == onnx.TensorProto.INT8 and len(one.dims) == 2
    ]


def test_the_shipped_choice_keeps_the_promised_labels(shipped: Path) -> None:
    settings = Int8Settings.read(SHIPPED / INT8)
    assert settings.quality is not None
    assert settings.quality.agreement >= 0.99
    assert settings.quality.accuracy >= settings.quality.fp32_accuracy - 0.003
    classifier, reference = load_classifier(engine="onnx-int8"), load_classifier(engine="onnx")
    assert (classifier.engine, classifier.engine_note) == ("onnx-int8", settings.note)
    if not TREEBANK.is_dir():
        pytest.skip("needs the treebank in ../shared/data/sst")
    examples = read_sentences(TREEBANK, "dev.txt")
    assert len(examples) == settings.quality.texts
    encodings = sorted(classifier.encode([text for text, _ in examples]), key=len)
    batches = [encodings[first : first + 16] for first in range(0, len(encodings), 16)]
    own, other = (
        np.concatenate([one.scores(batch) for batch in batches]) for one in (classifier, reference)
    )
    assert np.abs(own - other).max() > 1e-3, "it is not fp32"
    # Another processor may differ on a few texts.
    assert np.mean(own.argmax(axis=1) == other.argmax(axis=1)) >= 0.985


def test_the_shipped_export_is_small_and_follows_its_settings(shipped: Path) -> None:
    export = cached_export(find_source(str(SHIPPED)))
    assert (shipped / NETWORK).stat().st_size < 0.7 * (export / NETWORK).stat().st_size
    assert Int8Settings.read(shipped / INT8) == Int8Settings.read(SHIPPED / INT8)
    layers = linear_layers(export / NETWORK)
    assert len(layers) == 36 and "network.bert.encoder.layer.0.output.dense" in layers.values()
    assert 0 < len(int8_weights(shipped / NETWORK)) <= len(layers)


def test_no_processor_can_saturate(shipped: Path) -> None:
    """Without VNNI, processors add two products of 8-bit numbers in 16 bits."""
    weights = int8_weights(shipped / NETWORK)
    largest = max(int(np.abs(one.astype(np.int64)).max()) for one in weights)
    assert largest > 32 and 2 * 255 * largest <= 2**15 - 1


def test_the_file_gives_what_integer_arithmetic_gives(model: Path, tmp_path: Path) -> None:
    """Compare ONNX Runtime with an evaluator that only uses numpy, and no processor's shortcut."""
    source = find_source(str(model))
    folder = tmp_path / "int8"
    write_int8(cached_export(source), Int8Settings(), folder)
    assert int8_weights(folder / NETWORK)
    inputs = {
        name: np.array([[0, 40, 41, 2], [0, 50, 2, 1]], dtype=np.int64)
        if name == "input_ids"
        else np.array([[1, 1, 1, 1], [1, 1, 1, 0]], dtype=np.int64)
        for name in json.loads((folder / "description.json").read_text())["inputs"]
    }
    [exact] = ReferenceEvaluator(str(folder / NETWORK)).run(None, inputs)
    assert np.abs(open_export("onnx-int8", folder, 1).run(inputs) - exact).max() < 1e-3


def test_a_model_of_your_own_says_that_nothing_was_measured(model: Path) -> None:
    classifier = load_classifier(str(model), engine="onnx-int8")
    assert classifier.engine_note is not None and "was not measured" in classifier.engine_note
    reference = load_classifier(str(model), engine="onnx")
    scores = (one.scores(one.encode(TEXTS[:1])) for one in (classifier, reference))
    assert np.abs(np.subtract(*scores)).max() < 0.2


def test_settings_that_cannot_be_used(model: Path, tmp_path: Path) -> None:
    export = cached_export(find_source(str(model)))
    with pytest.raises(ModelUnusable, match=r"stays in fp32: \*\. Use onnx"):
        write_int8(export, Int8Settings(["*"]), tmp_path / "nothing")
    for wrong in ("{}", "[", '{"fp32": [], "quality": {"texts": 3}}'):
        (tmp_path / INT8).write_text(wrong)
        with pytest.raises(ModelUnusable, match=r"int8\.json has other contents"):
            Int8Settings.read(tmp_path / INT8)
    settings = Int8Settings(["a"], Int8Quality("data", 1, 1.0, 0.9, 0.91, "some"))
    settings.write(tmp_path / INT8)
    assert Int8Settings.read(tmp_path / INT8) == settings
    assert "100.0% of its labels" in settings.note and "90.0% are correct" in settings.note

"""A model that cannot give what the pipeline gives is refused, with a sentence that says why."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from deployments.model.errors import ModelUnusable
from tests.model.tiny_models import (
    change_config,
    load_torch,
    save_model,
    save_network,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("whole") / "model")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A usable model, for a test to damage."""
    return shutil.copytree(whole, tmp_path / "model")


def refusal(folder: Path) -> str:
    """Return why the model is refused."""
    with pytest.raises(ModelUnusable) as error:
        load_torch(folder)
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and "\x1b" not in text
    return text


@pytest.mark.parametrize(
    "architecture",
    ["bert", "roberta", "mpnet", "xlm-roberta", "deberta-v2", "gpt2", "llama"],
)
def test_weights_without_a_tokenizer(tmp_path: Path, architecture: str) -> None:
    assert "tokenizer" in refusal(save_network(tmp_path, architecture))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("content", ["{half", "", "[]", "null", b"\xff\xfe"])
def test_damaged_json(folder: Path, name: str, content: str | bytes) -> None:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    assert refusal(folder).startswith(f"{name} of tiny ")


def test_a_tokenizer_of_another_kind(folder: Path) -> None:
    (folder / "tokenizer_config.json").write_text("{}")  # BERT's own tokenizer has word pieces
    assert refusal(folder).startswith("The tokenizer of tiny cannot read a text: ")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_missing_files(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert "It needs config.json, model.safetensors, and a tokenizer." in refusal(folder)


@pytest.mark.parametrize("size", [0, 7, 100, -100])
def test_half_of_the_weights(folder: Path, size: int) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:size])
    assert "contains no usable text-classification model" in refusal(folder)


def test_a_pointer_of_git_lfs(folder: Path) -> None:
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n")
    assert "contains no usable text-classification model" in refusal(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("classifier.weight", 3),
        ("bert.embeddings.word_embeddings.weight", -1),  # no text of the trial has this token
        ("bert.pooler.dense.bias", 0),  # its activation makes a finite number of infinity
    ],
)
def test_weights_that_are_no_numbers(folder: Path, name: str, position: int, value: float) -> None:
    weights = load_file(folder / "model.safetensors")
    weights[name].view(-1)[position] = value
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert refusal(folder).startswith(f"The weights of tiny are damaged: {name} has values")


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({"1": "a", "2": "b", "3": "c", "4": "d", "5": "e"}, "numbers its labels 1, 2, 3, 4, 5. "),
        ({"joy": "0", "fear": "1"}, "numbers its labels fear, joy. Number them from 0 to 1"),
        (["a", "b", "c", "d", "e"], "is not a JSON object"),
        ({"0": "a", "1": "b"}, "has the shape (5,) instead of (2,)"),
        ({str(number): "a" for number in range(6)}, "has the shape (5,) instead of (6,)"),
        ({}, "has the shape (5,) instead of (0,)"),
        (None, "has the shape (5,) instead of (2,)"),
        ({"0": None, "1": "b", "2": "c", "3": "d", "4": "e"}, "Label 0 of tiny is None"),
        ({"0": "a", "1": ["b"], "2": "c", "3": "d", "4": "e"}, "Label 1 of tiny is ['b']"),
        ({"0": "a", "1": "b", "2": "\ud800", "3": "d", "4": "e"}, "Label 2 of tiny is '\\ud800'"),
    ],
)
def test_labels_that_do_not_name_the_outputs(folder: Path, labels: Any, reason: str) -> None:
    assert reason in refusal(change_config(folder, id2label=labels))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"vocab_size": 300}, "has the shape (261, 16) instead of (300, 16)"),
        ({"model_type": "roberta"}, "is not a model that classifies text: it has no classifier."),
        ({"model_type": "vit"}, "contains no usable text-classification model"),
        ({"model_type": "nonsense"}, "contains no usable text-classification model"),
        ({"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}, "custom code"),
    ],
)
def test_a_configuration_of_another_model(
    folder: Path, values: dict[str, Any], reason: str
) -> None:
    found = refusal(change_config(folder, **values))
    assert reason in found and len(found) < 600


def test_a_tokenizer_with_more_tokens_than_the_network(tmp_path: Path) -> None:
    found = refusal(save_model(tmp_path, vocab_size=100))
    assert "its tokenizer may belong to another model" in found


def test_an_unreadable_list_of_special_tokens(folder: Path) -> None:
    (folder / "special_tokens_map.json").write_text(json.dumps(["<pad>"]))
    assert refusal(folder).startswith("special_tokens_map.json of tiny is not a JSON object")

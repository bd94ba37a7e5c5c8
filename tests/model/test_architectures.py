"""Networks of many architectures give what the transformers pipeline gives, with torch."""

import json
from pathlib import Path
from typing import Any

import pytest
from transformers import CanineTokenizer, RoCBertTokenizer

from deployments.model.errors import ModelUnusable
from deployments.model.source import ModelSource
from deployments.model.transformers_model import load
from tests.model.tiny_models import (
    SPECIAL,
    assert_like_pipeline,
    load_torch,
    save_model,
    save_network,
    tokenizer,
)


@pytest.mark.parametrize(
    ("architecture", "max_tokens"),
    [
        ("bert", 66),
        ("distilbert", 66),
        ("roberta", 64),  # reserves the positions 0 and 1
        ("xlm-roberta", 64),
        ("mpnet", 64),
        ("gpt2", 66),  # calls them n_positions
        ("llama", 66),
        ("xlnet", 512),  # has no limit
    ],
)
def test_longer_texts_are_cut_to_what_the_network_can_read(
    tmp_path: Path, architecture: str, max_tokens: int
) -> None:
    folder = save_model(tmp_path, architecture)
    classifier = load_torch(folder)
    assert classifier.max_tokens == max_tokens
    assert len(classifier.encode(["long " * 500])[0]) == max_tokens
    assert_like_pipeline(classifier, folder)


def test_the_limit_of_the_tokenizer_counts_too(tmp_path: Path) -> None:
    folder = save_model(tmp_path, tokens=tokenizer(model_max_length=20))
    assert load_torch(folder).max_tokens == 20


@pytest.mark.parametrize(
    ("architecture", "types", "inputs"),
    [
        ("bert", (1, 0), ["input_ids", "attention_mask", "token_type_ids"]),
        ("xlnet", (0, 2), ["input_ids", "attention_mask", "token_type_ids"]),
        ("fnet", (1, 0), ["input_ids", "token_type_ids"]),
        ("distilbert", None, ["input_ids", "attention_mask"]),
    ],
)
def test_the_network_gets_the_inputs_that_it_takes(
    tmp_path: Path, architecture: str, types: tuple[int, int] | None, inputs: list[str]
) -> None:
    made = {"inputs": inputs} if architecture == "fnet" else {}
    options: dict[str, Any] = {"type_vocab_size": 4} if types else {}
    folder = save_model(tmp_path, architecture, tokenizer(types=types, **made), **options)
    model = load(ModelSource("tiny", folder))
    assert model.description.inputs == inputs
    assert_like_pipeline(model.classifier(threads=1), folder)


@pytest.mark.parametrize(
    ("architecture", "padding"),
    [("fnet", "none"), ("xlnet", "left"), ("bert", "right"), ("gpt2", "right")],
)
def test_padding_never_changes_a_score(tmp_path: Path, architecture: str, padding: str) -> None:
    model = load(ModelSource("tiny", save_model(tmp_path, architecture)))
    assert model.description.padding == padding


@pytest.mark.parametrize("architecture", ["gpt2", "llama"])
@pytest.mark.parametrize("side", ["left", "right", "no padding"])
def test_networks_that_read_from_left_to_right(
    tmp_path: Path, architecture: str, side: str
) -> None:
    pad = side != "no padding"
    tokens = tokenizer(pad=pad, side=side if pad else "right")
    options: dict[str, Any] = {} if pad else {"pad_token_id": None}
    folder = save_model(tmp_path, architecture, tokens, **options)
    model = load(ModelSource("tiny", folder))
    assert (model.description.padding == "none") is not pad
    assert_like_pipeline(model.classifier(threads=1), folder)


def test_network_and_tokenizer_that_name_different_tokens_for_padding(tmp_path: Path) -> None:
    # GPT-2 takes its answer from the last token that is not `pad_token_id` of the configuration
    folder = save_model(tmp_path, "gpt2", tokenizer(), pad_token_id=3)
    assert_like_pipeline(load_torch(folder), folder, ["a", "a longer text", f"a{SPECIAL['pad']}"])


def test_a_tokenizer_in_python(tmp_path: Path) -> None:
    sizes = {"num_hash_functions": 2, "num_hash_buckets": 8, "downsampling_rate": 2}
    windows = {"local_transformer_stride": 4, "upsampling_kernel_size": 2}
    folder = save_network(tmp_path, "canine", **sizes, **windows, type_vocab_size=2)
    CanineTokenizer().save_pretrained(folder)
    model = load(ModelSource("tiny", folder))
    assert model.tokenizer is None
    assert_like_pipeline(model.classifier(threads=1), folder)


def test_a_network_that_needs_more_than_text(tmp_path: Path) -> None:
    folder = save_model(tmp_path, "t5", d_model=16, d_ff=16, num_layers=1, num_heads=2, d_kv=8)
    with pytest.raises(ModelUnusable, match=r"tiny cannot classify a text: .*input other than"):
        load_torch(folder)


def test_an_input_that_the_services_do_not_pass_on(tmp_path: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
    numbers = {word: number for number, word in enumerate(words)}
    for name, content in {"vocab": "\n".join(words), "shape": numbers, "sound": numbers}.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / name).write_text(text)
    tokens = RoCBertTokenizer(*(str(tmp_path / name) for name in ("vocab", "shape", "sound")))
    folder = save_model(
        tmp_path / "model",
        "roc_bert",
        tokens,
        shape_embed_dim=8,
        shape_vocab_size=40,
        pronunciation_embed_dim=8,
        pronunciation_vocab_size=40,
    )
    with pytest.raises(ModelUnusable, match=r"makes .*input_shape_ids.* passes on only"):
        load_torch(folder)

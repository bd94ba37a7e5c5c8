"""Tiny models of many architectures, with random weights and a tokenizer that knows every byte."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

from deployments.model.classifier import Classifier
from deployments.model.source import ModelSource
from deployments.model.transformers_model import load

TEXTS = [
    "A fine film.",
    "No.",
    "It's " + "very " * 40 + "long",
    "Добрый день",
    "😀",
    "what? what?",
    "a\x00b\ttab\nline",
]
SPECIAL = {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>", "mask": "<mask>"}
LABELS = ["joy", "anger", "fear", "surprise", "calm"]
_BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
_SIZES: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "vocab_size": len(SPECIAL) + len(_BYTES),
    "max_position_embeddings": 66,
    "initializer_range": 0.5,  # large: whatever a network must not read would show in its score
    "bos_token_id": 0,
    "pad_token_id": 1,  # as in RoBERTa
    "eos_token_id": 2,
}
# What some architectures call the same, and what else makes them small
_NAMES = {
    "gpt2": {
        "n_positions": "max_position_embeddings",
        "n_embd": "hidden_size",
        "n_layer": "num_hidden_layers",
        "n_head": "num_attention_heads",
    },
    "xlnet": {
        "d_model": "hidden_size",
        "n_layer": "num_hidden_layers",
        "n_head": "num_attention_heads",
        "d_inner": "intermediate_size",
    },
    "distilbert": {
        "dim": "hidden_size",
        "n_layers": "num_hidden_layers",
        "n_heads": "num_attention_heads",
        "hidden_dim": "intermediate_size",
    },
}


def tokenizer(
    pad: bool = True, types: tuple[int, int] | None = None, side: str = "right", **options: Any
) -> PreTrainedTokenizerFast:
    """Return a tokenizer with a token for each byte.

    `types` are the token types of a text and of the special token at its end, if it has any.
    """
    vocabulary = {token: index for index, token in enumerate([*SPECIAL.values(), *_BYTES])}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    of_text, of_end = types or (0, 0)
    backend.post_processor = processors.TemplateProcessing(
        single=f"<s>:{of_text} $A:{of_text} </s>:{of_end}",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    special = {f"{name}_token": token for name, token in SPECIAL.items() if pad or name != "pad"}
    inputs = ["input_ids", *(["token_type_ids"] if types else []), "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_input_names=options.pop("inputs", inputs),
        padding_side=side,
        **special,
        **options,
    )


def letters(known: str) -> PreTrainedTokenizerFast:
    """Return a tokenizer that makes nothing of other letters, and adds no special tokens."""
    vocabulary = {token: index for index, token in enumerate(["<s>", "<pad>", *sorted(set(known))])}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE(vocab=vocabulary, merges=[])),
        pad_token="<pad>",
        model_input_names=["input_ids", "attention_mask"],
    )


def save_network(folder: Path, architecture: str = "bert", **options: Any) -> Path:
    """Write a network with random weights; return its folder."""
    names = _NAMES.get(architecture, {})
    sizes = {name: size for name, size in _SIZES.items() if name not in names.values()}
    sizes |= {name: _SIZES[size] for name, size in names.items()}
    if architecture == "xlnet":  # it has no positions
        sizes.pop("max_position_embeddings")
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {x: i for i, x in enumerate(LABELS)}}
    torch.manual_seed(0)
    config = AutoConfig.for_model(architecture, **(sizes | labels | options))
    network = AutoModelForSequenceClassification.from_config(config)
    with torch.no_grad():  # some architectures have a small range of their own for the weights
        for one in network.parameters():
            one.normal_(0, 0.5)
    network.save_pretrained(folder)
    return folder


def save_model(
    folder: Path,
    architecture: str = "bert",
    tokens: PreTrainedTokenizerFast | None = None,
    **options: Any,
) -> Path:
    """Write a network and a tokenizer; return their folder."""
    (tokens or tokenizer()).save_pretrained(folder)
    return save_network(folder, architecture, **options)


def change_config(folder: Path, **values: Any) -> Path:
    """Change values in config.json."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    return folder


def load_torch(folder: Path) -> Classifier:
    """Load a model with the engine torch."""
    return load(ModelSource("tiny", folder)).classifier(threads=1)


def assert_like_pipeline(
    classifier: Classifier, folder: Path | str, texts: list[str] = TEXTS
) -> None:
    """Compare texts, alone and in a list, with the transformers pipeline and each other."""
    reference = pipeline(
        "text-classification",
        model=str(folder),
        device="cpu",
        dtype=torch.float32,
        truncation=True,
        max_length=classifier.max_tokens,
    )
    expected = [reference([text])[0] for text in texts]
    scores = pytest.approx([one["score"] for one in expected], abs=1e-5)
    labels = [one["label"] for one in expected]
    for found in (classifier.predict(texts), [classifier.predict([text])[0] for text in texts]):
        assert [label for label, _ in found] == labels
        assert [score for _, score in found] == scores

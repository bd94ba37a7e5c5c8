"""Load a model with transformers, and find out how its network wants to be called.

A classifier gives what the transformers pipeline gives. A model that cannot do that is refused
here, before the service is ready.
"""

import inspect
from dataclasses import dataclass, replace
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from deployments.model.classifier import Classifier, TextEncoder
from deployments.model.description import Activation, Description, Padding
from deployments.model.encoders import (
    LONGEST_TRIED,
    SAMPLES,
    FastEncoder,
    SlowEncoder,
    has_equal_backend,
    require_vocabulary,
)
from deployments.model.engines.torch import TorchEngine
from deployments.model.errors import ModelUnusable, first_line
from deployments.model.probing import find_max_tokens, find_padding, require_logits
from deployments.model.source import ModelSource

_KNOWN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True)
class TransformersModel:
    """A model as transformers loads it, and its description.

    `tokenizer` is the fast tokenizer, or None for a model that has only a slow one.
    """

    network: torch.nn.Module
    description: Description
    encoder: TextEncoder
    tokenizer: Tokenizer | None

    def classifier(self, threads: int, reason: str | None = None) -> Classifier:
        """Return a classifier that runs the network with torch."""
        engine = TorchEngine(self.network)
        return Classifier(self.description, self.encoder, engine, "torch", threads, reason)


def load(source: ModelSource) -> TransformersModel:
    """Load a model.

    Raises:
        ModelUnusable: It cannot be loaded, or it cannot classify a text.
    """
    network, tokenizer = _from_pretrained(source)
    encoder: FastEncoder | SlowEncoder = (
        FastEncoder(tokenizer) if has_equal_backend(tokenizer) else SlowEncoder(tokenizer)
    )
    encoder.limit(LONGEST_TRIED)
    require_vocabulary(tokenizer, encoder, source)
    pad_id = _pad_id(network, tokenizer)
    described = Description(
        name=source.name,
        labels=_labels(network, source),
        activation=_activation(network),
        max_tokens=LONGEST_TRIED,
        inputs=_inputs(network, tokenizer),
        padding="none",
        pad_id=pad_id or 0,
        pad_type_id=int(getattr(tokenizer, "pad_token_type_id", 0) or 0),
    )
    max_tokens = find_max_tokens(network, tokenizer, described, encoder)
    encoder.limit(max_tokens)
    described = replace(described, max_tokens=max_tokens)
    require_logits(network, described, encoder, source)
    if pad_id is not None:
        side: Padding = "left" if tokenizer.padding_side == "left" else "right"
        described = replace(described, padding=find_padding(network, side, described, encoder))
    backend = encoder.tokenizer if isinstance(encoder, FastEncoder) else None
    return TransformersModel(network, described, encoder, backend)


def _from_pretrained(source: ModelSource) -> tuple[Any, Any]:
    hide_output: Any = transformers.utils.logging  # its functions have no types
    hide_output.set_verbosity_error()
    hide_output.disable_progress_bar()
    try:
        config = AutoConfig.from_pretrained(source.folder, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(source.folder, local_files_only=True)
        network, loaded = AutoModelForSequenceClassification.from_pretrained(
            source.folder,
            config=config,
            dtype=torch.float32,
            local_files_only=True,
            output_loading_info=True,
        )
    except Exception as error:  # transformers raises many types of them
        raise ModelUnusable(
            f"{source.name} (MODEL_ID) contains no usable text-classification model: "
            f"{first_line(error)}. It needs config.json, model.safetensors, and a tokenizer."
        ) from error
    if loaded["missing_keys"]:  # transformers would use random weights for them
        missing = ", ".join(sorted(loaded["missing_keys"]))
        raise ModelUnusable(
            f"{source.name} is not a model that classifies text: it has no {missing}."
        )
    return network.eval(), tokenizer


def _labels(network: Any, source: ModelSource) -> list[str]:
    """Return the labels in the order of the network's outputs."""
    config = network.config
    named = dict(config.id2label)
    if sorted(named) != list(range(config.num_labels)):
        found = ", ".join(map(str, sorted(named)))
        raise ModelUnusable(
            f"{source.name} numbers its labels {found}. Number them from 0 to "
            f"{config.num_labels - 1} in `id2label` of its config.json."
        )
    return [str(named[index]) for index in range(config.num_labels)]


def _activation(network: Any) -> Activation:
    """Return what the transformers pipeline applies to the logits."""
    if network.config.problem_type == "regression":
        return "identity"
    independent = network.config.problem_type == "multi_label_classification"
    return "sigmoid" if independent or network.config.num_labels == 1 else "softmax"


def _inputs(network: Any, tokenizer: Any) -> list[str]:
    """Return the inputs that the tokenizer makes and the network takes."""
    taken = inspect.signature(network.forward).parameters
    made = tokenizer(SAMPLES[0])
    return [name for name in _KNOWN_INPUTS if name in made and name in taken]


def _pad_id(network: Any, tokenizer: Any) -> int | None:
    """Return the token ID for padding; None if the model has none."""
    for pad_id in (tokenizer.pad_token_id, network.config.pad_token_id):
        if isinstance(pad_id, int) and pad_id >= 0:
            return pad_id
    return None

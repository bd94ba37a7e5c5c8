"""Load a model with transformers, and find out how its network wants to be called.

A classifier gives what the transformers pipeline gives. A model that cannot do that is refused
here, before the service is ready.
"""

import inspect
from dataclasses import dataclass, replace
from typing import Any

import torch
from tokenizers import Tokenizer

from deployments.model.classifier import Classifier, TextEncoder
from deployments.model.description import Description
from deployments.model.encoders import LONGEST_TRIED, SAMPLES, FastEncoder, open_encoder
from deployments.model.engines.torch import TorchEngine
from deployments.model.labels import activation, labels
from deployments.model.pretrained import from_pretrained
from deployments.model.probing import (
    find_max_tokens,
    find_padding,
    require_logits,
    require_pipeline_logits,
)
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
    network, tokenizer = from_pretrained(source)
    encoder = open_encoder(tokenizer, source)
    pad_id = _pad_id(network, tokenizer)
    described = Description(
        name=source.name,
        labels=labels(network),
        activation=activation(network),
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
    require_pipeline_logits(network, tokenizer, described, encoder, source)
    if pad_id is not None:
        described = replace(described, padding=find_padding(network, described, encoder))
    backend = encoder.tokenizer if isinstance(encoder, FastEncoder) else None
    return TransformersModel(network, described, encoder, backend)


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

"""Find out by trying how a network wants to be called.

Architectures differ in what they call their limits, and in whether padding changes their scores.
The transformers pipeline never notices, because it gives the network one text at a time.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from deployments.model.classifier import Encoding, TextEncoder, batch
from deployments.model.description import Description, Padding
from deployments.model.encoders import LONGEST_TRIED, SAMPLES, FastEncoder, SlowEncoder
from deployments.model.engines.torch import TorchEngine
from deployments.model.engines.types import Logits
from deployments.model.errors import ModelUnusable, first_line
from deployments.model.source import ModelSource

log = logging.getLogger("hostlab")

LONGEST_PADDED = 512  # longer texts run alone, see services/batching.py
DEFAULT_MAX_TOKENS = 512  # where neither the tokenizer nor the network has a limit
TOLERANCE = 1e-4  # of logits, relative to the largest: what the order of sums in fp32 can change
# What configurations call the number of positions
_LIMITS = (
    "max_position_embeddings",
    "n_positions",
    "max_sequence_length",
    "max_seq_len",
    "seq_length",
    "n_ctx",
)


def find_max_tokens(
    network: Any, tokenizer: Any, described: Description, encoder: FastEncoder | SlowEncoder
) -> int:
    """Return the largest number of tokens that the network can read.

    What the configuration says can be wrong by the positions that an architecture reserves: RoBERTa
    has 514 of them for 512 tokens. So the network is tried with that many.
    """
    config = network.config.get_text_config()
    limits = [getattr(config, name, None) for name in _LIMITS]
    stated = [one for one in limits if isinstance(one, int) and one > 0]
    limit = int(min(tokenizer.model_max_length, *stated[:1] or [DEFAULT_MAX_TOKENS]))

    def can_read(tokens: int) -> bool:
        try:
            _logits(network, described, [longest(encoder, tokens)])
        except Exception as error:  # each network and each operator has its own
            log.debug("%s cannot read %d tokens: %s", described.name, tokens, error)
            return False
        return True

    tried = min(limit, LONGEST_TRIED)
    if can_read(tried):
        return limit
    reads, fails = 0, tried
    while fails - reads > 1:
        middle = (reads + fails) // 2
        reads, fails = (middle, fails) if can_read(middle) else (reads, middle)
    return reads or limit  # if it reads nothing at all, require_logits says why


def longest(encoder: FastEncoder | SlowEncoder, tokens: int) -> Encoding:
    """Return the tokens of a text that is cut to so many. The encoder cuts there from now on."""
    encoder.limit(tokens)
    text = max(SAMPLES, key=lambda sample: len(encoder([sample])[0]))
    # Not more often than that, because a tokenizer in Python takes long. Three of four tokens of
    # a sample may be special ones, which are not repeated.
    [encoding] = encoder([f"{text} " * (4 * tokens // len(encoder([text])[0]) + 1)])
    return encoding


def require_logits(
    network: Any, described: Description, encoder: TextEncoder, source: ModelSource
) -> None:
    """Refuse a network that fails on a text, or whose outputs are no numbers or too few."""
    for encoding in filter(len, encoder(list(SAMPLES))):
        try:
            logits = _logits(network, described, [encoding])
        except Exception as error:  # each network and each operator has its own
            raise ModelUnusable(
                f"{source.name} cannot classify a text: {first_line(error)}. It may need an input "
                "other than text, or its tokenizer may belong to another model."
            ) from error
        if logits.shape != (1, len(described.labels)):
            raise ModelUnusable(
                f"{source.name} names {len(described.labels)} labels, but its network has an "
                f"output of shape {logits.shape[1:]}. Correct `id2label` in its config.json."
            )
        if not np.isfinite(logits).all():
            raise ModelUnusable(
                f"The weights of {source.name} are damaged: the output of the network is not a "
                "number. Download or train the model again."
            )


def require_pipeline_logits(
    network: Any,
    tokenizer: Any,
    described: Description,
    encoder: TextEncoder,
    source: ModelSource,
) -> None:
    """Refuse a network that needs more of its tokenizer than the services pass on."""
    for text in SAMPLES:
        [encoding] = encoder([text])
        if not len(encoding):
            continue
        cut = {"truncation": True, "max_length": described.max_tokens}
        made = tokenizer(text, return_tensors="pt", **cut)
        try:
            with torch.inference_mode():
                expected = network(**made).logits.numpy()
        except Exception as error:  # the pipeline itself cannot use this model
            log.debug("the pipeline fails for %s: %s", described.name, error)
            return
        if not agree(_logits(network, described, [encoding]), expected):
            raise ModelUnusable(
                f"{source.name} gives other results here than in the transformers pipeline. Its "
                f"tokenizer makes {', '.join(made)}, and a service passes on only "
                f"{', '.join(described.inputs)}. Choose another model."
            )


def find_padding(
    network: Any, described: Description, encoder: FastEncoder | SlowEncoder
) -> Padding:
    """Return on which side padding leaves the results as they are, or "none".

    The right comes first, even if the tokenizer says left: on the right, no position moves. XLNet
    is among those that need the left, because its answer is at the last token.
    """
    long = longest(encoder, min(described.max_tokens, LONGEST_PADDED))
    encoder.limit(described.max_tokens)
    texts = [*filter(len, encoder(list(SAMPLES))), long]
    alone = np.concatenate([_logits(network, described, [one]) for one in texts])
    sides: tuple[Padding, Padding] = ("right", "left")
    for side in sides:
        try:
            together = _logits(network, replace(described, padding=side), texts)
        except Exception as error:  # each network and each operator has its own
            log.debug("%s cannot be padded on the %s: %s", described.name, side, error)
            continue
        if agree(together, alone):
            return side
    return "none"


def _logits(network: Any, described: Description, encodings: Sequence[Encoding]) -> Logits:
    return TorchEngine(network, device="cpu").run(batch(described, encodings))


def agree(logits: Logits, expected: Logits) -> bool:
    """Return whether two results are the same, except for the order of sums in fp32."""
    bound = TOLERANCE * max(1.0, float(np.abs(expected).max()))
    return logits.shape == expected.shape and bool(np.abs(logits - expected).max() <= bound)

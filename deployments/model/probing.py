"""Find out by trying how a network wants to be called.

Architectures differ in what they call their limits, and in whether padding changes their scores.
The transformers pipeline never notices, because it gives the network one text at a time.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from deployments.model.classifier import Encoding, TextEncoder, batch
from deployments.model.description import Description, Padding
from deployments.model.encoders import LONGEST_TRIED, SAMPLES, FastEncoder, SlowEncoder
from deployments.model.engines.torch import TorchEngine
from deployments.model.engines.types import Logits
from deployments.model.errors import ModelUnusable, first_line
from deployments.model.source import ModelSource

log = logging.getLogger("hostlab")

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
    text = max(SAMPLES, key=lambda sample: len(encoder([sample])[0]))

    def can_read(tokens: int) -> bool:
        encoder.limit(tokens)
        longest = encoder([f"{text} " * tokens])
        try:
            _logits(network, described, longest)
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


def find_padding(
    network: Any, first: Padding, described: Description, encoder: TextEncoder
) -> Padding:
    """Return on which side padding leaves the results as they are, or "none".

    `first` is the side to try first.
    """
    texts = list(filter(len, encoder(list(SAMPLES))))
    alone = np.concatenate([_logits(network, described, [one]) for one in texts])
    second: Padding = "right" if first == "left" else "left"
    for side in (first, second):
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

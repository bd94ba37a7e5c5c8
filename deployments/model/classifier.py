"""Label texts with a tokenizer and an engine. All services use this class."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deployments.model.description import Description
from deployments.model.engines.types import Engine, EngineName, Inputs

Scores = NDArray[np.float32]  # of shape (texts, labels)


class Encoding(Protocol):
    """The tokens of one text. An Encoding of the package tokenizers is one."""

    @property
    def ids(self) -> list[int]:
        """The token IDs."""

    @property
    def type_ids(self) -> list[int]:
        """The token types: some networks tell parts of their input apart by them."""

    def __len__(self) -> int:
        """Return the number of tokens."""


class TextEncoder(Protocol):
    """Splits texts into tokens."""

    def __call__(self, texts: list[str]) -> Sequence[Encoding]:
        """Return the tokens of each text, cut to the length that the network can read."""


class Classifier:
    """A sequence classifier with its tokenizer.

    Several threads may classify at the same time, while another one encodes.

    Attributes:
        name: The name of the model, as /health reports it.
        engine: What runs the network.
        engine_note: What /health reports about the engine: why it is not the one that was asked
            for, or how precise it is; None if there is nothing to say.
        labels: All labels, in the order of the network's outputs.
        max_tokens: The number of tokens that the network reads; encode() cuts longer texts.
        threads: The number of batches that may run at the same time, each on one core.
    """

    def __init__(
        self,
        description: Description,
        encoder: TextEncoder,
        network: Engine,
        engine: EngineName,
        threads: int,
        engine_note: str | None = None,
    ) -> None:
        self.name, self.labels = description.name, description.labels
        self.engine, self.engine_note = engine, engine_note
        self.max_tokens, self.threads = description.max_tokens, threads
        self._description, self._encode, self._network = description, encoder, network

    def encode(self, texts: list[str]) -> Sequence[Encoding]:
        """Return the tokens of each text, cut to `max_tokens`."""
        return self._encode(texts)

    def classify(self, encodings: Sequence[Encoding]) -> list[tuple[str, float]]:
        """Return the best label and its score for each encoded text.

        The score is a probability, except for a regression, where it is the network's output. The
        texts run as one batch, padded to the longest, unless padding would change their scores.
        """
        scores = self.scores(encodings)
        best = scores.argmax(axis=1)
        values = scores[np.arange(len(scores)), best].tolist()
        return [(self.labels[one], value) for one, value in zip(best.tolist(), values, strict=True)]

    def scores(self, encodings: Sequence[Encoding]) -> Scores:
        """Return the score of every label, of shape (texts, labels), as `classify` does."""
        if not all(map(len, encodings)):
            raise ValueError("the tokenizer knows nothing of a text, so there is nothing to read")
        if self._description.padding == "none" and len(encodings) > 1:
            return np.concatenate([self.scores([one]) for one in encodings])
        logits = self._network.run(batch(self._description, encodings))
        if not np.isfinite(logits).all():  # JSON has no such numbers
            raise ValueError("the output of the network is not a finite number")
        return _activate(logits, self._description.activation)

    def predict(self, texts: list[str]) -> list[tuple[str, float]]:
        """Return the best label and its score for each text."""
        return self.classify(self.encode(texts))


def batch(described: Description, encodings: Sequence[Encoding]) -> Inputs:
    """Return the network's inputs, each of shape (texts, tokens of the longest text)."""
    shape = len(encodings), max(map(len, encodings))
    padding = {"input_ids": described.pad_id, "token_type_ids": described.pad_type_id}
    inputs: Inputs = {
        name: np.full(shape, padding.get(name, 0), dtype=np.int64) for name in described.inputs
    }
    for row, encoding in enumerate(encodings):
        tokens = len(encoding)
        place = slice(-tokens, None) if described.padding == "left" else slice(tokens)
        inputs["input_ids"][row, place] = encoding.ids
        if "attention_mask" in inputs:
            inputs["attention_mask"][row, place] = 1
        if "token_type_ids" in inputs:
            inputs["token_type_ids"][row, place] = encoding.type_ids
    return inputs


def _activate(logits: Scores, activation: str) -> Scores:
    if activation == "identity":
        return logits
    if activation == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    softmax: Scores = powers / powers.sum(axis=1, keepdims=True)
    return softmax
